import type { Knex } from 'knex';
import { recordFailedRun } from './dead-letters.ts';
import type { RunCycle } from './run-guards.ts';
import { findTriggerRun, setRunEnded } from './trigger-runs.ts';

/** The end of a run's cycle and, for a failure, the dead letter: both or neither. Safe to repeat. */
export async function recordRunEnd(
  db: Knex,
  { id, cycle }: RunCycle,
  end: Parameters<typeof setRunEnded>[2],
): Promise<void> {
  await db.transaction(async (tx) => {
    const hasEnded = await setRunEnded(tx, { id, cycle }, end);
    const run = hasEnded && end.state === 'failed' ? await findTriggerRun(tx, id) : undefined;
    if (run) await recordFailedRun(tx, run);
  });
}
