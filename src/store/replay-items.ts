import type { Knex } from 'knex';
import { goingStates } from '../domain/replay.ts';
import { openNextCycle } from './cycles.ts';
import type { Page } from './page.ts';
import { startLeaseMs } from './starts.ts';
import type { ReplayItemRow } from './tables.ts';

/** What a replay may start again. */
export interface Replayable {
  readonly id: string;
  /** The cycle it had when the page was read. */
  readonly from: number;
}

/** What became of one item of a replay. */
export type Opened =
  /** To be started now; `rate` is the replay's as it is now. */
  | { readonly kind: 'opened'; readonly cycle: number; readonly rate: number }
  /** This replay did it before, or it is not ended any more. */
  | { readonly kind: 'skipped' }
  /** Nothing was done: the replay is paused or has ended. */
  | { readonly kind: 'stopped' };

/** Takes the transaction of an item back; never leaves this file. */
const stopped = new Error('The replay is not going');

/**
 * Open the next cycle of one thing for a replay, once: the item, the cycle and the replay's count,
 * all or none. Only while the replay is going: one that is paused or cancelled starts nothing more.
 *
 * @param origin - where the workflow's input will come from
 */
export async function openForReplay(
  db: Knex,
  replayId: string,
  { item, origin }: { item: Replayable; origin: 'history' | 'row' },
): Promise<Opened> {
  const opening = db.transaction(async (tx): Promise<Opened> => {
    const key = { replay_id: replayId, subject_id: item.id };
    const [claimed] = await tx('replay_items')
      .insert({ ...key, origin })
      .onConflict(['replay_id', 'subject_id'])
      .ignore()
      .returning('subject_id');
    if (!claimed) return { kind: 'skipped' };
    const cycle = await openNextCycle(tx, item, startLeaseMs);
    const outcome = cycle === undefined ? { failure: 'Not ended any more' } : { cycle };
    await tx('replay_items').where(key).update(outcome);
    const rate = await countItem(tx, replayId, cycle === undefined ? 'failed' : origin);
    return cycle === undefined ? { kind: 'skipped' } : { kind: 'opened', cycle, rate };
  });
  return opening.catch((error: unknown): Opened => {
    if (error === stopped) return { kind: 'stopped' };
    throw error;
  });
}

/**
 * Last in the transaction, so that items opened at once wait for each other's commit only.
 *
 * @returns the rate of the replay
 * @throws `stopped` when the replay is not going
 */
async function countItem(
  tx: Knex,
  id: string,
  outcome: 'failed' | 'history' | 'row',
): Promise<number> {
  const counts = {
    failed: { failed: tx.raw('failed + 1') },
    history: { done: tx.raw('done + 1') },
    row: { done: tx.raw('done + 1'), from_row: tx.raw('from_row + 1') },
  };
  const [replay] = await tx('replays')
    .where({ id })
    .whereIn('state', goingStates)
    .update(counts[outcome])
    .returning('rate');
  if (!replay) throw stopped;
  return replay.rate;
}

/** An item under the name by which lists are paged. */
export type ListedItem = ReplayItemRow & { readonly id: string };

/** What a replay has started or could not, newest row first. */
export async function listReplayItems(
  db: Knex,
  replayId: string,
  { state, page }: { state: 'done' | 'failed' | undefined; page: Page },
): Promise<ListedItem[]> {
  const query = db('replay_items').where({ replay_id: replayId });
  if (state === 'done') void query.whereNull('failure');
  if (state === 'failed') void query.whereNotNull('failure');
  if (page.cursor !== undefined) void query.where('subject_id', '<', page.cursor);
  const rows = await query.orderBy('subject_id', 'desc').limit(page.limit);
  return rows.map((row) => ({ ...row, id: row.subject_id }));
}
