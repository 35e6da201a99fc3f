import type { Knex } from 'knex';
import { openNextCycle } from './cycles.ts';
import { startLeaseMs } from './starts.ts';

/** What a replay may start again. */
export interface Replayable {
  readonly id: string;
  /** The cycle it had when the page was read. */
  readonly from: number;
}

/**
 * Open the next cycle of one thing for a replay, once: the item and the cycle, both or neither.
 *
 * @param origin - where the workflow's input will come from
 * @returns the new cycle, or `undefined` when this replay did it before or it is not ended any more
 */
export async function openForReplay(
  db: Knex,
  replayId: string,
  { item, origin }: { item: Replayable; origin: 'history' | 'row' },
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const key = { replay_id: replayId, subject_id: item.id };
    const [claimed] = await tx('replay_items')
      .insert({ ...key, origin })
      .onConflict(['replay_id', 'subject_id'])
      .ignore()
      .returning('subject_id');
    if (!claimed) return undefined;
    const cycle = await openNextCycle(tx, item, startLeaseMs);
    const outcome = cycle === undefined ? { failure: 'Not ended any more' } : { cycle };
    await tx('replay_items').where(key).update(outcome);
    return cycle;
  });
}

/** The replay is through. Safe to repeat. */
export async function setReplayCompleted(db: Knex, id: string): Promise<void> {
  await db('replays')
    .where({ id })
    .whereIn('state', ['pending', 'running'])
    .update({ state: 'completed', ended_at: db.fn.now() });
}
