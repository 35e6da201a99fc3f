import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OnBusy } from '../../src/domain/trigger.ts';
import { openNextCycle } from '../../src/store/cycles.ts';
import { claimUnseen } from '../../src/store/run-guards.ts';
import { findNextInLane } from '../../src/store/run-lane.ts';
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
const wait = { kind: 'wait', waitMs: 30_000 };
/** There is another that will be told first. */
const waitBehind = { kind: 'wait', waitMs: 300_000 };
const skipped = { kind: 'ended', outcome: 'skipped' };

function laneOf(onBusy: OnBusy, limit = 1): GuardedRuns {
  return guardedRuns(db, { concurrency: { key: 'x', limit, onBusy } });
}

function planMany(runs: GuardedRuns, count: number, first = 0): Promise<string[]> {
  const plan = (_: unknown, n: number) => runs.plan(first + n, { lane_key: 'pr' });
  return Promise.all(Array.from({ length: count }, plan));
}

async function end(id: string): Promise<void> {
  await setRunEnded(db, { id, cycle: 1 }, { state: 'succeeded', reason: null });
}

describe('askLane(), which queues', () => {
  test('each goes in the order of arrival, when the one before has ended', async () => {
    const runs = laneOf('queue');
    const [first = '', second = '', third = ''] = await planMany(runs, 3);
    expect((await runs.ask(third, 5)).admission).toEqual(waitBehind);
    expect(await runs.ask(second, 5)).toMatchObject({ blockers: [{ id: first, cycle: 1 }] });
    expect(await runs.ask(first, 5)).toMatchObject({ admission: go, toPoke: [{ id: second }] });
    expect((await runs.ask(second, 6)).admission).toEqual(wait);
    await end(first);
    expect((await runs.ask(third, 7)).admission).toEqual(waitBehind);
    expect((await runs.ask(second, 7)).admission).toEqual(go);
  });

  test('one that is cancelled while it waits, or that another guard ends, tells the next', async () => {
    const dedupe = { key: 'x', forMs: 60_000 };
    const concurrency = { key: 'x', limit: 1, onBusy: 'queue' } as const;
    const runs = guardedRuns(db, { dedupe, concurrency });
    const first = await runs.plan(0, { lane_key: 'pr', dedupe_key: 'a' });
    await runs.ask(first, 0);
    const same = await runs.plan(1, { lane_key: 'pr', dedupe_key: 'a' });
    const cancelled = await runs.plan(2, { lane_key: 'pr', dedupe_key: 'b' });
    const next = await runs.plan(3, { lane_key: 'pr', dedupe_key: 'c' });
    await setRunEnded(db, { id: cancelled, cycle: 1 }, { state: 'cancelled', reason: 'x' });
    for (const [id, admission] of [
      [same, skipped],
      [cancelled, { kind: 'ended', outcome: 'cancelled' }],
    ] as const) {
      expect(await runs.ask(id, 4)).toMatchObject({ admission, toPoke: [{ id: next, cycle: 1 }] });
    }
  });

  test('with thousands that wait, a question and an end read a few rows', async () => {
    const runs = laneOf('queue');
    const [holder = '', last = ''] = await planMany(runs, 2);
    await runs.ask(holder, 0);
    const lane = await db('run_guards').where({ run_id: holder }).first();
    if (!lane) throw new Error('It has no guards');
    await db.raw(
      `insert into run_guards (run_id, trigger_id, lane_key, cycle)
       select 'run_0' || lpad(n::text, 5, '0'), ?, 'pr', 1 from generate_series(1, 5000) as n`,
      [lane.trigger_id],
    );
    await db.raw('analyze run_guards');
    const ask = async () => expect((await runs.ask(last, 9)).admission).toEqual(waitBehind);
    expect(await rowsReadBy(db, ask)).toBeLessThan(500);
    expect(await rowsReadBy(db, () => findNextInLane(db, lane))).toBeLessThan(500);
  });

  test('of 50 that ask at once no more than the limit go, the first ones', async () => {
    const limit = 3;
    const runs = laneOf('queue', limit);
    const ids = await planMany(runs, 50);
    for (const round of [0, 1]) {
      const left = ids.slice(round * limit);
      await Promise.all(left.toReversed().map((id) => runs.ask(id, 60)));
      const answers = await Promise.all(left.map((id) => runs.ask(id, 60)));
      const gone = answers.filter(({ admission }) => admission.kind === 'go');
      expect(gone).toHaveLength(limit);
      expect(answers.slice(0, limit).every(({ admission }) => admission.kind === 'go')).toBe(true);
      for (const id of left.slice(0, limit)) await end(id);
    }
  });

  test('other keys are other lanes', async () => {
    const runs = laneOf('queue');
    expect((await runs.ask(await runs.plan(0, { lane_key: 'a' }), 0)).admission).toEqual(go);
    expect((await runs.ask(await runs.plan(1, { lane_key: 'b' }), 1)).admission).toEqual(go);
  });

  test('a run that waits for the rest of its join is in nobody’s way', async () => {
    const runs = laneOf('queue');
    await runs.plan(0, { lane_key: 'pr', join_key: 'j', part: 'mr' });
    expect((await runs.ask(await runs.plan(1, { lane_key: 'pr' }), 1)).admission).toEqual(go);
  });

  test('one that waits for its throttle holds its place', async () => {
    const throttle = { key: null, limit: 1, perMs: 60_000 };
    const concurrency = { key: null, limit: 2, onBusy: 'queue' } as const;
    const runs = guardedRuns(db, { concurrency, throttle });
    const keys = { lane_key: '', throttle_key: '' };
    const kinds: unknown[] = [];
    for (const second of [0, 1, 2]) {
      kinds.push((await runs.ask(await runs.plan(second, keys), second)).admission);
    }
    expect(kinds).toEqual([go, { kind: 'wait', waitMs: 59_000 }, wait]);
  });

  test('a later cycle asks anew', async () => {
    const runs = laneOf('queue');
    const [first = '', second = ''] = await planMany(runs, 2);
    await runs.ask(first, 0);
    await end(first);
    await runs.ask(second, 1);
    await openNextCycle(db, { id: first, from: 1 });
    expect((await runs.ask(first, 2)).admission).toEqual(wait);
    await end(second);
    expect((await runs.ask(first, 3)).admission).toEqual(go);
  });
});

describe('askLane(), which skips', () => {
  test('one that comes while another is under way is skipped and names it', async () => {
    const runs = laneOf('skip');
    const [first = '', second = '', third = ''] = await planMany(runs, 3);
    expect((await runs.ask(second, 3)).admission).toEqual(wait); // The first may yet be skipped itself.
    await runs.ask(first, 4);
    expect((await runs.ask(second, 4)).admission).toEqual(skipped);
    expect(await runs.find(second)).toEqual({
      state: 'skipped',
      reason: `lane_busy: ${first} is under way`,
    });
    await end(first);
    expect((await runs.ask(third, 5)).admission).toEqual(go);
  });

  test('of 50 at once one goes, and none is skipped for one that does not act', async () => {
    const runs = laneOf('skip');
    const ids = await planMany(runs, 50);
    await Promise.all(ids.toReversed().map((id) => runs.ask(id, 60)));
    const answers = await Promise.all(ids.map((id) => runs.ask(id, 61)));
    expect(answers.map(({ admission }) => admission.kind)).toEqual([
      'go',
      ...Array.from({ length: 49 }, () => 'ended'),
    ]);
  });
});

describe('askLane(), which replaces', () => {
  test('those that have not begun are skipped, the one under way is asked to leave first', async () => {
    const runs = laneOf('replace');
    const [first = ''] = await planMany(runs, 1);
    await runs.ask(first, 0);
    const [second = '', third = ''] = await planMany(runs, 2, 1);
    const answer = await runs.ask(third, 3);
    expect(answer).toMatchObject({
      admission: wait,
      toCancel: [{ id: first, cycle: 1 }],
      toPoke: [{ id: second, cycle: 1 }],
    });
    expect(await runs.find(second)).toEqual({
      state: 'skipped',
      reason: `replaced: by ${third}`,
    });
    expect(await db('run_guards').where({ run_id: first }).first()).toMatchObject({
      replaced_by: third,
    });
    expect(await runs.ask(third, 4)).toMatchObject({ toCancel: [{ id: first }] }); // Until it has left.
    await setRunEnded(db, { id: first, cycle: 1 }, { state: 'cancelled', reason: 'x' });
    expect((await runs.ask(third, 5)).admission).toEqual(go);
  });

  test('of 50 at once the newest goes', async () => {
    const runs = laneOf('replace');
    const ids = await planMany(runs, 50);
    await Promise.all(ids.map((id) => runs.ask(id, 60)));
    const states = await Promise.all(ids.map((id) => runs.find(id)));
    expect(states.filter((run) => run?.state === 'pending')).toHaveLength(1);
    expect((await runs.ask(ids[49] ?? '', 61)).admission).toEqual(go);
  });

  test('with room for two only the oldest leaves', async () => {
    const runs = laneOf('replace', 2);
    const [first = '', second = ''] = await planMany(runs, 2);
    await runs.ask(first, 0);
    await runs.ask(second, 1);
    const third = await runs.plan(2, { lane_key: 'pr' });
    expect((await runs.ask(third, 2)).toCancel).toEqual([{ id: first, cycle: 1 }]);
  });

  test('one that a later one will not follow is not replaced by it', async () => {
    const dedupe = { key: 'x', forMs: 60_000 };
    const concurrency = { key: 'x', limit: 1, onBusy: 'replace' } as const;
    const runs = guardedRuns(db, { dedupe, concurrency });
    const keys = { lane_key: 'pr', dedupe_key: 'sha' };
    const first = await runs.plan(0, keys);
    const second = await runs.plan(1, keys);
    expect((await runs.ask(first, 2)).admission).toEqual(go);
    expect((await runs.ask(second, 3)).admission).toEqual(skipped);
  });
});

describe('findNextInLane()', () => {
  test('is the first that waits', async () => {
    const runs = laneOf('queue');
    const [first = '', second = ''] = await planMany(runs, 3);
    await runs.ask(first, 0);
    await end(first);
    const lane = await db('run_guards').where({ run_id: first }).first();
    if (!lane) throw new Error('It has no guards');
    expect(await findNextInLane(db, lane)).toEqual({ id: second, cycle: 1 });
  });
});

describe('claimUnseen()', () => {
  test('one that nobody saw for half a minute is given to one who looks', async () => {
    const runs = laneOf('queue');
    const [first = ''] = await planMany(runs, 1);
    await runs.ask(first, 0);
    const blockers = [{ id: first, cycle: 1 }];
    expect(await claimUnseen(db, blockers, atSecond(29))).toEqual([]);
    expect(await claimUnseen(db, blockers, atSecond(30))).toEqual(blockers);
    expect(await claimUnseen(db, blockers, atSecond(31))).toEqual([]);
    await end(first);
    expect(await claimUnseen(db, blockers, atSecond(99))).toEqual([]);
  });
});
