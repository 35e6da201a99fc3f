import type { Knex } from 'knex';
import { goingStates } from '../domain/replay.ts';
import type { ReplayRevision } from '../domain/replay.ts';
import { openNextCycle } from './cycles.ts';
import type { Page } from './page.ts';
import { startLeaseMs } from './starts.ts';
import type { ReplayItemRow } from './replay-tables.ts';
import type { TriggerRow } from './tables.ts';

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
  /** This replay did it before, or it can't be: it is not ended any more, its trigger is gone. */
  | { readonly kind: 'skipped' }
  /** Nothing was done: the replay is paused or has ended. */
  | { readonly kind: 'stopped' };

/** Takes the transaction of an item back; never leaves this file. */
const stopped = new Error('The replay is not going');

/** Of one item: what is opened, by which revision, and where the workflow's input will come from. */
interface Opening {
  readonly item: Replayable;
  readonly origin: 'history' | 'row';
  readonly revision: ReplayRevision;
}

/**
 * Open the next cycle of one thing for a replay, once: the item, the cycle and the replay's count,
 * all or none. Only while the replay is going: one that is paused or cancelled starts nothing more.
 */
export async function openForReplay(db: Knex, replayId: string, opening: Opening): Promise<Opened> {
  const { item, origin } = opening;
  const work = db.transaction(async (tx): Promise<Opened> => {
    const key = { replay_id: replayId, subject_id: item.id };
    const [claimed] = await tx('replay_items')
      .insert({ ...key, origin })
      .onConflict(['replay_id', 'subject_id'])
      .ignore()
      .returning('subject_id');
    if (!claimed) return { kind: 'skipped' };
    const outcome = await openCycle(tx, opening);
    await tx('replay_items').where(key).update(outcome);
    const rate = await countItem(tx, replayId, 'failure' in outcome ? 'failed' : origin);
    return 'failure' in outcome ? { kind: 'skipped' } : { kind: 'opened', rate, ...outcome };
  });
  return work.catch((error: unknown): Opened => {
    if (error === stopped) return { kind: 'stopped' };
    throw error;
  });
}

/** The next cycle; by the revision of today only of a trigger that may fire today. */
async function openCycle(
  tx: Knex,
  { item, revision }: Opening,
): Promise<{ failure: string } | { cycle: number }> {
  const current = revision === 'as_now' ? await findCurrent(tx, item.id) : undefined;
  if (current !== undefined && 'failure' in current) return current;
  const cycle = await openNextCycle(tx, item, startLeaseMs);
  if (cycle === undefined) return { failure: 'Not ended any more' };
  if (current !== undefined) await setRunRevision(tx, item.id, current.revision);
  return { cycle };
}

async function findCurrent(
  tx: Knex,
  runId: string,
): Promise<{ failure: string } | { revision: number }> {
  const own = tx('trigger_runs').where({ id: runId }).select('trigger_id');
  const trigger = await tx('triggers').where('id', own).first();
  if (!trigger) return { failure: 'Its trigger is gone' };
  const failure = refusalOf(trigger);
  return failure === undefined ? { revision: trigger.revision } : { failure };
}

/** Why a trigger does not fire today. */
function refusalOf(trigger: TriggerRow): string | undefined {
  const { name, file, is_active: isActive, quarantine } = trigger;
  if (quarantine !== null) return `Trigger "${name}" is held: ${quarantine}`;
  if (isActive) return undefined;
  return file === null ? `Trigger "${name}" is disabled` : `The file of trigger "${name}" is gone`;
}

/** The run asks its guards anew, under the keys of that revision: those it had are forgotten. */
async function setRunRevision(tx: Knex, id: string, revision: number): Promise<void> {
  await tx('run_guards').where({ run_id: id }).del();
  await tx('trigger_runs').where({ id }).update({ revision });
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
