import { ApplicationFailure } from '@temporalio/activity';
import type { Admission } from '../src/domain/activities.ts';
import type { PlannedRun } from '../src/domain/trigger.ts';
import type { TriggerRunInput } from '../src/domain/workflows.ts';
import { guardKeysOf } from '../src/runtime/guard-keys.ts';
import { planOf } from '../src/runtime/trigger-planning.ts';
import { isConditionTrue } from '../src/runtime/triggers.ts';
import { askGuardsOf, askJoinOf } from '../src/store/run-admission.ts';
import type { Answer } from '../src/store/run-admission.ts';
import {
  claimUnseen,
  findAskingRun,
  keyColumnsOf,
  recordGuards,
  setGuardKeys,
} from '../src/store/run-guards.ts';
import { setRunEnded } from '../src/store/trigger-runs.ts';
import { cancelRuns, pokeRuns, settleGone } from './run-neighbours.ts';
import type { NeighbourParts } from './run-neighbours.ts';
import { evaluating, readPinnedRun, readScope } from './run-scope.ts';
import type { PinnedRun } from './run-scope.ts';

/**
 * Ask the guards of a run whether it may begin, in order: join, dedupe, debounce, concurrency,
 * throttle. Safe to repeat: what it was given, it keeps.
 *
 * @throws ApplicationFailure `ExpressionFailed`, not retried, as `loadRun` does
 */
export async function admitRun(parts: NeighbourParts, input: TriggerRunInput): Promise<Admission> {
  const { db } = parts;
  const { runId: id, cycle } = input;
  const pinned = await readPinnedRun(db, id);
  if (!(await findAskingRun(db, id))) {
    const ended = await planGuards(parts, pinned, cycle);
    if (ended) return ended;
  }
  const { definition } = pinned;
  const question = { run: { id, cycle }, definition, clock: () => new Date() };
  const joined = await tellOthers(parts, id, await askJoinOf(db, question));
  if (joined.kind !== 'go') return joined;
  if (definition.join !== null && !(await passesCondition(parts, pinned, cycle))) {
    return skip(parts, input, 'condition_false');
  }
  return tellOthers(parts, id, await askGuardsOf(db, question));
}

/**
 * The keys of a run that was planned without: it was born ended, or acts by another revision now.
 *
 * @returns its end, when by its revision it is not to act
 */
async function planGuards(
  parts: NeighbourParts,
  pinned: PinnedRun,
  cycle: number,
): Promise<Admission | undefined> {
  const { run } = pinned;
  const input = { runId: run.id, cycle };
  const planned = await plan(parts, pinned, cycle);
  if (!planned) return skip(parts, input, 'condition_false');
  const { failure, isShadow, guards } = planned;
  if (failure !== null) throw ApplicationFailure.nonRetryable(failure, 'ExpressionFailed');
  if (isShadow) return skip(parts, input, 'shadow');
  if (guards === null) return undefined;
  const { id: run_id, trigger_id } = run;
  await recordGuards(parts.db, { run_id, trigger_id, cycle, ...keyColumnsOf(guards) });
  return undefined;
}

/** As the server plans the runs of an event that comes in. */
async function plan(
  { db }: NeighbourParts,
  pinned: PinnedRun,
  cycle: number,
): Promise<PlannedRun | undefined> {
  const { run, definition } = pinned;
  const { tenant_id: tenantId, trigger_id: id, revision } = run;
  const { event, scope } = await readScope(db, pinned, cycle);
  return planOf({ id, tenantId, revision, definition }, event, () => scope);
}

/** Now that all parts are there the condition is asked, and the keys of the other guards are known. */
async function passesCondition(
  { db }: NeighbourParts,
  pinned: PinnedRun,
  cycle: number,
): Promise<boolean> {
  const { run, definition } = pinned;
  if ((await findAskingRun(db, run.id))?.passed_at) return true;
  const { scope } = await readScope(db, pinned, cycle);
  if (!evaluating(() => isConditionTrue(definition, scope))) return false;
  const keys = evaluating(() => guardKeysOf(definition, scope, null));
  if (keys) await setGuardKeys(db, run.id, keys);
  return true;
}

async function skip(
  { db }: NeighbourParts,
  { runId: id, cycle }: TriggerRunInput,
  reason: string,
): Promise<Admission> {
  await setRunEnded(db, { id, cycle }, { state: 'skipped', reason });
  return { kind: 'ended', outcome: 'skipped' };
}

/** Only now that it is committed. A lost word costs half a minute: who waits asks again. */
async function tellOthers(
  parts: NeighbourParts,
  id: string,
  { admission, toPoke, toCancel, blockers }: Answer,
): Promise<Admission> {
  await pokeRuns(
    parts,
    toPoke.filter((run) => run.id !== id),
  );
  await cancelRuns(parts, toCancel);
  const unseen = await claimUnseen(parts.db, blockers, new Date());
  const settled = await Promise.all(unseen.map((run) => settleGone(parts, run)));
  return settled.includes(true) ? { kind: 'wait', waitMs: 1 } : admission;
}
