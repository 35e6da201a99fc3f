import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRequest } from '../../activities/attempt-request.ts';
import { makeHttpClient } from '../../activities/http.ts';
import { makeTokens } from '../../activities/oauth-tokens.ts';
import type { SendTest } from '../../server/routes/endpoint-tests.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { sealAuth } from '../../src/runtime/endpoint-auth.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { signPlatform, signStandard } from '../../src/runtime/signature.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const secret = 'whsec_c2VjcmV0';
const sealer = makeSealer(randomBytes(32));
const http = makeHttpClient(makeEgress(['127.0.0.0/8']));
const guarded = makeHttpClient(makeEgress([]));
const clock = { at: new Date() };
let consumer: Consumer;
let api: ServedApi;
beforeAll(async () => {
  consumer = await startConsumer();
  api = await serve(http);
});
afterAll(async () => {
  await api.close();
  await http.close();
  await guarded.close();
  await consumer.close();
});

/** The API, whose test events go out as attempts do. */
async function serve(client: typeof http): Promise<ServedApi> {
  const db = await freshDatabase();
  const sendParts = { timeoutMs: 2000, userAgent: 'Durahook/test', tokens: makeTokens(client) };
  const sendTest: SendTest = (sent) =>
    sendRequest({ db, sealer, http: client, ...sendParts }, { ...sent, number: 1, isTest: true });
  return serveApi({ db, sealer, sendTest, now: () => clock.at, refuseUrl: () => undefined });
}

async function addEndpoint(path: string, event_types = ['*'], at = api): Promise<string> {
  const { body } = await at.call('POST', '/v1/endpoints', {
    url: `${consumer.url}${path}`,
    event_types,
  });
  return String(body['id']);
}

const sendTo = (id: string, body: object = {}, at = api) =>
  at.call('POST', `/v1/endpoints/${id}/test-events`, body);

const listOf = async (id: string): Promise<Record<string, unknown>[]> => {
  const { body } = await api.call('GET', `/v1/endpoints/${id}/test-events`);
  return body['data'] as Record<string, unknown>[];
};

const set = (id: string, change: Partial<EndpointRow>) =>
  api.db('endpoints').where({ id }).update(change);

describe('POST test-events', () => {
  test('is signed like a delivery, marked as a test, and no delivery is made', async () => {
    const id = await addEndpoint('/tested', ['review.completed']);
    await api.call('POST', `/v1/endpoints/${id}/pause`);
    const { status, body } = await sendTo(id);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        is_test: true,
        is_delivered: true,
        status: 200,
        reason: null,
        deadline_ms: 2000,
        response_body: 'answer 200',
        timings: { dns_ms: null, tls_ms: null, first_byte_ms: expect.any(Number) as unknown },
      },
    });
    const [arrival] = consumer.at('/tested');
    const headers = arrival?.headers ?? {};
    const sent = arrival?.body ?? '';
    const timestamp = String(headers['webhook-timestamp']);
    const webhookId = String(headers['webhook-id']);
    expect(headers).toMatchObject({
      'x-webhook-test': 'true',
      'x-webhook-event': 'review.completed',
      'webhook-signature': signStandard(secret, { id: webhookId, timestamp, body: sent }),
      'x-webhook-signature': signPlatform(secret, timestamp, sent),
    });
    expect(JSON.parse(sent)).toMatchObject({ type: 'review.completed', data: { issues_found: 3 } });
    expect(body['request_body']).toBe(sent);
    expect(await api.db('deliveries').where({ endpoint_id: id })).toEqual([]);
  });

  test('is built with the format, headers, auth and timeout of its endpoint', async () => {
    const id = await addEndpoint('/as-set');
    await set(id, {
      format: 'cloudevents-binary',
      headers: { 'x-team': 'a' },
      auth: { kind: 'bearer' },
      auth_sealed: sealAuth(sealer, id, { token: 's3cret' }),
      timeout_ms: 1500,
    });
    const { body, text } = await sendTo(id, { type: 'session.archived' });
    const [arrival] = consumer.at('/as-set');
    expect(arrival?.body).toBe('{"session_id":"ses_1"}');
    expect(arrival?.headers).toMatchObject({
      'ce-type': 'session.archived',
      'ce-source': `/durahook/${api.tenantId}`,
      'x-team': 'a',
      authorization: 'Bearer s3cret',
    });
    expect(body).toMatchObject({
      deadline_ms: 1500,
      request_headers: { authorization: '***', 'ce-type': 'session.archived', 'x-team': 'a' },
    });
    expect(text).not.toContain('s3cret');
  });

  test('without a token nothing is sent, and nothing of it is shown', async () => {
    const id = await addEndpoint('/no-token');
    consumer.always('/token', 500);
    const token_url = `${consumer.url}/token`;
    await set(id, {
      auth: { kind: 'oauth2', token_url, client_id: 'c', scope: null },
      auth_sealed: sealAuth(sealer, id, { client_secret: 's3cret' }),
    });
    expect((await sendTo(id)).body).toMatchObject({
      is_delivered: false,
      status: null,
      reason: 'auth',
      request_headers: {},
      request_body: '',
      response_body: 'The token endpoint answered 500',
    });
    expect(consumer.at('/no-token')).toEqual([]);
  });

  test('a consumer that fails is told with what it answered, and its endpoint stays enabled', async () => {
    const id = await addEndpoint('/gone');
    consumer.always('/gone', 410);
    const { body } = await sendTo(id, { type: 'session.created' });
    expect(body).toMatchObject({
      is_delivered: false,
      status: 410,
      reason: 'gone',
      type: 'session.created',
      response_body: 'answer 410',
    });
    expect((await api.call('GET', `/v1/endpoints/${id}`)).body).toMatchObject({ state: 'enabled' });
  });

  test('an address inside the network is blocked as it is for deliveries', async () => {
    const strict = await serve(guarded);
    const id = await addEndpoint('/inside', ['*'], strict);
    const { body } = await sendTo(id, {}, strict);
    expect(body).toMatchObject({ is_delivered: false, status: null, reason: 'blocked' });
    expect(consumer.at('/inside')).toEqual([]);
    await strict.close();
  });

  test('a type that is not in the catalog is refused with the nearest one', async () => {
    const id = await addEndpoint('/typed');
    const { status, body } = await sendTo(id, { type: 'session.create' });
    expect([status, body['type']]).toEqual([422, '/problems/unknown-event-type']);
    expect(body['detail']).toContain('"session.created"');
    expect((await sendTo(id, { type: 'custom.order_paid' })).status).toBe(200);
  });

  test('a deleted endpoint is sent nothing', async () => {
    const id = await addEndpoint('/deleted');
    await api.call('DELETE', `/v1/endpoints/${id}`);
    expect((await sendTo(id)).status).toBe(404);
    expect(consumer.at('/deleted')).toEqual([]);
  });

  test('an endpoint is tested ten times a minute; what is refused does not count', async () => {
    const id = await addEndpoint('/often');
    const other = await addEndpoint('/other');
    const answers = await Promise.all(Array.from({ length: 10 }, () => sendTo(id)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await sendTo(id, { type: 'nothing' })).status).toBe(422);
    clock.at = new Date(clock.at.getTime() + 20_000);
    const { status, headers, body } = await sendTo(id);
    expect([status, body['type']]).toEqual([429, '/problems/too-many-requests']);
    expect(headers.get('Retry-After')).toBe('40');
    expect(consumer.at('/often')).toHaveLength(10);
    expect((await sendTo(other)).status).toBe(200);
    clock.at = new Date(clock.at.getTime() + 40_000);
    expect((await sendTo(id)).status).toBe(200);
  });
});

describe('GET test-events', () => {
  test('lists the tests of one endpoint as the audit log keeps them, newest first', async () => {
    const id = await addEndpoint('/listed');
    consumer.plan('/listed', 200, 503);
    await sendTo(id, { type: 'session.created' });
    await sendTo(id, { type: 'session.archived' });
    await sendTo(await addEndpoint('/another'));
    const tests = await listOf(id);
    const shared = { is_test: true, duration_ms: expect.any(Number) as unknown };
    expect(tests).toMatchObject([
      { ...shared, type: 'session.archived', status: 503, reason: 'status' },
      { ...shared, type: 'session.created', status: 200, reason: null },
    ]);
    const audit = await api.call('GET', `/v1/audit-log?action=endpoint.test&subject=${id}`);
    const entries = audit.body['data'] as Record<string, unknown>[];
    expect(entries[0]).toMatchObject({
      id: tests[0]?.['id'],
      detail: { ...shared, type: 'session.archived', status: 503, reason: 'status' },
    });
  });

  test('shows twenty, and leads on to the others', async () => {
    const id = await addEndpoint('/many');
    for (let count = 0; count < 21; count += 1) {
      clock.at = new Date(clock.at.getTime() + 10_000);
      await sendTo(id);
    }
    const path = `/v1/endpoints/${id}/test-events`;
    const { body } = await api.call('GET', path);
    expect(body['data']).toHaveLength(20);
    const next = await api.call('GET', `${path}?cursor=${String(body['next_cursor'])}`);
    expect(next.body).toMatchObject({ data: [{ is_test: true }], next_cursor: null });
  });

  test("another tenant's endpoint has none", async () => {
    const id = await addEndpoint('/private');
    const headers = { Authorization: `Bearer ${await api.makeKey(['read', 'write'])}` };
    const path = `/v1/endpoints/${id}/test-events`;
    expect((await api.fetch(path, { headers })).status).toBe(404);
    expect((await api.call('GET', path)).status).toBe(200);
  });
});
