import type { Knex } from 'knex';
import { channelNames } from '../domain/channel.ts';
import { idBound, instantOf } from '../domain/id.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { EventRow } from './tables.ts';

export interface EventFilter {
  readonly direction?: EventRow['direction'] | undefined;
  readonly source?: string | undefined;
  /** A type, or a beginning with a star: `pull_request.*`. */
  readonly type?: string | undefined;
  readonly integrationId?: string | undefined;
  /** Received at or after this. */
  readonly from?: Date | undefined;
  /** Received before this. */
  readonly to?: Date | undefined;
  /** `failed`: something of it is an open dead letter. */
  readonly state?: 'failed' | undefined;
  /** An event's id, its beginning (`evt_` and at least 4 hex digits), or a whole dedupe id. */
  readonly text?: string | undefined;
}

/** What a list tells of an event: nothing that can be large. */
export type ListedEvent = Omit<EventRow, 'headers' | 'query' | 'body' | 'traceparent'> & {
  readonly body_bytes: number;
};

/** What an event carries, as far as a list shows it. */
export type EventContents = Pick<EventRow, 'id' | 'headers'> & { readonly body: Buffer | null };

/** Newest first. Each filter alone costs a page of its index, whatever is stored. */
export async function listEvents(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: EventFilter; page: Page },
): Promise<ListedEvent[]> {
  const query = narrowed(db, { ...filter, tenantId, page });
  if (filter.text !== undefined) await narrowToText(db, query, { tenantId, text: filter.text });
  if (filter.state === 'failed') return amongFailed(db, query, { tenantId, page });
  const lanes = await lanesOf(db, tenantId, filter);
  if (lanes === undefined) return query.modify(newestFirst, page);
  if (lanes.values.length === 0) return [];
  // One page of each lane, then the newest of all: in one index each is in order.
  const lane = query.whereRaw(`${lanes.column} = lane.value`).modify(newestFirst, page);
  const pages = db.raw('unnest(?::text[]) as lane(value) cross join lateral ? as event', [
    [...lanes.values],
    lane,
  ]);
  return db.select('event.*').from(pages).orderBy('event.id', 'desc').limit(page.limit);
}

/**
 * Headers and bodies of listed events.
 *
 * @param bodyMax - bodies above it stay null: 200 of 25 MiB would be 5 GiB
 */
export async function listEventContents(
  db: Knex,
  events: readonly Pick<EventRow, 'id' | 'received_at'>[],
  bodyMax: number,
): Promise<ReadonlyMap<string, EventContents>> {
  if (events.length === 0) return new Map();
  const keys = events.map(({ id, received_at }) => [id, received_at]);
  const rows: EventContents[] = await db('events')
    .whereIn(['id', 'received_at'], keys)
    .select('id', 'headers')
    .select(db.raw('case when octet_length(body) <= ? then body end as body', [bodyMax]));
  return new Map(rows.map((row) => [row.id, row]));
}

const listedColumns = [
  'id',
  'tenant_id',
  'direction',
  'source',
  'type',
  'integration_id',
  'dedupe_id',
  'content_type',
  'received_at',
  'payload_dropped_at',
  'payload_dropped_for',
] as const;

function narrowed(
  db: Knex,
  wanted: EventFilter & { readonly tenantId: string; readonly page: Page },
): Knex.QueryBuilder {
  const { direction, source, type, integrationId, from, to, page } = wanted;
  const query = db('events')
    .where({ tenant_id: wanted.tenantId })
    .select(listedColumns)
    .select(db.raw('octet_length(body) as body_bytes')); // Known without reading the body.
  if (direction !== undefined) void query.where({ direction });
  if (source !== undefined) void query.where({ source });
  if (integrationId !== undefined) void query.where('integration_id', integrationId);
  if (type !== undefined) {
    if (isGlob(type)) void query.whereRaw('starts_with(type, ?)', [type.slice(0, -1)]);
    else void query.whereRaw('type collate "C" = ?', [type]);
  }
  // Ids carry the same instant: they bound the index, the instants leave partitions out.
  if (from) void query.where('id', '>=', idBound('evt', from)).where('received_at', '>=', from);
  if (to) void query.where('id', '<', idBound('evt', to)).where('received_at', '<', to);
  const before = page.cursor === undefined ? undefined : instantOf(page.cursor);
  if (before) void query.where('received_at', '<=', before);
  return query;
}

async function narrowToText(
  db: Knex,
  query: Knex.QueryBuilder,
  { tenantId, text }: { readonly tenantId: string; readonly text: string },
): Promise<void> {
  if (/^evt_[0-9a-f]{4,32}$/.test(text)) {
    void query.where('id', '>=', text).where('id', '<', `${text}g`); // After f, the last digit.
    return;
  }
  const ids = await findByDedupeId(db, tenantId, text);
  const keys = ids.map((id) => [id, instantOf(id) ?? new Date(0)]);
  void query.whereIn(['id', 'received_at'], keys);
}

/** The last event that each integration of a tenant, the tenant or the platform itself, took under a dedupe id. */
async function findByDedupeId(db: Knex, tenantId: string, dedupeId: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { event_id: string }[] }>(
    `select k.event_id
     from (select id from integrations where tenant_id = :tenantId
       union all values ('emit:' || :tenantId::text), ('own:' || :tenantId::text)) as o(id),
     lateral (select event_id from dedupe_keys where (owner, dedupe_id) = (o.id, :dedupeId) limit 1) as k`,
    { tenantId, dedupeId },
  );
  return rows.map(({ event_id: id }) => id);
}

/**
 * Those with an open dead letter, in the order of its index, so that a page ends the search. An event
 * is looked up by both parts of its key: the second is in the first.
 */
async function amongFailed(
  db: Knex,
  query: Knex.QueryBuilder,
  { tenantId, page }: { readonly tenantId: string; readonly page: Page },
): Promise<ListedEvent[]> {
  const failed = db('failed_cycles')
    .where({ tenant_id: tenantId, state: 'open' })
    .distinct('event_id')
    .orderBy('event_id', 'desc');
  if (page.cursor !== undefined) void failed.where('event_id', '<', page.cursor);
  // The limit changes no row: it keeps PostgreSQL from joining with all events that are stored.
  const event = query
    .whereRaw(
      `id = failed.event_id and received_at = timestamptz 'epoch' +
         ('x' || substr(failed.event_id, 5, 12))::bit(48)::bigint * interval '1 millisecond'`,
    )
    .limit(1);
  return db
    .select('event.*')
    .from(db.raw('? as failed cross join lateral ? as event', [failed, event]))
    .orderBy('failed.event_id', 'desc')
    .limit(page.limit);
}

/** A column of an index, and the values of it that are wanted. */
interface Lanes {
  readonly column: 'source' | 'type collate "C"';
  readonly values: readonly string[];
}

/** More types than this match nearly everything: then the list is read as it is. */
const typesMax = 100;

/** Where a filter is no single value of an index: the values that it stands for. */
async function lanesOf(
  db: Knex,
  tenantId: string,
  { direction, source, type, integrationId, text }: EventFilter,
): Promise<Lanes | undefined> {
  if (text !== undefined || integrationId !== undefined) return undefined;
  if (type !== undefined) {
    if (!isGlob(type)) return undefined;
    const values = await listTypes(db, tenantId, type.slice(0, -1));
    return values.length > typesMax ? undefined : { column: 'type collate "C"', values };
  }
  if (direction === undefined || source !== undefined) return undefined;
  return { column: 'source', values: direction === 'inbound' ? channelNames : ['platform'] };
}

/** The types with this beginning, one look into the index for each; one more than can be used. */
async function listTypes(db: Knex, tenantId: string, beginning: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { type: string }[] }>(
    `with recursive found(type) as (
       (select type from events where tenant_id = :tenantId and type collate "C" >= :beginning
        order by type collate "C" limit 1)
       union all
       select next.type from found, lateral (
         select type from events where tenant_id = :tenantId and type collate "C" > found.type
         order by type collate "C" limit 1) as next
       where starts_with(found.type, :beginning))
     select type from found where starts_with(type, :beginning) limit :limit`,
    { tenantId, beginning, limit: typesMax + 1 },
  );
  return rows.map(({ type }) => type);
}

function isGlob(type: string): boolean {
  return type.endsWith('*');
}
