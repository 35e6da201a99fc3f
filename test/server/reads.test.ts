import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDelivery, addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('eventRoutes()', () => {
  test.each([
    ['application/json', '{"a":1}', { body: { a: 1 } }],
    ['application/problem+json; charset=utf-8', '[1]', { body: [1] }],
    ['application/json', '{', { body: '{' }],
    ['text/plain', '{"a":1}', { body: '{"a":1}' }],
  ])('shows what was sent as %s: %s', async (content_type, text, shown) => {
    const id = await addEvent(api, { content_type, body: Buffer.from(text) });
    expect((await api.call('GET', `/v1/events/${id}`)).body).toMatchObject({ id, ...shown });
  });

  test('shows bytes that are no text in base64', async () => {
    const id = await addEvent(api, { body: Buffer.from([0xff, 0xfe]) });
    const { body } = await api.call('GET', `/v1/events/${id}`);
    expect(body).toMatchObject({ body: null, body_base64: '//4=' });
  });

  test.each(['evt_ffffffffffff00000000000000000000', 'evt_00000000000000000000000000000000', 'x'])(
    'answers 404 to the id "%s"',
    async (id) => {
      expect((await api.call('GET', `/v1/events/${id}`)).status).toBe(404);
      expect((await api.call('GET', `/v1/deliveries/${id}`)).status).toBe(404);
    },
  );

  test("another tenant's event is not there", async () => {
    const id = await addEvent(api, { tenant_id: 'ten_other' });
    expect((await api.call('GET', `/v1/events/${id}`)).status).toBe(404);
  });
});

describe('deliveryRoutes()', () => {
  test('shows a delivery with its attempts', async () => {
    const id = await addDelivery(api, { state: 'retrying', endpoint_id: 'ep_shown' });
    const delivery = await api.db('deliveries').where({ id }).first();
    await api.db('attempts').insert({
      delivery_id: id,
      delivery_created_at: delivery?.created_at ?? new Date(),
      cycle: 1,
      number: 1,
      started_at: new Date(),
      duration_ms: 12,
      status: 500,
      reason: 'status_500',
      response_headers: { server: 'x' },
      response_body: Buffer.from('<script>'),
      retry_after_ms: null,
    });
    const listed = await api.call('GET', '/v1/deliveries?endpoint_id=ep_shown&state=retrying');
    expect(listed.body).toMatchObject({ data: [{ id }], next_cursor: null });
    const { body } = await api.call('GET', `/v1/deliveries/${id}/attempts`);
    expect(body['data']).toMatchObject([{ number: 1, status: 500, response_body: '<script>' }]);
  });
});

describe('triggerRunRoutes()', () => {
  test('shows a run with the id of its workflow, to its tenant only', async () => {
    const id = await addRun(api, { cycle: 2 });
    const { body } = await api.call('GET', `/v1/trigger-runs/${id}`);
    expect(body).toMatchObject({ id, trigger: 'review', workflow_id: `${id}-c2` });
    const listed = await api.call('GET', `/v1/trigger-runs?event_id=${String(body['event_id'])}`);
    expect(listed.body).toMatchObject({ data: [{ id }] });
    const foreign = await addRun(api, { tenant_id: 'ten_other' });
    expect((await api.call('GET', `/v1/trigger-runs/${foreign}`)).status).toBe(404);
  });
});
