import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { workflowIdOf } from '../src/domain/cycle.ts';
import { makeId } from '../src/runtime/ids.ts';
import { cancelRun, pokeRun } from '../src/runtime/run-workflows.ts';
import { findWorkflowEnd } from '../src/runtime/workflow-ends.ts';
import { reconcileRow } from '../src/store/reconcile.ts';
import type { AskingRun, RunCycle } from '../src/store/run-guards.ts';
import { findNextInLane } from '../src/store/run-lane.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';

export interface NeighbourParts {
  readonly db: Knex;
  readonly client: Client;
}

/** Tell runs that something has changed for them; one that was not started yet will ask anyway. */
export async function pokeRuns(parts: NeighbourParts, runs: readonly RunCycle[]): Promise<void> {
  await Promise.all(
    runs.map(async (run) => {
      await poke(parts, run);
    }),
  );
}

/** Tell the first that waits in a lane; one that is gone is given its end, and the next is told. */
export async function pokeNextInLane(parts: NeighbourParts, left: AskingRun): Promise<void> {
  if (left.lane_key === null) return;
  for (;;) {
    const next = await findNextInLane(parts.db, left);
    if (!next || (await poke(parts, next))) return;
  }
}

/** @returns false when it was gone, and has its end now */
async function poke(parts: NeighbourParts, run: RunCycle): Promise<boolean> {
  if (await pokeRun(parts.client, workflowIdOf(run.id, run.cycle))) return true;
  return !(await settleGone(parts, run));
}

/** Ask runs to leave: each writes its end itself. */
export async function cancelRuns(parts: NeighbourParts, runs: readonly RunCycle[]): Promise<void> {
  await Promise.all(
    runs.map(async (run) => {
      if (!(await cancelRun(parts.client, workflowIdOf(run.id, run.cycle)))) {
        await settleGone(parts, run);
      }
    }),
  );
}

/**
 * Give a run the end that its workflow had without telling: an operator terminated it, for one. One
 * whose workflow is gone is started again.
 *
 * @returns false when it runs, is to be started, or has told its end
 */
export async function settleGone(
  { db, client }: NeighbourParts,
  { id, cycle }: RunCycle,
): Promise<boolean> {
  const run = await findTriggerRun(db, id);
  if (run?.cycle !== cycle || run.started_at === null || run.ended_at !== null) return false;
  const end = await findWorkflowEnd(client, workflowIdOf(id, cycle));
  if (!end) return false;
  const { tenant_id, state } = run;
  const row = { kind: 'triggerRun', id, tenant_id, cycle, state } as const;
  const done = await reconcileRow(db, row, { end, auditId: makeId('aud') });
  return done.kind === 'ended';
}
