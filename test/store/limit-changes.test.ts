import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgetOldTurns, settleChangedLimits } from '../../src/store/limit-changes.ts';
import { freshDatabase } from '../support/database.ts';
import { limitEndpoint } from '../support/limited-endpoint.ts';
import type { Limits } from '../support/limited-endpoint.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

const limited = (count: number, limits: Limits) => limitEndpoint(db, count, limits);

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('settleChangedLimits()', () => {
  test.each([
    { from: { rate_limit: 1 }, to: { rate_limit: null } },
    { from: { rate_limit: 1 }, to: { rate_limit: 100 } },
    { from: { rate_limit: 10 }, to: { rate_limit: 1 } },
    { from: { in_flight_max: 1 }, to: { in_flight_max: null } },
    { from: { in_flight_max: 1 }, to: { in_flight_max: 3 } },
    { from: { in_flight_max: 3 }, to: { in_flight_max: 1 } },
    { from: { rate_limit: 1 }, to: { rate_limit: null, in_flight_max: 1 } },
  ])('those that wait are told, once, when $from becomes $to', async ({ from, to }) => {
    await db('delivery_pokes').del();
    const { endpoint, ask, set } = await limited(6, from);
    const waiting: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const { reason } = await ask(index, 0);
      if (reason !== null) waiting.push(String(index));
    }
    await settleChangedLimits(db);
    expect(await db('delivery_pokes')).toEqual([]);
    await set(to);
    await settleChangedLimits(db);
    expect(await db('delivery_pokes')).toHaveLength(waiting.length);
    await db('delivery_pokes').del();
    await settleChangedLimits(db);
    expect(await db('delivery_pokes')).toEqual([]);
    const turns = await db('delivery_turns').where({ endpoint_id: endpoint.id });
    expect(turns).toHaveLength('in_flight_max' in from ? 6 - waiting.length : 0);
    for (const index of waiting) await ask(Number(index), 0.1);
    await settleChangedLimits(db);
    expect(await db('delivery_pokes')).toEqual([]); // Those are told by the new ones.
  });

  test('a lower rate holds for those that were given instants by the higher one', async () => {
    const { askAll, set } = await limited(5, { rate_limit: 10 });
    await askAll(upTo(5), 0);
    await set({ rate_limit: 1 });
    await settleChangedLimits(db);
    const { answers } = await askAll([1, 2, 3, 4], 0.02);
    expect(answers.map(({ waitMs }) => Math.round(waitMs))).toEqual([80, 1080, 2080, 3080]);
  });
});

describe('forgetOldTurns()', () => {
  test('takes away what ended long ago without leaving, and nothing else', async () => {
    const { ask, deliveries } = await limited(4, { rate_limit: 1 });
    for (let index = 0; index < 4; index += 1) await ask(index, 0);
    const [, old = '', alive = '', young = ''] = deliveries.map(({ id }) => id);
    await db('deliveries').whereIn('id', [old, young]).update({ state: 'delivered' });
    await db('delivery_turns')
      .whereIn('delivery_id', [old, alive])
      .update({ asked_at: new Date(Date.now() - 7_200_000) });
    await forgetOldTurns(db);
    const ids = deliveries.map(({ id }) => id);
    const left = await db('delivery_turns').whereIn('delivery_id', ids);
    expect(new Set(left.map((turn) => turn.delivery_id))).toEqual(new Set([alive, young]));
  });
});
