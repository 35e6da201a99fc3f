import type { Activities } from '../src/domain/activities.ts';
import { recordRunEnd } from '../src/store/run-ends.ts';
import { findAskingRun } from '../src/store/run-guards.ts';
import { pokeNextInLane } from './run-neighbours.ts';
import type { NeighbourParts } from './run-neighbours.ts';

type Ending = Parameters<Activities['finishRun']>[0];

/** Write the end of a run, then tell the next of its lane. */
export async function finishRun(parts: NeighbourParts, ending: Ending): Promise<void> {
  const { db } = parts;
  const { runId: id, cycle } = ending;
  const guards = await findAskingRun(db, id);
  await recordRunEnd(db, { id, cycle }, endOf(ending, guards?.replaced_by ?? null));
  if (guards) await pokeNextInLane(parts, guards);
}

function endOf(
  { failure, isCancelled = false }: Ending,
  replacedBy: string | null,
): Parameters<typeof recordRunEnd>[2] {
  if (isCancelled) {
    const reason = replacedBy === null ? 'cancelled in Temporal' : `replaced by ${replacedBy}`;
    return { state: 'cancelled', reason };
  }
  return { state: failure === null ? 'succeeded' : 'failed', reason: failure };
}
