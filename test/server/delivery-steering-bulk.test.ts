import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';
import { steeredRows } from './steered-rows.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
const { bulk, rowOf, pokes, audited, addRetrying, addParked, addMany } = steeredRows(() => api);

describe('in bulk', () => {
  test('by ids each has its own result, and one entry in the audit log', async () => {
    const waiting = await addRetrying();
    const ended = await addDelivery(api, { state: 'delivered' });
    const ids = [ended, waiting, 'dlv_none\0', waiting];
    const { status, body } = await bulk('cancel', { ids, reason: 'Recalled' });
    expect([status, body]).toEqual([
      200,
      {
        matched: 1,
        cancelled: 1,
        remaining: 0,
        next_cursor: null,
        results: [
          { id: ended, state: 'refused', reason: 'is delivered: redrive it to send it again' },
          { id: waiting, state: 'cancelled' },
          { id: 'dlv_none\0', state: 'refused', reason: 'not found' },
        ],
      },
    ]);
    expect(await audited()).toMatchObject([
      {
        action: 'delivery.cancel',
        subject: '*',
        detail: { matched: 1, cancelled: 1, refused: 2, reason: 'Recalled' },
      },
    ]);
    expect(await pokes()).toEqual([{ delivery_id: waiting, cycle: 1 }]);
  });

  test('by a filter takes what matches and can be steered, of this tenant', async () => {
    const matching = await addRetrying({ endpoint_id: 'ep_x' });
    const held = await addParked('held', { endpoint_id: 'ep_x' });
    const paused = await addParked('endpoint_paused', { endpoint_id: 'ep_x' });
    const others = [
      await addRetrying({ endpoint_id: 'ep_y' }),
      await addRetrying({ endpoint_id: 'ep_x', tenant_id: 'ten_other' }),
      await addDelivery(api, { endpoint_id: 'ep_x', state: 'delivered' }),
    ];
    const now = await bulk('attempt-now', { filter: { endpoint_id: 'ep_x' } });
    expect(now).toMatchObject({ status: 202, body: { matched: 2, due: 2 } });
    expect(now.body['results']).toEqual([
      { id: matching, state: 'due' },
      { id: held, state: 'due' },
    ]);
    expect(await rowOf(paused)).toMatchObject({ state: 'parked' });
    const hold = await bulk('hold', { filter: { endpoint_id: 'ep_x', state: 'retrying' } });
    expect(hold.body).toMatchObject({ matched: 1, held: 1, results: [{ id: matching }] });
    for (const id of others) expect((await rowOf(id))?.last_reason).not.toBe('held');
  });

  test('a redrive takes what has ended, and settles its dead letters', async () => {
    const dead = await addDelivery(api);
    await recordDeadDelivery(api.db, { id: dead, cycle: 1 }, 'status 500');
    const held = await addParked('held');
    const waiting = await addRetrying();
    const { status, body } = await bulk('redrive', { ids: [dead, held, waiting] });
    expect([status, body]).toMatchObject([202, { matched: 2, redriven: 2 }]);
    expect(body['results']).toEqual([
      { id: dead, state: 'redriven' },
      { id: held, state: 'redriven' },
      { id: waiting, state: 'refused', reason: 'is retrying' },
    ]);
    expect(await rowOf(dead)).toMatchObject({ state: 'pending', cycle: 2 });
    expect(await api.db('failed_cycles').first()).toMatchObject({ state: 'redriven' });
  });

  test.each(['attempt-now', 'cancel', 'hold', 'redrive'])(
    'a dry run of %s counts, shows a few, and changes nothing',
    async (move) => {
      const state = move === 'redrive' ? 'delivered' : 'retrying';
      const ids = [];
      for (let made = 0; made < 7; made += 1) ids.push(await addDelivery(api, { state }));
      await addDelivery(api, { state: move === 'redrive' ? 'retrying' : 'delivered' });
      const before = await api.db('deliveries').orderBy('id');
      const wakes = api.wakes();
      const filtered = await bulk(move, { filter: {}, dry_run: true });
      expect([filtered.status, filtered.body['matched']]).toEqual([200, 7]);
      expect(filtered.body['sample']).toHaveLength(5);
      const named = await bulk(move, { ids: [ids[0], 'dlv_none'], dry_run: true });
      expect(named.body).toMatchObject({ matched: 1, sample: [{ id: ids[0] }] });
      expect(await api.db('deliveries').orderBy('id')).toEqual(before);
      expect([await audited(), await pokes(), api.wakes()]).toEqual([[], [], wakes]);
    },
  );

  test('of more than 1,000 needs their number, and goes on piece by piece to the end', async () => {
    await addMany(2300);
    const filter = { event_type: 'tool.error' };
    const unsure = await bulk('cancel', { filter });
    expect([unsure.status, unsure.body['type']]).toEqual([409, '/problems/confirm-needed']);
    expect(unsure.body['detail']).toContain('2300');
    expect((await bulk('cancel', { filter, confirm: 2299 })).status).toBe(409);
    expect(await api.db('deliveries').where({ state: 'cancelled' })).toEqual([]);
    const first = await bulk('cancel', { filter, confirm: 2300 });
    expect(first.body).toMatchObject({ matched: 2300, cancelled: 1000, remaining: 1300 });
    const born = await addRetrying({ event_type: 'tool.error' });
    const counts: unknown[] = [];
    let cursor = first.body['next_cursor'];
    while (cursor !== null) {
      const { body } = await bulk('cancel', { filter, cursor });
      counts.push([body['matched'], body['cancelled'], body['remaining']]);
      cursor = body['next_cursor'];
    }
    expect(counts).toEqual([
      [1300, 1000, 300],
      [300, 300, 0],
    ]);
    expect(await rowOf(born)).toMatchObject({ state: 'retrying' });
    expect(await audited()).toHaveLength(3);
  });

  test('waits neither long nor for ever for rows that are being recorded', async () => {
    const id = await addRetrying();
    await api.db.transaction(async (tx) => {
      await tx('deliveries').where({ id }).forUpdate();
      const begun = performance.now();
      const busy = await bulk('hold', { ids: [id] });
      expect([busy.status, performance.now() - begun < 8000]).toEqual([503, true]);
    });
    expect((await bulk('hold', { ids: [id] })).body).toMatchObject({ held: 1 });
  });

  test.each([
    ['of nothing', 'cancel', {}, '/ids'],
    ['of ids and a filter', 'cancel', { ids: ['dlv_1'], filter: {} }, '/ids'],
    ['of ids with a count', 'hold', { ids: ['dlv_1'], confirm: 1 }, '/confirm'],
    ['of a state that has ended', 'hold', { filter: { state: 'dead' } }, '/filter/state'],
    ['of a state that goes on', 'redrive', { filter: { state: 'retrying' } }, '/filter/state'],
    ['of an unknown filter', 'attempt-now', { filter: { endpoint: 'x' } }, '/filter/endpoint'],
    ['with a cursor that is none', 'cancel', { filter: {}, cursor: 'abc' }, '/cursor'],
  ])('%s: %s is answered 422', async (...[, move, body, pointer]) => {
    const answer = await bulk(move, body);
    expect([answer.status, answer.body['errors']]).toMatchObject([422, [{ pointer }]]);
  });

  test('a cursor of another filter or move is refused', async () => {
    await addMany(1001);
    const { body } = await bulk('hold', { filter: {}, confirm: 1001 });
    const cursor = body['next_cursor'];
    expect((await bulk('hold', { filter: { endpoint_id: 'ep_1' }, cursor })).status).toBe(422);
    expect((await bulk('cancel', { filter: {}, cursor })).status).toBe(422);
    expect((await bulk('hold', { filter: {}, cursor })).body).toMatchObject({ held: 1 });
  });
});
