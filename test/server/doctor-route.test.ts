import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthenticate } from '../../server/auth.ts';
import { generic as channel } from '../../server/channels/generic.ts';
import { makeIdempotency } from '../../server/idempotency.ts';
import { makeSessions } from '../../server/login.ts';
import { makeRejectedRequest } from '../../server/rejected-request.ts';
import { mount } from '../../server/route.ts';
import { signatureDoctorRoutes } from '../../server/routes/signature-doctor.ts';
import type { RawRequest } from '../../src/domain/channel.ts';
import { makeRejectedRequestKeeper } from '../../src/runtime/rejected-requests.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { recordIntegration } from '../../src/store/integrations.ts';
import { freshDatabase } from '../support/database.ts';
import { integrationOf, now, older, platform } from './doctor-cases.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const sealer = makeSealer(randomBytes(32));
const later = new Date(now.getTime() + 86_400_000);
const integration = { ...integrationOf('generic', 0, [older]), id: 'int_0' };
const path = '/v1/signature-doctor';

let db: Knex;
let api: ServedApi;
beforeAll(async () => {
  db = await freshDatabase();
  const log = pino({ level: 'silent' });
  const sessionParts = { secret: randomBytes(32), publicUrl: 'http://127.0.0.1', now: () => later };
  const sessions = makeSessions(sessionParts);
  const routes = signatureDoctorRoutes({ db, sealer, now: () => later, toleranceS: 300 });
  const parts = { db, log, sealer, now: () => later, sessions };
  const authenticate = makeAuthenticate(parts);
  api = await serveApi({
    db,
    ingress: mount(routes, { authenticate, idempotency: makeIdempotency(parts) }),
  });
  const { id, mode, scheme, username } = integration;
  await recordIntegration(
    db,
    {
      id,
      tenant_id: api.tenantId,
      channel: 'generic',
      mode,
      scheme,
      username,
      receive_id: null,
      tolerance_s: null,
      dedupe: null,
      description: null,
    },
    integration.secrets.map((secret) => ({
      id: secret.id,
      kind: secret.kind,
      sealed: sealer.seal(secret.id, secret.value),
      expires_at: secret.expiresAt,
    })),
  );
});
afterAll(async () => api.close());

/** Refuse a request as the ingress does, and keep it. */
async function keep(request: RawRequest): Promise<string> {
  const rejection = { kind: 'rejected', reason: 'signature_mismatch', detail: 'Sign' } as const;
  const owned = { ...integration, tenantId: api.tenantId };
  const rejected = makeRejectedRequest(rejection, { request, integration: owned, now }, channel);
  const keeper = makeRejectedRequestKeeper({ db, sealer, log: pino({ level: 'silent' }) });
  keeper.keep(rejected);
  await keeper.close();
  return rejected.id;
}

const at = now.toISOString();
const asBody = ({ method, query, headers, body }: RawRequest) => ({
  method,
  query,
  headers,
  body_base64: Buffer.from(body).toString('base64'),
});

describe('signatureDoctorRoutes()', () => {
  test('a kept request is judged by the time at which it came', async () => {
    const id = await keep(platform({ key: older.value }));
    const answer = await api.call('POST', path, { rejected_request_id: id });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ outcome: 'explained', reason: 'signature_mismatch' });
    expect(answer.body['findings']).toMatchObject([
      { code: 'older_secret', confidence: 'certain' },
    ]);
    expect(answer.text).toContain(`sec_older`);
    expect(answer.text).not.toContain(older.value);
  });

  test('a request that is given is judged by the time that is given, or now', async () => {
    const request = asBody(platform());
    const given = await api.call('POST', path, { integration_id: 'int_0', request, at });
    expect(given.body).toMatchObject({ outcome: 'verifies', reason: null, tried: 0 });
    const today = await api.call('POST', path, { integration_id: 'int_0', request });
    expect(today.body).toMatchObject({ reason: 'timestamp_out_of_tolerance' });
    expect(today.body['findings']).toMatchObject([{ code: 'clock_behind', confidence: 'certain' }]);
  });

  test('headers may be an object, the body a text', async () => {
    const { headers, body } = platform();
    const request = { headers: Object.fromEntries(headers), body: Buffer.from(body).toString() };
    const answer = await api.call('POST', path, { integration_id: 'int_0', request, at });
    expect(answer.body).toMatchObject({ outcome: 'verifies' });
  });

  test("another tenant's request and integration are not there", async () => {
    const Authorization = `Bearer ${await api.makeKey(['write'])}`;
    const headers = { Authorization, 'Content-Type': 'application/json' };
    const id = await keep(platform({ key: older.value }));
    const bodies = [
      { rejected_request_id: id },
      { integration_id: 'int_0', request: asBody(platform()) },
    ];
    for (const body of bodies) {
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      expect(await api.fetch(path, init)).toMatchObject({ status: 404 });
    }
  });

  test('a request that was too large to be kept is a problem that says so', async () => {
    const id = await keep(platform({ sent: 'a'.repeat(1_100_000) }));
    const answer = await api.call('POST', path, { rejected_request_id: id });
    expect(answer).toMatchObject({ status: 422, body: { type: '/problems/invalid-request' } });
    expect(answer.body['detail']).toContain('too large');
  });

  test('whoever finds ten waiting is told to come back, the others take turns', async () => {
    const request = asBody(
      platform({ key: 'of nobody', sent: JSON.stringify('a/'.repeat(50_000)) }),
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        api.call('POST', path, { integration_id: 'int_0', request, at }),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThan(10);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(refused[0]?.body['type']).toBe('/problems/unavailable');
    expect(refused[0]?.body['detail']).toContain('10 diagnoses are waiting');
  });

  test.each([
    ['nothing', {}],
    ['no request', { integration_id: 'int_0' }],
    [
      'both',
      { rejected_request_id: 'rej_0', integration_id: 'int_0', request: { headers: {}, body: '' } },
    ],
    [
      'two bodies',
      { integration_id: 'int_0', request: { headers: {}, body: '', body_base64: '' } },
    ],
    [
      'a header of two lines',
      { integration_id: 'int_0', request: { headers: { a: 'b\nc' }, body: '' } },
    ],
    ['an instant without a zone', { rejected_request_id: 'rej_0', at: '2026-01-01T00:00:00' }],
  ])('%s is refused', async (_, body) => {
    expect(await api.call('POST', path, body)).toMatchObject({ status: 422 });
  });
});
