import type { Knex } from 'knex';
import { goingStates, replayMoves } from '../domain/replay.ts';
import type { ReplayFilter, ReplayMove } from '../domain/replay.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { ReplayRow } from './replay-tables.ts';

/** A replay with how fast it is. */
export interface ReplayProgress extends ReplayRow {
  /** Items of the last minute, failed ones too; 0 when it is not running. */
  readonly per_minute: number;
  /**
   * Items per second, of the last seconds; of the last minute when there was none in these. Null when
   * it has not gone on for long enough, as after a rest.
   */
  readonly per_second: number | null;
}

/** A replay of a tenant. */
export interface ReplayKey {
  readonly id: string;
  readonly tenant_id: string;
}

/** What is known of a replay at its start, beside its filter. */
export type NewReplay = Pick<
  ReplayRow,
  | 'id'
  | 'tenant_id'
  | 'planned'
  | 'is_estimated'
  | 'rate'
  | 'revision'
  | 'target_endpoint_id'
  | 'ids'
  | 'created_by'
  | 'created_at'
>;

/** Write a replay; it is not started yet. */
export async function recordReplay(
  db: Knex,
  replay: NewReplay,
  filter: ReplayFilter,
): Promise<void> {
  const row = { ...replay, filter: JSON.stringify(filter), start_after: replay.created_at };
  await db('replays').insert({ ...row, state: 'pending' });
}

/** One replay of a tenant; without a tenant only for activities, which act on ids that the platform made. */
export async function findReplay(
  db: Knex,
  id: string,
  tenantId?: string,
): Promise<ReplayProgress | undefined> {
  const rows = await db('replays').where({
    id,
    ...(tenantId !== undefined && { tenant_id: tenantId }),
  });
  const [replay] = await withSpeed(db, rows);
  return replay;
}

/** Newest first. */
export async function listReplays(
  db: Knex,
  tenantId: string,
  page: Page,
): Promise<ReplayProgress[]> {
  const rows: ReplayRow[] = await db('replays')
    .where({ tenant_id: tenantId })
    .modify(newestFirst, page);
  return withSpeed(db, rows);
}

/** Replays of what failed in another, oldest first. Replays are few; those of a tenant are found by an index. */
export async function listRetriesOf(
  db: Knex,
  { id, tenant_id }: ReplayKey,
): Promise<Pick<ReplayRow, 'id' | 'ended_at'>[]> {
  return db('replays')
    .where({ tenant_id })
    .whereRaw(`filter ->> 'replayId' = ?`, [id])
    .orderBy('id')
    .select('id', 'ended_at');
}

/** Until the transaction ends nobody else has the lock of that replay. */
export async function lockReplay(tx: Knex.Transaction, id: string): Promise<void> {
  await tx('replays').where({ id }).forUpdate().select('id');
}

/**
 * Pause, resume or cancel a replay. Once this is committed, a pause or a cancel holds: no item is
 * started that was not before, wherever the workflow is.
 *
 * @returns false when there is no such replay or its state does not allow it
 */
export async function setReplayState(db: Knex, key: ReplayKey, move: ReplayMove): Promise<boolean> {
  const { from, to } = replayMoves[move];
  const changed = await db('replays')
    .where({ id: key.id, tenant_id: key.tenant_id })
    .whereIn('state', from)
    .update({
      state: to,
      paused_at: move === 'pause' ? db.fn.now() : null,
      ...(move === 'cancel' && { ended_at: db.fn.now() }),
    });
  return changed > 0;
}

/**
 * Change how fast a replay goes, also while it does.
 *
 * @param rate - items per second, 1 to 500
 * @returns false when there is no such replay or it has ended
 */
export async function setReplayRate(db: Knex, key: ReplayKey, rate: number): Promise<boolean> {
  const changed = await db('replays')
    .where({ id: key.id, tenant_id: key.tenant_id })
    .whereIn('state', [...goingStates, 'paused'])
    .update({ rate });
  return changed > 0;
}

/**
 * The replay is through. Safe to repeat; a cancelled one stays cancelled. One that was paused after
 * its last item has nothing left to wait for.
 */
export async function setReplayCompleted(db: Knex, id: string): Promise<void> {
  await db('replays')
    .where({ id })
    .whereIn('state', [...goingStates, 'paused'])
    .update({ state: 'completed', ended_at: db.fn.now(), paused_at: null });
}

/** Short, so that a new rate or a rest is soon seen; a speed of less than the second says little. */
const recentS = 15;
const measuredS = 10;

interface Counted {
  readonly replay_id: string;
  readonly items: number;
  readonly recent: number;
  /** How long ago the first of the recent ones was; null when there are none. */
  readonly recent_s: number | null;
}

/** Only those that are going have a speed: the others are not counted. */
async function withSpeed(db: Knex, replays: readonly ReplayRow[]): Promise<ReplayProgress[]> {
  const going = replays.filter(({ state }) => state === 'running').map(({ id }) => id);
  const rows = going.length === 0 ? [] : await countItems(db, going);
  const byReplay = new Map(rows.map((row) => [row.replay_id, row]));
  return replays.map((replay) => {
    const row = byReplay.get(replay.id);
    return { ...replay, per_minute: row?.items ?? 0, per_second: row ? speedOf(row) : null };
  });
}

async function countItems(db: Knex, replayIds: readonly string[]): Promise<Counted[]> {
  const isRecent = `created_at > now() - interval '${recentS} seconds'`;
  return db('replay_items')
    .whereIn('replay_id', replayIds)
    .whereRaw(`created_at > now() - interval '1 minute'`)
    .select<Counted[]>(
      'replay_id',
      db.raw('count(*)::integer as items'),
      db.raw(`count(*) filter (where ${isRecent})::integer as recent`),
      db.raw(
        `extract(epoch from now() - min(created_at) filter (where ${isRecent}))::float8 as recent_s`,
      ),
    )
    .groupBy('replay_id');
}

function speedOf({ items, recent, recent_s: seconds }: Counted): number | null {
  if (seconds === null) return items / 60;
  return seconds < measuredS ? null : recent / seconds;
}
