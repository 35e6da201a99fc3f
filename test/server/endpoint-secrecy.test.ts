import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRequest } from '../../activities/attempt-request.ts';
import { makeHttpClient } from '../../activities/http.ts';
import { makeTokens } from '../../activities/oauth-tokens.ts';
import type { SendTest } from '../../server/routes/endpoint-tests.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';
import { makeAuthority } from '../support/tls.ts';
import { addDelivery, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const http = makeHttpClient(makeEgress(['127.0.0.0/8']));
const sealer = makeSealer(randomBytes(32));
const signing = `whsec_${Buffer.from('canary-signing-key').toString('base64')}`;
let api: ServedApi;
let consumer: Consumer;
const told: string[] = [];

beforeAll(async () => {
  consumer = await startConsumer();
  const db = await freshDatabase();
  const log = pino({ level: 'trace' }, { write: (line: string) => void told.push(line) });
  const parts = { timeoutMs: 2000, userAgent: 'test', tokens: makeTokens(http) };
  const sendTest: SendTest = (sent) =>
    sendRequest({ db, sealer, http, ...parts }, { ...sent, number: 1, isTest: true });
  const makeEndpointSecret = (): string => signing;
  api = await serveApi({
    db,
    log,
    sealer,
    sendTest,
    makeEndpointSecret,
    refuseUrl: () => undefined,
  });
});
afterAll(async () => {
  await api.close();
  await http.close();
  await consumer.close();
});

/** A request whose answer is kept, to be looked through. */
async function ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await api.call(method, path, body);
  told.push(answer.text, JSON.stringify([...answer.headers]));
  return answer.body;
}

/** All that is in the database; what is sealed stands there as it is kept. */
async function dump(): Promise<string> {
  const { rows } = await api.db.raw<{ rows: { name: string }[] }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace`,
  );
  const texts = rows.map(async ({ name }) => {
    const table = await api.db.raw<{ rows: unknown[] }>(`select to_jsonb(t) as row from ${name} t`);
    return JSON.stringify(table.rows);
  });
  return (await Promise.all(texts)).join('\n');
}

test('no secret of an endpoint is answered, logged or kept in the clear', async () => {
  const authority = makeAuthority();
  const [pair, other] = [authority.issue('acme'), authority.issue('other')];
  authority.close();
  const keyText = pair.key.split('\n')[1] ?? '';
  const auths = [
    { kind: 'basic', username: 'acme', password: 'canary-password' },
    { kind: 'bearer', token: 'canary-token' },
    {
      kind: 'oauth2',
      token_url: `${consumer.url}/token`,
      client_id: 'acme',
      client_secret: 'canary-client',
    },
    { kind: 'mtls', certificate: pair.certificate, key: pair.key },
  ];
  const base = { url: `${consumer.url}/hook`, event_types: ['*'] };
  for (const auth of auths) {
    const url = auth.kind === 'mtls' ? 'https://127.0.0.1:1/' : base.url;
    const made = await api.call('POST', '/v1/endpoints', { ...base, url, auth });
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.body;
    expect(secret).toBe(signing); // This once.
    told.push(JSON.stringify(shown));
    const id = String(made.body['id']);
    const path = `/v1/endpoints/${id}`;
    await ask('PATCH', path, { auth });
    await ask('PATCH', path, { auth: { ...auth, colour: 'red' }, rate_limit: 0 });
    await ask('PATCH', path, { auth: { ...auth, kind: 'digest' } });
    await ask('PATCH', path, JSON.stringify({ auth }).replace('}}', '}'));
    for (const text of Object.values(auth)) await ask('PATCH', path, `{"auth": ${text}}`);
    await ask('POST', `${path}/test-events`, {});
    const event_id = await addEvent(api, { direction: 'outbound', source: 'platform' });
    const delivery = await addDelivery(api, { endpoint_id: id, event_id });
    for (const each of ['', '/secrets', '/test-events']) await ask('GET', `${path}${each}`);
    await ask('GET', `/v1/events/${event_id}/explain`);
    for (const each of ['', '/attempts', '/request']) {
      await ask('GET', `/v1/deliveries/${delivery}${each}`);
    }
  }
  const wrong = { kind: 'mtls', certificate: other.certificate, key: pair.key };
  await ask('POST', '/v1/endpoints', { ...base, auth: wrong });
  await ask('POST', '/v1/endpoints', { ...base, headers: { authorization: 'canary-token' } });
  await ask('POST', '/v1/endpoints', {
    ...base,
    auth: { kind: 'bearer', token: 'canary-token\n' },
  });
  for (const list of ['endpoints', 'deliveries', 'audit-log']) await ask('GET', `/v1/${list}`);
  expect((await ask('GET', '/v1/audit-log'))['data']).not.toHaveLength(0);

  const all = [...told, await dump()].join('\n');
  expect(all.length).toBeGreaterThan(20_000);
  for (const canary of ['canary', keyText, signing.slice('whsec_'.length)]) {
    for (const form of formsOf(canary))
      expect([canary, all.includes(form)]).toEqual([canary, false]);
  }
}, 60_000);

/** As it is, in a column of bytes, and within Base64 at each of the three places. */
function formsOf(text: string): string[] {
  const bases = [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${text}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [text, Buffer.from(text).toString('hex'), ...bases];
}
