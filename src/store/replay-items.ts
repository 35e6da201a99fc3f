import type { Knex } from 'knex';
import { goingStates } from '../domain/replay.ts';
import type { Page } from './page.ts';
import { openItem } from './replay-openings.ts';
import type { Opening } from './replay-openings.ts';
import type { ReplayItemRow, ReplayRow } from './replay-tables.ts';

/** What became of one item of a replay. */
export type Opened =
  /** To be started now; `rate` is the replay's as it is now. */
  | {
      readonly kind: 'opened';
      readonly cycle: number;
      /** The delivery that was made for it; null = it goes on itself. */
      readonly deliveryId: string | null;
      readonly rate: number;
    }
  /** This replay did it before, or it can't be: it is not ended any more, its trigger is gone. */
  | { readonly kind: 'skipped' }
  /** Nothing was done: the replay is paused or has ended. */
  | { readonly kind: 'stopped' };

/** Takes the transaction of an item back; never leaves this file. */
const stopped = new Error('The replay is not going');

/**
 * Open the next cycle of one thing for a replay, or make the delivery that repeats it, once: the
 * item, what is opened and the replay's count, all or none. Only while the replay is going: one that
 * is paused or cancelled starts nothing more.
 */
export async function openForReplay(
  db: Knex,
  replay: ReplayRow,
  opening: Opening,
): Promise<Opened> {
  const { item, origin } = opening;
  const work = db.transaction(async (tx): Promise<Opened> => {
    const key = { replay_id: replay.id, subject_id: item.id };
    const [claimed] = await tx('replay_items')
      .insert({ ...key, origin })
      .onConflict(['replay_id', 'subject_id'])
      .ignore()
      .returning('subject_id');
    if (!claimed) return { kind: 'skipped' };
    const outcome = await openItem(tx, replay, opening);
    await tx('replay_items').where(key).update(outcome);
    const rate = await countItem(tx, replay.id, 'failure' in outcome ? 'failed' : origin);
    if ('failure' in outcome) return { kind: 'skipped' };
    return { kind: 'opened', cycle: outcome.cycle, deliveryId: outcome.delivery_id, rate };
  });
  return work.catch((error: unknown): Opened => {
    if (error === stopped) return { kind: 'stopped' };
    throw error;
  });
}

/**
 * Last in the transaction, so that items opened at once wait for each other's commit only.
 *
 * @param outcome - null = a new delivery was made
 * @returns the rate of the replay
 * @throws `stopped` when the replay is not going
 */
async function countItem(
  tx: Knex,
  id: string,
  outcome: 'failed' | ReplayItemRow['origin'],
): Promise<number> {
  const done = { done: tx.raw('done + 1') };
  const counts = {
    failed: { failed: tx.raw('failed + 1') },
    history: done,
    row: { ...done, from_row: tx.raw('from_row + 1') },
  };
  const [replay] = await tx('replays')
    .where({ id })
    .whereIn('state', goingStates)
    .update(outcome === null ? done : counts[outcome])
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
