import type { Knex } from 'knex';
import type { OnBusy } from '../domain/trigger.ts';
import type { RunGuardsRow } from './automation-tables.ts';
import { askAgainMs, askRarelyMs, hasPassed, isInPlay, pass } from './run-guards.ts';
import type { Asking, RunCycle, Verdict } from './run-guards.ts';
import { setRunEnded } from './trigger-runs.ts';

/** Another run of the lane that has not ended. */
type Neighbour = Pick<RunGuardsRow, 'run_id' | 'cycle' | 'lane_at' | 'admitted_at'> & {
  readonly has_passed: boolean;
};

/**
 * At most `limit` runs of one key at a time, in the order of their arrival.
 *
 * A place is held until the run ends, whatever it waits for meanwhile.
 */
export async function askLane(asking: Asking): Promise<Verdict> {
  const { tx, run, definition, now } = asking;
  if (run.lane_key === null || definition.concurrency === null || run.lane_at) return pass;
  const { limit, onBusy } = definition.concurrency;
  const verdict = await rules[onBusy](asking, limit);
  if (verdict.kind !== 'pass') return verdict;
  await tx('run_guards').where({ run_id: run.run_id }).update({ lane_at: now });
  const next = await findNextInLane(tx, run);
  if (next) asking.toPoke.push(next); // There may be room for it too.
  return verdict;
}

/** What becomes of a run whose lane is full. */
const rules: Readonly<Record<OnBusy, (asking: Asking, limit: number) => Promise<Verdict>>> = {
  async queue(asking, limit) {
    const { tx, run } = asking;
    const verdict = waitFor(asking, await listAhead(asking, limit), limit);
    if (verdict.kind !== 'wait') return verdict;
    const first = await findFirstInLane(tx, run);
    return first?.id === run.run_id ? verdict : { kind: 'wait', waitMs: askRarelyMs };
  },
  async skip(asking, limit) {
    const ahead = await listAhead(asking, limit);
    const [holder] = ahead;
    // One that came before and has no place yet may still be skipped itself.
    const isUndecided = ahead.some(({ lane_at }) => lane_at === null);
    if (!holder || isUndecided || ahead.length < limit) return waitFor(asking, ahead, limit);
    return { kind: 'skip', reason: `lane_busy: ${holder.run_id} is under way` };
  },
  async replace(asking, limit) {
    const { run } = asking;
    const others = await listOthers(asking);
    const later = others.filter(({ run_id, has_passed }) => run_id > run.run_id && has_passed);
    const [newest] = later;
    if (newest && later.length >= limit) return { kind: 'skip', reason: replacedBy(newest.run_id) };
    const earlier = others.filter(({ run_id }) => run_id < run.run_id);
    const leaving = earlier.slice(limit - 1 - later.length);
    const underWay = leaving.filter(({ admitted_at }) => admitted_at !== null);
    for (const each of leaving) await replace(asking, each);
    return waitFor(asking, underWay, 1);
  },
};

function waitFor({ blockers }: Asking, ahead: readonly Neighbour[], limit: number): Verdict {
  if (ahead.length < limit) return pass;
  blockers.push(...ahead.map(cycleOf));
  return { kind: 'wait', waitMs: askAgainMs };
}

/** One that has not begun is skipped, one that is under way must leave first. */
async function replace({ tx, run, toPoke, toCancel }: Asking, other: Neighbour): Promise<void> {
  if (other.admitted_at === null) {
    const reason = replacedBy(run.run_id);
    await setRunEnded(tx, cycleOf(other), { state: 'skipped', reason });
    toPoke.push(cycleOf(other));
  } else {
    await tx('run_guards').where({ run_id: other.run_id }).update({ replaced_by: run.run_id });
    toCancel.push(cycleOf(other));
  }
}

function replacedBy(id: string): string {
  return `replaced: by ${id}`;
}

/** Up to `limit` that hold a place or came before; those with a place first. */
async function listAhead(asking: Asking, limit: number): Promise<Neighbour[]> {
  const holders = await lane(asking).whereNotNull('lane_at').orderBy('run_id').limit(limit);
  const earlier = await lane(asking)
    .whereNull('lane_at')
    .where('run_id', '<', asking.run.run_id)
    .orderBy('run_id')
    .limit(limit - holders.length);
  return [...holders, ...earlier];
}

/** All others, the newest first. */
async function listOthers(asking: Asking): Promise<Neighbour[]> {
  return lane(asking).orderBy('run_id', 'desc');
}

function lane({ tx, run }: Asking) {
  return unfinished(tx, run)
    .whereNot('run_id', run.run_id)
    .select<Neighbour[]>(
      'run_id',
      'cycle',
      'lane_at',
      'admitted_at',
      tx.raw(`${hasPassed} as has_passed`),
    );
}

function unfinished(
  tx: Knex,
  { trigger_id, lane_key }: Pick<RunGuardsRow, 'trigger_id' | 'lane_key'>,
) {
  return tx('run_guards').where({ trigger_id, lane_key }).whereNull('ended_at').whereRaw(isInPlay);
}

/** The first but for a run that waits for a place: after each that begins or leaves it is told to ask. */
export async function findNextInLane(
  db: Knex,
  run: Pick<RunGuardsRow, 'run_id' | 'trigger_id' | 'lane_key'>,
): Promise<RunCycle | undefined> {
  return findFirstInLane(db, run, run.run_id);
}

async function findFirstInLane(
  db: Knex,
  lane: Pick<RunGuardsRow, 'trigger_id' | 'lane_key'>,
  exceptId = '',
): Promise<RunCycle | undefined> {
  const first = await unfinished(db, lane)
    .whereNot('run_id', exceptId)
    .whereNull('lane_at')
    .orderBy('run_id')
    .first('run_id', 'cycle');
  return first && cycleOf(first);
}

function cycleOf({ run_id: id, cycle }: Pick<RunGuardsRow, 'run_id' | 'cycle'>): RunCycle {
  return { id, cycle };
}
