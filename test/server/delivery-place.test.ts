import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { attemptsOf } from '../../src/store/attempts.ts';
import type { DeliveryState } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('what a delivery waits for', () => {
  test('one in line names the first of its key, until that has ended', async () => {
    const endpoint_id = 'ep_lined';
    const line = { endpoint_id, order_key: 'order-1', started_at: null };
    const first = await addDelivery(api, { ...line, state: 'parked' });
    const created_at = new Date(Date.now() + 5);
    const id = makeId('dlv', created_at);
    await addDelivery(api, { ...line, id, created_at, is_in_line: true });
    const waiting = { order_key: 'order-1', is_in_line: true, waits_for: first };
    const place = async (): Promise<unknown> =>
      (await api.call('GET', `/v1/deliveries/${id}`)).body;
    expect(await place()).toMatchObject(waiting);
    const set = async (of: string, state: DeliveryState): Promise<unknown> =>
      api.db('deliveries').where({ id: of }).update({ state });
    await set(id, 'cancelled');
    expect(await place()).toMatchObject({ is_in_line: false, waits_for: null });
    await set(id, 'pending');
    await set(first, 'delivered');
    expect(await place()).toMatchObject({ ...waiting, waits_for: null });
  });

  test('its own schedule and what it replays are told, and a first attempt that waits for its turn', async () => {
    const next_attempt_at = new Date(Date.now() + 60_000);
    const replay_of = makeId('dlv');
    const own = { schedule_ms: [0, 7000], replay_of, last_reason: 'rate_limited' };
    const id = await addDelivery(api, { ...own, started_at: new Date(), next_attempt_at });
    const { body } = await api.call('GET', `/v1/deliveries/${id}`);
    expect(body).toMatchObject({
      schedule: [0, 7000],
      replay_of,
      order_key: null,
      ladder: [
        { state: 'scheduled', at: next_attempt_at.toISOString() },
        { planned_wait_ms: 7000, state: 'waiting' },
      ],
    });
    await api.db('attempts').insert({
      ...attemptsOf(id),
      cycle: 1,
      number: 1,
      started_at: new Date(),
      duration_ms: 12,
      status: 500,
      reason: 'status',
      response_headers: {},
      response_body: Buffer.from('no'),
      retry_after_ms: null,
    });
    const { body: attempts } = await api.call('GET', `/v1/deliveries/${id}/attempts`);
    expect(attempts['data']).toMatchObject([{ next_wait_ms: 7000 }]);
  });
});
