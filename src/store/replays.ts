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

/** Only those that are going have a speed: the others are not counted. */
async function withSpeed(db: Knex, replays: readonly ReplayRow[]): Promise<ReplayProgress[]> {
  const going = replays.filter(({ state }) => state === 'running').map(({ id }) => id);
  if (going.length === 0) return replays.map((replay) => ({ ...replay, per_minute: 0 }));
  const rows = await db('replay_items')
    .whereIn('replay_id', going)
    .whereRaw(`created_at > now() - interval '1 minute'`)
    .select('replay_id')
    .count({ items: '*' })
    .groupBy('replay_id');
  const byReplay = new Map(rows.map((row) => [row.replay_id, Number(row.items)]));
  return replays.map((replay) => ({ ...replay, per_minute: byReplay.get(replay.id) ?? 0 }));
}
