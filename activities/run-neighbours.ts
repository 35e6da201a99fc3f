import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { workflowIdOf } from '../src/domain/cycle.ts';
import { cancelRun, findWorkflowStatus, pokeRun } from '../src/runtime/run-workflows.ts';
import { recordRunEnd } from '../src/store/run-ends.ts';
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
 * Give a run the end that its workflow had without telling: an operator terminated it, for one.
 *
 * @returns false when it runs, was not started yet, or has told its end
 */
export async function settleGone(
  { db, client }: NeighbourParts,
  { id, cycle }: RunCycle,
): Promise<boolean> {
  const run = await findTriggerRun(db, id);
  if (run?.cycle !== cycle || run.started_at === null || run.ended_at !== null) return false;
  const status = await findWorkflowStatus(client, workflowIdOf(id, cycle));
  if (status === 'RUNNING' || status === 'PAUSED') return false;
  await recordRunEnd(db, { id, cycle }, endOf(status));
  return true;
}

function endOf(status: string): Parameters<typeof recordRunEnd>[2] {
  const reason = `${status.toLowerCase().replaceAll('_', ' ')} in Temporal`;
  if (status === 'COMPLETED') return { state: 'succeeded', reason: null };
  if (status === 'CANCELLED') return { state: 'cancelled', reason };
  return { state: 'failed', reason };
}
