import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import type { AttemptRow, DeliveryRow, EndpointRow } from './delivery-tables.ts';
import type { EventRow } from './tables.ts';

/** What followed from an event, each kind in one query however many there are. Bodies stay out. */

/** An event that a trigger run emitted. */
export interface EmittedEvent extends Pick<EventRow, 'id' | 'type' | 'received_at'> {
  readonly run_id: string;
}

/**
 * What trigger runs emitted in all their cycles, oldest first: emitters key their events by the id
 * of their workflow, which begins with the run's.
 *
 * @param eachMax - of one run
 */
export async function listEmittedEvents(
  db: Knex,
  tenantId: string,
  { runIds, eachMax }: { readonly runIds: readonly string[]; readonly eachMax: number },
): Promise<EmittedEvent[]> {
  if (runIds.length === 0) return [];
  const { rows } = await db.raw<{ rows: { run_id: string; event_id: string }[] }>(
    // After the run's id a cycle goes on with "-" and a key with "/": both come before "0".
    `select run.id as run_id, emitted.event_id
     from unnest(:runIds::text[]) as run(id), lateral (
       select event_id from dedupe_keys
       where owner = :owner and owner like 'emit:%'
         and dedupe_id collate "C" >= run.id and dedupe_id collate "C" < run.id || '0'
       order by dedupe_id collate "C" limit :eachMax) as emitted`,
    { runIds: [...runIds], owner: `emit:${tenantId}`, eachMax },
  );
  if (rows.length === 0) return [];
  const runOf = new Map(rows.map((row) => [row.event_id, row.run_id]));
  const keys = [...runOf.keys()].map((id) => [id, instantOf(id) ?? new Date(0)]);
  const events = await db('events')
    .where({ tenant_id: tenantId })
    .whereIn(['id', 'received_at'], keys)
    .select('id', 'type', 'received_at')
    .orderBy('id');
  return events.map((event) => ({ ...event, run_id: runOf.get(event.id) ?? '' }));
}

/** The deliveries of some events, in the order of the ids of events and then their own. */
export async function listDeliveriesOf(
  db: Knex,
  tenantId: string,
  { eventIds, limit }: { readonly eventIds: readonly string[]; readonly limit: number },
): Promise<DeliveryRow[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await db.raw<{ rows: DeliveryRow[] }>(
    `select delivery.*
     from unnest(:eventIds::text[]) as event(id), lateral (
       select * from deliveries where event_id = event.id and tenant_id = :tenantId
       order by id limit :limit) as delivery
     order by delivery.event_id, delivery.id limit :limit`,
    { eventIds: [...eventIds], tenantId, limit },
  );
  return rows;
}

/** An attempt without what the consumer answered. */
export type AttemptFacts = Pick<
  AttemptRow,
  'delivery_id' | 'number' | 'cycle' | 'started_at' | 'duration_ms' | 'status' | 'reason'
>;

/**
 * The newest attempts of some deliveries, oldest first.
 *
 * @param eachMax - of one delivery
 */
export async function listAttemptsOf(
  db: Knex,
  deliveries: readonly Pick<DeliveryRow, 'id' | 'created_at'>[],
  eachMax: number,
): Promise<AttemptFacts[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await db.raw<{ rows: AttemptFacts[] }>(
    `select attempt.*
     from unnest(:ids::text[], :instants::timestamptz[]) as delivery(id, created_at), lateral (
       select delivery_id, number, cycle, started_at, duration_ms, status, reason
       from attempts
       where delivery_id = delivery.id and delivery_created_at = delivery.created_at
       order by cycle desc, number desc limit :eachMax) as attempt
     order by attempt.delivery_id, attempt.cycle, attempt.number`,
    {
      ids: deliveries.map(({ id }) => id),
      instants: deliveries.map(({ created_at: at }) => at.toISOString()),
      eachMax,
    },
  );
  return rows;
}

/** Where endpoints are, by id; deleted ones too. */
export async function listEndpointUrls(
  db: Knex,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows: Pick<EndpointRow, 'id' | 'url'>[] = await db('endpoints')
    .where({ tenant_id: tenantId })
    .whereIn('id', [...new Set(ids)])
    .select('id', 'url');
  return new Map(rows.map(({ id, url }) => [id, url]));
}

/** An endpoint with what decides whether it gets an event. */
export type UnsentEndpoint = Pick<
  EndpointRow,
  'id' | 'url' | 'event_types' | 'filter' | 'created_at'
>;

/** The endpoints of an event's tenant that have no delivery of it, oldest first; no deleted ones. */
export async function listEndpointsWithout(
  db: Knex,
  event: Pick<EventRow, 'id' | 'tenant_id'>,
  limit: number,
): Promise<UnsentEndpoint[]> {
  const { id, tenant_id } = event;
  const sentTo = db('deliveries')
    .where({ event_id: id, tenant_id })
    .where('created_at', '>=', instantOf(id) ?? new Date(0)) // Leaves partitions out.
    .select('endpoint_id');
  return db('endpoints')
    .where({ tenant_id })
    .whereNull('deleted_at')
    .whereNotIn('id', sentTo)
    .orderBy('id')
    .limit(limit)
    .select('id', 'url', 'event_types', 'filter', 'created_at');
}
