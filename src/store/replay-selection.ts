import type { Knex } from 'knex';
import { idBound } from '../domain/id.ts';
import { endedStates, readFilter } from '../domain/replay.ts';
import type { EndedState, ReplayFilter } from '../domain/replay.ts';
import type { Replayable } from './replay-items.ts';
import type { ReplayRow } from './replay-tables.ts';

/** Whose rows, and older than what: what a replay causes is never its own prey. */
export interface ReplayScope {
  readonly tenantId: string;
  /** When the replay was made. */
  readonly before: Date;
}

/** What a replay would touch. */
export interface ReplayPreview {
  readonly planned: number;
  /** The newest of them, at most ten. */
  readonly sample: readonly ReplaySample[];
  /** The most frequent types, at most fifty. */
  readonly perType: readonly { readonly event_type: string; readonly count: number }[];
}

export interface ReplaySample {
  readonly id: string;
  readonly event_id: string;
  readonly event_type: string;
  /** Null for a trigger run. */
  readonly endpoint_id: string | null;
  /** The trigger's name; null for a delivery. */
  readonly trigger: string | null;
  readonly state: EndedState;
  readonly created_at: Date;
}

const sampleMax = 10;
const typesMax = 50;

/** How many rows a replay made now would start again. */
export async function countReplay(
  db: Knex,
  scope: ReplayScope,
  filter: ReplayFilter,
): Promise<number> {
  const [row] = await selectionOf(db, scope, filter).count({ count: '*' });
  return Number(row?.count ?? 0);
}

/** How many rows a replay made now would start again, and which. */
export async function previewReplay(
  db: Knex,
  scope: ReplayScope,
  filter: ReplayFilter,
): Promise<ReplayPreview> {
  const types: TypeCount[] = await selectionOf(db, scope, filter)
    .select<TypeCount[]>(
      'event_type',
      db.raw('count(*) as count'),
      db.raw('sum(count(*)) over () as planned'),
    )
    .groupBy('event_type')
    .orderByRaw('count desc, event_type')
    .limit(typesMax);
  const own = filter.direction === 'inbound' ? 'trigger' : 'endpoint_id';
  const sample = await selectionOf(db, scope, filter)
    .select('id', 'event_id', 'event_type', 'state', 'created_at', own)
    .orderBy('id', 'desc')
    .limit(sampleMax);
  return {
    planned: Number(types[0]?.planned ?? 0),
    perType: types.map(({ event_type, count }) => ({ event_type, count: Number(count) })),
    sample: sample.map((row) => ({ ...nothingOfItsOwn, ...row })),
  };
}

/** Counts as PostgreSQL's driver reads them. */
interface TypeCount {
  event_type: string;
  count: string;
  planned: string;
}

const nothingOfItsOwn = { endpoint_id: null, trigger: null };

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
  const query = selectionOf(db, scope, readFilter(replay.filter));
  if (after !== null) void query.where('id', '>', after);
  const rows = await query.select('id', 'cycle').orderBy('id').limit(limit);
  return rows.map(({ id, cycle }) => ({ id, from: cycle }));
}

interface SelectedRow {
  id: string;
  event_id: string;
  event_type: string;
  endpoint_id: string | null;
  trigger: string | null;
  state: EndedState;
  cycle: number;
  created_at: Date;
}

type Selection = Knex.QueryBuilder<SelectedRow, SelectedRow[]>;

/** On the index of (tenant, id): an id carries the instant of its row. The instants choose the partitions. */
function selectionOf(db: Knex, { tenantId, before }: ReplayScope, filter: ReplayFilter): Selection {
  const isInbound = filter.direction === 'inbound';
  const prefix = isInbound ? 'run' : 'dlv';
  const query = db<SelectedRow, SelectedRow[]>(isInbound ? 'trigger_runs' : 'deliveries')
    .where('tenant_id', tenantId)
    .where('id', '>=', idBound(prefix, new Date(filter.from)))
    .where('id', '<', idBound(prefix, new Date(filter.to)))
    .where('created_at', '>=', filter.from)
    .where('created_at', '<', filter.to)
    .where('created_at', '<', before)
    .whereIn('state', filter.state === null ? endedStates[filter.direction] : [filter.state]);
  narrow(query, filter);
  return query;
}

function narrow(query: Selection, filter: ReplayFilter): void {
  const { eventTypes, endpointId, triggerId, source, replayId } = filter;
  if (eventTypes !== null) void query.whereRaw('event_type like any(?)', [eventTypes.map(toLike)]);
  if (endpointId !== null) void query.where('endpoint_id', endpointId);
  if (triggerId !== null) void query.where('trigger_id', triggerId);
  // A run carries the instant of its event, by which the event is found in one partition.
  if (source !== null) {
    void query.whereRaw(
      `exists (select 1 from events as e where e.id = trigger_runs.event_id
               and e.received_at = trigger_runs.created_at and e.source = ?)`,
      [source],
    );
  }
  if (replayId !== null) {
    void query.whereRaw(
      `id in (select subject_id from replay_items where replay_id = ? and failure is not null)`,
      [replayId],
    );
  }
}

function toLike(type: string): string {
  return type.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
}
