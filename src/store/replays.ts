import type { Knex } from 'knex';
import { endedStates } from '../domain/replay.ts';
import type { ReplayFilter } from '../domain/replay.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { Replayable } from './replay-items.ts';
import type { ReplayRow } from './tables.ts';

/** A replay with how far it has come, counted from its items. */
export interface ReplayProgress extends ReplayRow {
  /** Items whose next cycle was opened. */
  readonly done: number;
  readonly failed: number;
  /** Of those done, how many started from their row because Temporal no longer keeps their history. */
  readonly from_row: number;
}

/** Write a replay; it is not started yet. */
export async function recordReplay(
  db: Knex,
  replay: Pick<ReplayRow, 'id' | 'tenant_id' | 'planned' | 'created_at'>,
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
  const [replay] = await withProgress(db, rows);
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
  return withProgress(db, rows);
}

/** How many rows a replay made at `before` would start again. */
export async function countReplay(
  db: Knex,
  { tenantId, before }: { tenantId: string; before: Date },
  filter: ReplayFilter,
): Promise<number> {
  const [row] = await replaySelection(db, { tenantId, before }, filter).count({ planned: '*' });
  return Number(row?.planned ?? 0);
}

/**
 * The next rows of a replay, by id.
 *
 * @param after - the last id of the page before; null for the first
 * @param limit - rows at most
 */
export async function listReplayPage(
  db: Knex,
  replay: Pick<ReplayRow, 'tenant_id' | 'created_at' | 'filter'>,
  { after, limit }: { after: string | null; limit: number },
): Promise<Replayable[]> {
  const scope = { tenantId: replay.tenant_id, before: replay.created_at };
  // The filter was checked before `recordReplay` wrote it.
  const query = replaySelection(db, scope, replay.filter as ReplayFilter);
  if (after !== null) void query.where('id', '>', after);
  const rows = await query.select('id', 'cycle').orderBy('id').limit(limit);
  return rows.map(({ id, cycle }) => ({ id, from: cycle }));
}

interface SelectedRow {
  id: string;
  cycle: number;
  planned: string;
}

/** Only rows older than the replay itself: what it causes is never its own prey. */
function replaySelection(
  db: Knex,
  { tenantId, before }: { tenantId: string; before: Date },
  filter: ReplayFilter,
): Knex.QueryBuilder<SelectedRow, SelectedRow[]> {
  const states = filter.state === null ? endedStates[filter.direction] : [filter.state];
  const table = filter.direction === 'inbound' ? 'trigger_runs' : 'deliveries';
  const query = db<SelectedRow, SelectedRow[]>(table)
    .where('tenant_id', tenantId)
    .where('created_at', '>=', filter.from)
    .where('created_at', '<', filter.to)
    .where('created_at', '<', before)
    .whereIn('state', states);
  if (filter.eventTypes !== null) {
    void query.whereRaw('event_type like any(?)', [filter.eventTypes.map(toLike)]);
  }
  if (filter.direction === 'outbound' && filter.endpointId !== null) {
    void query.where('endpoint_id', filter.endpointId);
  }
  return query;
}

function toLike(type: string): string {
  return type.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
}

interface ItemCounts {
  replay_id: string;
  done: number;
  failed: number;
  from_row: number;
}

async function withProgress(db: Knex, replays: readonly ReplayRow[]): Promise<ReplayProgress[]> {
  if (replays.length === 0) return [];
  const { rows } = (await db.raw(
    `select replay_id,
            count(*) filter (where cycle is not null and failure is null)::integer as done,
            count(*) filter (where failure is not null)::integer as failed,
            count(*) filter (where origin = 'row' and failure is null)::integer as from_row
     from replay_items where replay_id = any(?) group by replay_id`,
    [replays.map(({ id }) => id)],
  )) as { rows: ItemCounts[] };
  const byReplay = new Map(rows.map((row) => [row.replay_id, row]));
  return replays.map((replay) => ({
    ...replay,
    done: byReplay.get(replay.id)?.done ?? 0,
    failed: byReplay.get(replay.id)?.failed ?? 0,
    from_row: byReplay.get(replay.id)?.from_row ?? 0,
  }));
}
