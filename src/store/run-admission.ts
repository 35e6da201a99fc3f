import type { Knex } from 'knex';
import type { Admission } from '../domain/activities.ts';
import type { TriggerDefinition } from '../domain/trigger.ts';
import { askDebounce } from './run-debounce.ts';
import { askDedupe } from './run-dedupe.ts';
import { findAskingRun, lockKeys } from './run-guards.ts';
import type { Asking, AskingRun, RunCycle, Verdict } from './run-guards.ts';
import { askJoin } from './run-join.ts';
import { askLane, findNextInLane } from './run-lane.ts';
import { askThrottle } from './run-throttle.ts';
import { setRunEnded } from './trigger-runs.ts';

/** What the guards said, and what is to be told to others now that it is committed. */
export interface Answer {
  readonly admission: Admission;
  readonly toPoke: readonly RunCycle[];
  readonly toCancel: readonly RunCycle[];
  readonly blockers: readonly RunCycle[];
}

export interface Question {
  readonly run: RunCycle;
  /** Of the revision that the run has pinned. */
  readonly definition: TriggerDefinition;
  /** Asked once the locks are held: instants are in the order of the decisions. */
  readonly clock: () => Date;
}

/**
 * Ask the join of a run: `go` once all its parts are there. Safe to repeat.
 *
 * A run that is in no join, or that no guard holds, may go.
 */
export async function askJoinOf(db: Knex, question: Question): Promise<Answer> {
  return ask(db, question, askJoin);
}

/**
 * Ask all other guards of a run, in order: dedupe, debounce, concurrency, throttle. Safe to repeat:
 * what it was given, it keeps.
 */
export async function askGuardsOf(db: Knex, question: Question): Promise<Answer> {
  return ask(db, question, async (asking) => {
    const { tx, run } = asking;
    if (run.admitted_at) return { kind: 'pass' };
    const verdict = await firstRefusal(asking);
    if (verdict.kind === 'pass') {
      await tx('run_guards').where({ run_id: run.run_id }).update({ admitted_at: asking.now });
    }
    return verdict;
  });
}

async function firstRefusal(asking: Asking): Promise<Verdict> {
  for (const guard of [askDedupe, askDebounce, askLane, askThrottle]) {
    const verdict = await guard(asking);
    if (verdict.kind !== 'pass') return verdict;
  }
  return { kind: 'pass' };
}

async function ask(
  db: Knex,
  { run: { id, cycle }, definition, clock }: Question,
  guard: (asking: Asking) => Promise<Verdict>,
): Promise<Answer> {
  return db.transaction(async (tx) => {
    const found = await findAskingRun(tx, id);
    if (!found) return alone({ kind: 'go' });
    await lockKeys(tx, found, keysOf(found));
    // As those have left it that asked before; it does not end before this is decided.
    const run = (await findAskingRun(tx, id, { isLocked: true })) ?? found;
    const ended = endOf(run, cycle);
    if (ended) return { ...alone(ended), toPoke: await listNext(tx, run) };
    const now = clock();
    const asking: Asking = { tx, run, definition, now, toPoke: [], toCancel: [], blockers: [] };
    const verdict = await guard(asking);
    await tx('run_guards').where({ run_id: id }).update({ seen_at: now });
    const admission = await settle(asking, verdict);
    if (admission.kind === 'ended') asking.toPoke.push(...(await listNext(tx, run)));
    const { toPoke, toCancel, blockers } = asking;
    return { admission, toPoke, toCancel, blockers };
  });
}

/** Whichever guard ended it: the first that waits in its lane may have waited for it. */
async function listNext(tx: Knex, run: AskingRun): Promise<RunCycle[]> {
  const next = run.lane_key === null ? undefined : await findNextInLane(tx, run);
  return next ? [next] : [];
}

function alone(admission: Admission): Answer {
  return { admission, toPoke: [], toCancel: [], blockers: [] };
}

/** In the order in which all take their locks. */
function keysOf(run: AskingRun) {
  return [
    ['join', run.joined_at === null ? run.join_key : null],
    ['dedupe', run.dedupe_key],
    ['debounce', run.debounce_key],
    ['lane', run.lane_key],
    ['throttle', run.throttle_key],
  ] as const;
}

/** Another may have ended it before it was asked, or opened its next cycle. */
function endOf(run: AskingRun, cycle: number): Admission | undefined {
  if (run.cycle === cycle && (run.state === 'pending' || run.state === 'running')) return undefined;
  return { kind: 'ended', outcome: run.state === 'skipped' ? 'skipped' : 'cancelled' };
}

async function settle({ tx, run }: Asking, verdict: Verdict): Promise<Admission> {
  if (verdict.kind === 'pass') return { kind: 'go' };
  if (verdict.kind === 'skip') {
    const { reason } = verdict;
    await setRunEnded(tx, { id: run.run_id, cycle: run.cycle }, { state: 'skipped', reason });
    return { kind: 'ended', outcome: 'skipped' };
  }
  // A join may have ended the run itself, while it settled what came.
  const now = (await findAskingRun(tx, run.run_id)) ?? run;
  return endOf(now, run.cycle) ?? verdict;
}
