import type { Knex } from 'knex';
import { idBound, instantOf } from '../domain/id.ts';
import { endedStates, readFilter, subjectOf } from '../domain/replay.ts';
import type { EndedState, ReplayFilter, ReplaySubject } from '../domain/replay.ts';
import {
  asksOfDeliveries,
  narrowDeliveries,
  narrowItems,
  narrowRuns,
} from './replay-conditions.ts';
import type { ReplayRow } from './replay-tables.ts';

/** What a replay looks for. */
export interface ReplaySearch {
  readonly tenantId: string;
  /** When the replay was made: what it causes is never its own prey. */
  readonly before: Date;
  readonly filter: ReplayFilter;
  readonly subject: ReplaySubject;
}

/** What a replay may start again. */
export interface Replayable {
  readonly id: string;
  /** The cycle it had when the page was read. */
  readonly from: number;
  readonly eventId: string;
}

/** What a replay would touch. */
export interface ReplayPreview {
  readonly planned: number;
  /** The newest of them, at most ten. */
  readonly sample: readonly ReplaySample[];
  /** The most frequent types, at most fifty. */
  readonly perType: readonly TypeCount[];
}

export interface TypeCount {
  readonly event_type: string;
  readonly count: number;
}

export interface ReplaySample {
  readonly id: string;
  readonly event_id: string;
  readonly event_type: string;
  /** Null for a trigger run and for an event. */
  readonly endpoint_id: string | null;
  /** The trigger's name; null for a delivery and for an event. */
  readonly trigger: string | null;
  /** An event is `recorded`. */
  readonly state: EndedState | 'recorded';
  readonly created_at: Date;
}

export const sampleMax = 10;
export const typesMax = 50;

/** How many rows a replay made now would start again, before its expression is asked. */
export async function countReplay(db: Knex, search: ReplaySearch): Promise<number> {
  const [row] = await selectionOf(db, search).count({ count: '*' });
  return Number(row?.count ?? 0);
}

/** How many rows a replay made now would start again, and which, before its expression is asked. */
export async function previewReplay(db: Knex, search: ReplaySearch): Promise<ReplayPreview> {
  const types: CountedType[] = await selectionOf(db, search)
    .select<CountedType[]>(
      'event_type',
      db.raw('count(*) as count'),
      db.raw('sum(count(*)) over () as planned'),
    )
    .groupBy('event_type')
    .orderByRaw('count desc, event_type')
    .limit(typesMax);
  return {
    planned: Number(types[0]?.planned ?? 0),
    perType: types.map(({ event_type, count }) => ({ event_type, count: Number(count) })),
    sample: await listNewestOfReplay(db, search, { limit: sampleMax }),
  };
}

/**
 * Rows that a replay made now would start again, newest first, before its expression is asked.
 *
 * @param page - `before`: the last id of the page before
 */
export async function listNewestOfReplay(
  db: Knex,
  search: ReplaySearch,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<ReplaySample[]> {
  const query = selectionOf(db, search);
  if (before !== undefined) void query.where('id', '<', before);
  return query
    .select('id', 'event_id', 'event_type', 'endpoint_id', 'trigger', 'state', 'created_at')
    .orderBy('id', 'desc')
    .limit(limit);
}

/** Counts as PostgreSQL's driver reads them. */
interface CountedType {
  event_type: string;
  count: string;
  planned: string;
}

/**
 * The next rows of a replay, by id.
 *
 * @param after - the last id of the page before; null for the first
 * @param limit - rows at most
 */
export async function listReplayPage(
  db: Knex,
  replay: Pick<ReplayRow, 'tenant_id' | 'created_at' | 'filter' | 'target_endpoint_id'>,
  { after, limit }: { after: string | null; limit: number },
): Promise<Replayable[]> {
  const filter = readFilter(replay.filter);
  const subject = subjectOf(filter, { targetEndpointId: replay.target_endpoint_id });
  const search = { tenantId: replay.tenant_id, before: replay.created_at, filter, subject };
  const query = selectionOf(db, search);
  if (after !== null) void query.where('id', '>', after);
  const rows = await query.select('id', 'cycle', 'event_id').orderBy('id').limit(limit);
  return rows.map(({ id, cycle, event_id: eventId }) => ({ id, from: cycle, eventId }));
}

/**
 * The newest delivery of an event that a replay's filter is about: what a new one to another endpoint
 * repeats.
 *
 * @returns undefined when the filter asks nothing of deliveries
 */
export async function findRepeated(
  db: Knex,
  { filter, eventId, before }: { filter: ReplayFilter; eventId: string; before: Date },
): Promise<string | undefined> {
  if (!asksOfDeliveries(filter)) return undefined;
  const query = db('deliveries as d')
    .where('d.event_id', eventId)
    .where('d.created_at', '>=', instantOf(eventId) ?? new Date(0)) // Leaves partitions out.
    .where('d.created_at', '<', before);
  narrowDeliveries(query, filter);
  const rows: { id: string }[] = await query.orderBy('d.id', 'desc').select('d.id').limit(1);
  return rows[0]?.id;
}

interface SelectedRow extends ReplaySample {
  cycle: number;
}

type Selection = Knex.QueryBuilder<SelectedRow, SelectedRow[]>;

const prefixes = { trigger_run: 'run', delivery: 'dlv', event: 'evt' } as const;

/** On the index of (tenant, id): an id carries the instant of its row. The instants choose the partitions. */
function selectionOf(db: Knex, search: ReplaySearch): Selection {
  const { tenantId, before, filter, subject } = search;
  const prefix = prefixes[subject];
  const query = db<SelectedRow, SelectedRow[]>(rowsOf[subject](db, search).as('item'))
    .where('tenant_id', tenantId)
    .where('id', '>=', idBound(prefix, new Date(filter.from)))
    .where('id', '<', idBound(prefix, new Date(filter.to)))
    .where('created_at', '>=', filter.from)
    .where('created_at', '<', filter.to)
    .where('created_at', '<', before);
  narrowItems(query, search);
  return query;
}

/** The rows of each kind under the same names; PostgreSQL plans them as if they stood in the query itself. */
const rowsOf = {
  trigger_run(db, { filter }) {
    const query = db('trigger_runs as r').select(
      db.raw(`r.id, r.tenant_id, r.event_id, r.event_type, null::text as endpoint_id, r.trigger,
              r.state, r.cycle, r.created_at`),
    );
    narrowRuns(query, filter);
    return query;
  },
  delivery(db, { filter }) {
    const query = db('deliveries as d').select(
      db.raw(`d.id, d.tenant_id, d.event_id, d.event_type, d.endpoint_id, null::text as trigger,
              d.state, d.cycle, d.created_at`),
    );
    if (filter.state === null) void query.whereIn('d.state', [...endedStates.outbound]);
    narrowDeliveries(query, filter);
    return query;
  },
  event(db, { filter, before }) {
    const query = db('events as e')
      .select(
        db.raw(`e.id, e.tenant_id, e.id as event_id, e.type as event_type, null::text as endpoint_id,
                null::text as trigger, 'recorded' as state, 1 as cycle, e.received_at as created_at`),
      )
      .where('e.direction', 'outbound');
    if (!asksOfDeliveries(filter)) return query;
    const deliveries = db('deliveries as d')
      .select(db.raw('1'))
      .whereRaw('d.event_id = e.id and d.created_at >= e.received_at')
      .where('d.created_at', '<', before);
    narrowDeliveries(deliveries, filter);
    return query.whereExists(deliveries);
  },
} as const satisfies Record<ReplaySubject, (db: Knex, search: ReplaySearch) => Knex.QueryBuilder>;
