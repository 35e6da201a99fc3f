import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { signPlatform, signStandard } from '../../src/runtime/signature.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const secret = 'whsec_c2VjcmV0';
const http = makeHttpClient(makeEgress(['127.0.0.0/8']));
const guarded = makeHttpClient(makeEgress([]));
let consumer: Consumer;
let api: ServedApi;
beforeAll(async () => {
  consumer = await startConsumer();
  api = await serveApi({
    refuseUrl: () => undefined,
    sendTest: (request) => http.post({ ...request, timeoutMs: 2000 }),
  });
});
afterAll(async () => {
  await api.close();
  await http.close();
  await guarded.close();
  await consumer.close();
});

async function addEndpoint(path: string, event_types = ['*'], at = api): Promise<string> {
  const { body } = await at.call('POST', '/v1/endpoints', {
    url: `${consumer.url}${path}`,
    event_types,
  });
  return String(body['id']);
}

describe('endpointTestRoutes()', () => {
  test('a test event is signed like a delivery, marked as a test, and not recorded', async () => {
    const id = await addEndpoint('/tested', ['review.completed']);
    await api.call('POST', `/v1/endpoints/${id}/pause`);
    const { status, body } = await api.call('POST', `/v1/endpoints/${id}/test-events`, {});
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { is_delivered: true, status: 200, reason: null, response_body: 'answer 200' },
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

  test('a consumer that fails is told with what it answered, and its endpoint stays enabled', async () => {
    const id = await addEndpoint('/gone');
    consumer.always('/gone', 410);
    const { body } = await api.call('POST', `/v1/endpoints/${id}/test-events`, {
      type: 'session.created',
    });
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
    const sendTest = (request: { url: string; headers: Record<string, string>; body: Buffer }) =>
      guarded.post({ ...request, timeoutMs: 2000 });
    const strict = await serveApi({ refuseUrl: () => undefined, sendTest });
    const id = await addEndpoint('/inside', ['*'], strict);
    const { body } = await strict.call('POST', `/v1/endpoints/${id}/test-events`, {});
    expect(body).toMatchObject({ is_delivered: false, status: null, reason: 'blocked' });
    expect(consumer.at('/inside')).toEqual([]);
    await strict.close();
  });

  test('a type that is not in the catalog is refused with the nearest one', async () => {
    const id = await addEndpoint('/typed');
    const path = `/v1/endpoints/${id}/test-events`;
    const { status, body } = await api.call('POST', path, { type: 'session.create' });
    expect([status, body['type']]).toEqual([422, '/problems/unknown-event-type']);
    expect(body['detail']).toContain('"session.created"');
    expect((await api.call('POST', path, { type: 'custom.order_paid' })).status).toBe(200);
  });

  test('a deleted endpoint is sent nothing', async () => {
    const id = await addEndpoint('/deleted');
    await api.call('DELETE', `/v1/endpoints/${id}`);
    expect((await api.call('POST', `/v1/endpoints/${id}/test-events`, {})).status).toBe(404);
    expect(consumer.at('/deleted')).toEqual([]);
  });
});
