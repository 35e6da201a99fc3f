import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNextCycle } from '../../src/store/cycles.ts';
import { setRunEnded } from '../../src/store/trigger-runs.ts';
import { freshDatabase } from '../support/database.ts';
import { guardedRuns } from './guarded-runs.ts';
import type { GuardedRuns } from './guarded-runs.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

const go = { kind: 'go' };
const skipped = { kind: 'ended', outcome: 'skipped' };

function joinOf(parts: readonly string[]): GuardedRuns {
  return guardedRuns(db, {
    on: parts.map((as) => ({ source: 'gitlab', events: [as], as, when: null })),
    join: { by: {}, withinMs: 7_200_000 },
  });
}

function planPart(runs: GuardedRuns, part: string, second: number): Promise<string> {
  return runs.plan(second, { join_key: 'sha', part });
}

async function partsOf(id: string): Promise<Record<string, string>> {
  const rows = await db('join_parts').where({ run_id: id }).select('part', 'event_id');
  return Object.fromEntries(rows.map(({ part, event_id }) => [part, event_id]));
}

async function eventOf(id: string): Promise<string> {
  return (await db('trigger_runs').where({ id }).first('event_id'))?.event_id ?? '';
}

describe('askJoin()', () => {
  test('the first waits; the other leaves its event with it, says so, and it goes', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    expect((await runs.askJoin(mr, 1)).admission).toEqual({ kind: 'wait', waitMs: 30_000 });
    const ci = await planPart(runs, 'ci', 60);
    expect(await runs.askJoin(ci, 61)).toMatchObject({
      admission: skipped,
      toPoke: expect.arrayContaining([{ id: mr, cycle: 1 }]) as unknown,
    });
    expect(await runs.find(ci)).toEqual({
      state: 'skipped',
      reason: `joined: ${mr} was the first`,
    });
    expect((await runs.askJoin(mr, 62)).admission).toEqual(go);
    expect(await partsOf(mr)).toEqual({ mr: await eventOf(mr), ci: await eventOf(ci) });
  });

  test.each([
    ['ci', 'ci did not come within 2h', ['mr', 'x']],
    ['ci and x', 'ci and x did not come within 2h', ['mr']],
  ])('one that %s did not reach in time says what is missing', async (_, why, came) => {
    const runs = joinOf(['mr', 'ci', 'x']);
    const [first = ''] = await Promise.all(came.map((part, index) => planPart(runs, part, index)));
    expect((await runs.askJoin(first, 7195)).admission).toEqual({ kind: 'wait', waitMs: 5000 });
    expect((await runs.askJoin(first, 7200)).admission).toEqual(skipped);
    expect(await runs.find(first)).toEqual({ state: 'skipped', reason: `incomplete: ${why}` });
  });

  test('a part that comes a moment before the deadline is joined, however late it is asked', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    await runs.askJoin(mr, 1);
    const ci = await planPart(runs, 'ci', 7199.999);
    expect((await runs.askJoin(mr, 7201)).admission).toEqual(go);
    expect((await runs.askJoin(ci, 7201)).admission).toEqual(skipped);
  });

  test('a part that comes at the deadline opens a join of its own', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    await runs.askJoin(mr, 1);
    const ci = await planPart(runs, 'ci', 7200);
    expect((await runs.askJoin(mr, 7201)).admission).toEqual(skipped);
    expect((await runs.askJoin(ci, 7201)).admission).toMatchObject({ kind: 'wait' });
    await planPart(runs, 'mr', 7300);
    expect((await runs.askJoin(ci, 7301)).admission).toEqual(go);
  });

  test('of two events of one part the newer stands', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    const newer = await planPart(runs, 'mr', 10);
    const ci = await planPart(runs, 'ci', 20);
    await Promise.all([ci, newer, mr].map((id) => runs.askJoin(id, 30)));
    expect((await runs.askJoin(mr, 31)).admission).toEqual(go);
    expect(await partsOf(mr)).toEqual({ mr: await eventOf(newer), ci: await eventOf(ci) });
  });

  test('of 50 that ask at once 25 pairs are made, each event is in one of them', async () => {
    const runs = joinOf(['mr', 'ci']);
    const plan = (n: number) => planPart(runs, n % 2 === 0 ? 'mr' : 'ci', n);
    const ids = await Promise.all(Array.from({ length: 50 }, (_, n) => plan(n)));
    await Promise.all(ids.toReversed().map((id) => runs.askJoin(id, 60)));
    const answers = await Promise.all(ids.map((id) => runs.askJoin(id, 61)));
    const firsts = ids.filter((_, index) => answers[index]?.admission.kind === 'go');
    expect(firsts).toHaveLength(25);
    const used = await Promise.all(firsts.map(partsOf));
    const events = await Promise.all(ids.map(eventOf));
    expect(new Set(used.flatMap((parts) => Object.values(parts)))).toEqual(new Set(events));
  });

  test('one that was incomplete and is sent again waits again for what is missing', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    await runs.askJoin(mr, 7200);
    await openNextCycle(db, { id: mr, from: 1 });
    expect((await runs.askJoin(mr, 9000)).admission).toMatchObject({ kind: 'wait' });
    const ci = await planPart(runs, 'ci', 9001);
    expect((await runs.askJoin(ci, 9002)).admission).toEqual(skipped);
    expect((await runs.askJoin(mr, 9003)).admission).toEqual(go);
  });

  test('one whose join was complete goes at once when it is sent again', async () => {
    const runs = joinOf(['mr', 'ci']);
    const mr = await planPart(runs, 'mr', 0);
    await planPart(runs, 'ci', 1);
    await runs.askJoin(mr, 2);
    await setRunEnded(db, { id: mr, cycle: 1 }, { state: 'failed', reason: 'x' });
    await openNextCycle(db, { id: mr, from: 1 });
    expect((await runs.askJoin(mr, 9000)).admission).toEqual(go);
  });

  test('one that is sent again while another waits brings what it had gathered', async () => {
    const runs = joinOf(['mr', 'ci', 'x']);
    const mr = await planPart(runs, 'mr', 0);
    const ci = await planPart(runs, 'ci', 1);
    await runs.askJoin(mr, 7200);
    const x = await planPart(runs, 'x', 8000);
    await runs.askJoin(x, 8001);
    await openNextCycle(db, { id: mr, from: 1 });
    expect((await runs.askJoin(mr, 8002)).admission).toEqual(skipped);
    expect((await runs.askJoin(x, 8003)).admission).toEqual(go);
    expect(await partsOf(x)).toEqual({
      mr: await eventOf(mr),
      ci: await eventOf(ci),
      x: await eventOf(x),
    });
  });
});
