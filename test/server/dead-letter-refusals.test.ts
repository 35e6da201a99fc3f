import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordFailedRun } from '../../src/store/dead-letters.ts';
import { addDead } from './dead-letter-rows.ts';
import { addEndpoint, addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const redrive = (body: object): Promise<Answer> =>
  api.call('POST', '/v1/dead-letters/redrive', body);

/** A dead letter whose endpoint is as `endpoint` says, and its event as `event` does. */
async function addDeadAt({ endpoint = {}, event = {} }: { endpoint?: object; event?: object }) {
  const endpoint_id = await addEndpoint(api);
  if (Object.keys(endpoint).length > 0) {
    await api.db('endpoints').where({ id: endpoint_id }).update(endpoint);
  }
  const event_id = await addEvent(api, event);
  const id = await addDead(api, { endpoint_id, event_id });
  return { id, endpoint_id };
}

const rowOf = (id: string) => api.db('deliveries').where({ id }).first();
const letterOf = async (id: string) => (await api.call('GET', `/v1/dead-letters/${id}`)).body;

const unsendable = [
  ['endpoint is deleted', { endpoint: { deleted_at: new Date() } }, 'its endpoint is deleted'],
  [
    'endpoint is disabled',
    { endpoint: { state: 'disabled' } },
    'its endpoint is disabled: enable it first',
  ],
  [
    'payload is gone',
    { event: { payload_dropped_at: new Date() } },
    'the payload of its event is gone',
  ],
] as const;

describe('redriving what can not be sent', () => {
  test.each(unsendable)(
    'is refused when its %s, and its dead letter stays open',
    async (_, over, reason) => {
      const { id, endpoint_id } = await addDeadAt(over);
      const other = await addDeadAt({});
      const wakes = api.wakes();
      const { status, body } = await redrive({ ids: [id, other.id] });
      expect([status, body]).toMatchObject([
        202,
        {
          redriven: 1,
          results: [
            { id, state: 'refused', reason },
            { id: other.id, state: 'redriven' },
          ],
        },
      ]);
      expect(api.wakes()).toBe(wakes + 1);
      expect(await rowOf(id)).toMatchObject({ state: 'dead', cycle: 1 });
      expect(await letterOf(id)).toMatchObject({ state: 'open', settled_at: null });
      const bulk = await redrive({ filter: { endpoint_id } });
      expect(bulk.body).toMatchObject({
        matched: 1,
        redriven: 0,
        next_cursor: null,
        results: [{ id, state: 'refused', reason }],
      });
      expect(api.wakes()).toBe(wakes + 1);
    },
  );

  test.each(unsendable)(
    'is refused of the delivery itself when its %s',
    async (_, over, reason) => {
      const { id } = await addDeadAt(over);
      const wakes = api.wakes();
      const { status, body } = await api.call('POST', `/v1/deliveries/${id}/redrive`);
      expect([status, body]).toMatchObject([
        409,
        { type: '/problems/redrive-refused', detail: `"${id}": ${reason}` },
      ]);
      const bulk = await api.call('POST', '/v1/deliveries/redrive', { ids: [id] });
      expect(bulk.body).toMatchObject({ redriven: 0, results: [{ id, state: 'refused', reason }] });
      expect(await rowOf(id)).toMatchObject({ state: 'dead', cycle: 1 });
      expect(await letterOf(id)).toMatchObject({ state: 'open', settled_at: null });
      expect(api.wakes()).toBe(wakes);
    },
  );

  test('is said of what waits for a paused endpoint', async () => {
    const { id } = await addDeadAt({ endpoint: { state: 'paused' } });
    const { body } = await redrive({ ids: [id] });
    const reason = 'waits for its endpoint, which is paused';
    expect(body['results']).toEqual([{ id, state: 'redriven', reason }]);
    expect(await rowOf(id)).toMatchObject({ state: 'pending', cycle: 2 });
    expect(await letterOf(id)).toMatchObject({ state: 'redriven' });
  });

  test('is refused of a run whose event has no payload any more', async () => {
    const event_id = await addEvent(api, { payload_dropped_at: new Date() });
    const id = await addRun(api, { state: 'failed', event_id });
    const row = await api.db('trigger_runs').where({ id }).first();
    if (row) await recordFailedRun(api.db, row);
    const { body } = await redrive({ ids: [id] });
    expect(body['results']).toMatchObject([
      { id, state: 'refused', reason: 'the payload of its event is gone' },
    ]);
    const single = await api.call('POST', `/v1/trigger-runs/${id}/redrive`);
    expect([single.status, single.body['type']]).toEqual([409, '/problems/redrive-refused']);
    expect(await api.db('trigger_runs').where({ id }).first()).toMatchObject({ state: 'failed' });
  });
});

test('an endpoint that is enabled again takes its dead letters', async () => {
  const { id, endpoint_id } = await addDeadAt({ endpoint: { state: 'disabled' } });
  expect((await redrive({ ids: [id] })).body).toMatchObject({ redriven: 0 });
  await api.db('endpoints').where({ id: endpoint_id }).update({ state: 'enabled' });
  expect((await redrive({ ids: [id] })).body['results']).toEqual([{ id, state: 'redriven' }]);
});
