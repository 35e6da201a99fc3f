import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNextCycle } from '../../src/store/cycles.ts';
import { setRunEnded } from '../../src/store/trigger-runs.ts';
import { freshDatabase } from '../support/database.ts';
import { atSecond, guardedRuns } from './guarded-runs.ts';
import type { GuardedRuns } from './guarded-runs.ts';
import { rowsReadBy } from './rows-read.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

const go = { kind: 'go' };
const skipped = { kind: 'ended', outcome: 'skipped' };

describe('askDedupe()', () => {
  const forADay = { dedupe: { key: 'x', forMs: 86_400_000 } };

  test('of 50 at once exactly one goes: the first that came, whoever asks first', async () => {
    const runs = guardedRuns(db, forADay);
    const plan = (n: number) => runs.plan(n / 1000, { dedupe_key: 'sha' });
    const ids = await Promise.all(Array.from({ length: 50 }, (_, n) => plan(n)));
    const answers = await Promise.all(ids.toReversed().map((id) => runs.ask(id, 1)));
    expect(answers.filter(({ admission }) => admission.kind === 'go')).toHaveLength(1);
    const [first = '', ...others] = ids;
    expect((await runs.ask(first, 1)).admission).toEqual(go);
    for (const id of others) {
      expect(await runs.find(id)).toEqual({
        state: 'skipped',
        reason: `deduplicated: ${first} came first`,
      });
    }
  });

  test.each([
    ['within the time', 86_399, skipped],
    ['after it', 86_400, go],
  ])('a second one that comes %s', async (_, second, expected) => {
    const runs = guardedRuns(db, forADay);
    await runs.ask(await runs.plan(0, { dedupe_key: 'sha' }), 0);
    const id = await runs.plan(second, { dedupe_key: 'sha' });
    expect((await runs.ask(id, second)).admission).toEqual(expected);
  });

  test('another key, and another cycle, are let through', async () => {
    const runs = guardedRuns(db, forADay);
    await runs.ask(await runs.plan(0, { dedupe_key: 'sha' }), 0);
    expect((await runs.ask(await runs.plan(1, { dedupe_key: 'other' }), 1)).admission).toEqual(go);
    const second = await runs.plan(2, { dedupe_key: 'sha' });
    expect((await runs.ask(second, 2)).admission).toEqual(skipped);
    await openNextCycle(db, { id: second, from: 1 });
    expect((await runs.ask(second, 3)).admission).toEqual(go);
  });

  test('one that never began gives its key back', async () => {
    const lane = { key: 'x', limit: 1, onBusy: 'skip' } as const;
    const runs = guardedRuns(db, { ...forADay, concurrency: lane });
    const holder = await runs.plan(0, { dedupe_key: 'a', lane_key: '' });
    await runs.ask(holder, 0);
    const refused = await runs.plan(1, { dedupe_key: 'b', lane_key: '' });
    expect((await runs.ask(refused, 1)).admission).toEqual(skipped);
    await setRunEnded(db, { id: holder, cycle: 1 }, { state: 'succeeded', reason: null });
    const again = await runs.plan(2, { dedupe_key: 'b', lane_key: '' });
    expect((await runs.ask(again, 2)).admission).toEqual(go);
  });
});

describe('askDebounce()', () => {
  const for20s = { debounce: { key: 'x', forMs: 20_000 } };

  test('the last one acts, once none came for the time', async () => {
    const runs = guardedRuns(db, for20s);
    const [first, second, other] = [
      await runs.plan(0, { debounce_key: 'pr' }),
      await runs.plan(10, { debounce_key: 'pr' }),
      await runs.plan(11, { debounce_key: 'other' }),
    ];
    expect((await runs.ask(first, 5)).admission).toEqual(skipped);
    expect(await runs.find(first)).toEqual({
      state: 'skipped',
      reason: `debounced: ${second} came later`,
    });
    expect((await runs.ask(second, 25)).admission).toEqual({ kind: 'wait', waitMs: 5000 });
    expect((await runs.ask(second, 30)).admission).toEqual(go);
    expect((await runs.ask(other, 31)).admission).toEqual(go);
  });

  test('one that asks takes those before it out at once, and tells them', async () => {
    const runs = guardedRuns(db, for20s);
    const first = await runs.plan(0, { debounce_key: 'pr' });
    expect((await runs.ask(first, 1)).admission).toEqual({ kind: 'wait', waitMs: 19_000 });
    const second = await runs.plan(2, { debounce_key: 'pr' });
    const { toPoke } = await runs.ask(second, 3);
    expect(toPoke).toEqual([{ id: first, cycle: 1 }]);
    expect(await runs.find(first)).toMatchObject({ state: 'skipped' });
  });

  test('one that will be deduplicated takes nobody out', async () => {
    const runs = guardedRuns(db, { ...for20s, dedupe: { key: 'x', forMs: 60_000 } });
    const keys = { debounce_key: 'pr', dedupe_key: 'sha' };
    const first = await runs.plan(0, keys);
    await runs.ask(first, 0);
    const second = await runs.plan(1, keys);
    expect((await runs.ask(first, 20)).admission).toEqual(go);
    expect((await runs.ask(second, 21)).admission).toEqual(skipped);
  });

  test('of 50 at once exactly the last acts, whoever asks when', async () => {
    const runs = guardedRuns(db, for20s);
    const plan = (n: number) => runs.plan(n / 10, { debounce_key: 'pr' });
    const ids = await Promise.all(Array.from({ length: 50 }, (_, n) => plan(n)));
    await Promise.all(ids.map((id) => runs.ask(id, 6)));
    const answers = await Promise.all(ids.map((id) => runs.ask(id, 60)));
    expect(answers.map(({ admission }) => admission.kind)).toEqual([
      ...Array.from({ length: 49 }, () => 'ended'),
      'go',
    ]);
  });

  test('one that a person sent again is not held', async () => {
    const runs = guardedRuns(db, for20s);
    const first = await runs.plan(0, { debounce_key: 'pr' });
    const second = await runs.plan(1, { debounce_key: 'pr' });
    await runs.ask(first, 2);
    await openNextCycle(db, { id: first, from: 1 });
    expect((await runs.ask(first, 3)).admission).toEqual(go);
    expect((await runs.ask(second, 21)).admission).toEqual(go);
  });
});

describe('askThrottle()', () => {
  const twoAMinute = { throttle: { key: 'x', limit: 2, perMs: 60_000 } };

  function planMany(runs: GuardedRuns, count: number): Promise<string[]> {
    const plan = (n: number) => runs.plan(n / 1000, { throttle_key: 't' });
    return Promise.all(Array.from({ length: count }, (_, n) => plan(n)));
  }

  test('no more than the limit begin in any stretch; the others wait exactly as long as they must', async () => {
    const runs = guardedRuns(db, twoAMinute);
    const ids = await planMany(runs, 5);
    const waits: unknown[] = [];
    for (const id of ids) waits.push((await runs.ask(id, 10)).admission);
    const wait = (waitMs: number) => ({ kind: 'wait', waitMs });
    expect(waits).toEqual([go, go, wait(60_000), wait(60_000), wait(120_000)]);
    expect((await runs.ask(ids[2] ?? '', 69)).admission).toEqual(wait(1000));
    expect((await runs.ask(ids[2] ?? '', 70)).admission).toEqual(go);
  });

  test('50 at once are given 50 places', async () => {
    const runs = guardedRuns(db, { throttle: { key: null, limit: 10, perMs: 60_000 } });
    const ids = await planMany(runs, 50);
    await Promise.all(ids.map((id) => runs.ask(id, 1)));
    const slots = await db('throttle_slots').whereIn('run_id', ids).select('go_at');
    const instants = slots.map(({ go_at }) => go_at.getTime()).toSorted((a, b) => a - b);
    const isApart = instants.slice(10).every((at, index) => at - (instants[index] ?? 0) >= 60_000);
    expect([instants.length, isApart]).toEqual([50, true]);
  });

  test('when all ask late, as after a worker was away, no more than the limit begin then', async () => {
    const runs = guardedRuns(db, twoAMinute);
    const ids = await planMany(runs, 6);
    for (const id of ids) await runs.ask(id, 0);
    const late: unknown[] = [];
    for (const id of ids.slice(2)) late.push((await runs.ask(id, 1000)).admission.kind);
    expect(late).toEqual(['go', 'go', 'wait', 'wait']);
  });

  test('timers that ring late cost the moment by which they are late, and no place', async () => {
    const runs = guardedRuns(db, { throttle: { key: 'x', limit: 1, perMs: 60_000 } });
    const [first = '', second = '', third = '', fourth = ''] = await planMany(runs, 4);
    for (const id of [first, second, third, fourth]) await runs.ask(id, 0);
    expect((await runs.ask(second, 61)).admission).toEqual(go);
    expect((await runs.ask(third, 120.5)).admission).toEqual({ kind: 'wait', waitMs: 500 });
    expect((await runs.ask(third, 121)).admission).toEqual(go);
    expect((await runs.ask(fourth, 180)).admission).toEqual({ kind: 'wait', waitMs: 1000 });
  });

  test('with ten thousand that wait, a question reads a few rows; what counts no more goes', async () => {
    const runs = guardedRuns(db, twoAMinute);
    const ids = await planMany(runs, 4);
    for (const id of ids.slice(0, 3)) await runs.ask(id, 0);
    const own = await db('throttle_slots')
      .where({ run_id: ids[0] ?? '' })
      .first();
    await db.raw(
      `insert into throttle_slots (run_id, cycle, trigger_id, key, go_at)
       select 'run_' || n, 1, :trigger, 't', :at::timestamptz + n * interval '30 seconds'
       from generate_series(4, 10000) as n`,
      { trigger: own?.trigger_id ?? '', at: atSecond(0) },
    );
    await db.raw('analyze throttle_slots');
    // Small tables are read as a whole while PostgreSQL knows little of them: what counts is far from 10,000.
    expect(await rowsReadBy(db, () => runs.ask(ids[2] ?? '', 61))).toBeLessThan(3000);
    expect(await rowsReadBy(db, () => runs.ask(ids[3] ?? '', 61))).toBeLessThan(3000);
    const begun = await db('throttle_slots').whereIn('run_id', ids).where({ has_begun: true });
    expect(begun.map(({ run_id }) => run_id)).toEqual([ids[2]]);
  });

  test('what began in an earlier cycle counts, what was skipped before it began does not', async () => {
    const runs = guardedRuns(db, twoAMinute);
    const [first = '', second = '', third = ''] = await planMany(runs, 3);
    await runs.ask(first, 0);
    await setRunEnded(db, { id: first, cycle: 1 }, { state: 'failed', reason: 'x' });
    await openNextCycle(db, { id: first, from: 1 });
    expect((await runs.ask(first, 1)).admission).toEqual(go);
    expect((await runs.ask(second, 2)).admission).toEqual({ kind: 'wait', waitMs: 58_000 });
    await setRunEnded(db, { id: second, cycle: 1 }, { state: 'cancelled', reason: 'x' });
    expect((await runs.ask(third, 3)).admission).toEqual({ kind: 'wait', waitMs: 57_000 });
  });
});

describe('askGuardsOf()', () => {
  test('a run that nothing guards goes; what a run was given it keeps', async () => {
    const runs = guardedRuns(db, { concurrency: { key: null, limit: 1, onBusy: 'queue' } });
    expect((await runs.ask('run_unknown', 0)).admission).toEqual(go);
    const id = await runs.plan(0, { lane_key: '' });
    expect((await runs.ask(id, 0)).admission).toEqual(go);
    expect((await runs.ask(id, 1)).admission).toEqual(go);
  });

  test.each([
    ['skipped', skipped],
    ['cancelled', { kind: 'ended', outcome: 'cancelled' }],
    ['failed', { kind: 'ended', outcome: 'cancelled' }],
  ] as const)('a run that is %s meanwhile is told so', async (state, expected) => {
    const runs = guardedRuns(db, { concurrency: { key: null, limit: 1, onBusy: 'queue' } });
    const id = await runs.plan(0, { lane_key: '' });
    await setRunEnded(db, { id, cycle: 1 }, { state, reason: 'x' });
    expect((await runs.ask(id, 0)).admission).toEqual(expected);
  });
});
