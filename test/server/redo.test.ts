import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('deadLetterRoutes()', () => {
  test('a dead letter is redriven once: the second time it is refused', async () => {
    const id = await addDelivery(api);
    await recordDeadDelivery(api.db, { id, cycle: 1 }, 'status_500');
    const listed = await api.call('GET', '/v1/dead-letters?state=open&kind=delivery');
    expect(listed.body['data']).toEqual([
      expect.objectContaining({ id, kind: 'delivery', reason: 'status_500', state: 'open' }),
    ]);
    const first = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id, 'dlv_none'] });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      matched: 1,
      redriven: 1,
      remaining: 0,
      next_cursor: null,
      results: [
        { id, state: 'redriven' },
        { id: 'dlv_none', state: 'refused', reason: 'not found' },
      ],
    });
    expect(api.wakes()).toBe(1);
    const second = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id] });
    expect(second.body).toMatchObject({ redriven: 0, results: [{ id, state: 'refused' }] });
    const delivery = await api.call('GET', `/v1/deliveries/${id}`);
    expect(delivery.body).toMatchObject({ state: 'pending', cycle: 2 });
    expect(api.wakes()).toBe(1);
  });

  test("another tenant's dead letter is not found", async () => {
    const id = await addDelivery(api, { tenant_id: 'ten_other' });
    await recordDeadDelivery(api.db, { id, cycle: 1 }, 'status_500');
    const { body } = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id] });
    expect(body['results']).toEqual([{ id, state: 'refused', reason: 'not found' }]);
    expect(await api.db('deliveries').where({ id }).first()).toMatchObject({ cycle: 1 });
  });

  test.each([[[]], [Array.from({ length: 1001 }, () => 'dlv_1')]])(
    'takes 1 to 1,000 ids',
    async (ids) => {
      expect((await api.call('POST', '/v1/dead-letters/redrive', { ids })).status).toBe(422);
    },
  );
});
