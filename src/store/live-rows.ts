import type { Knex } from 'knex';
import type { DeliveryRow } from './delivery-tables.ts';
import type { EventRow } from './tables.ts';

/** Which rows are wanted: with a greater id, oldest first. */
export interface After {
  /** An id, or the beginning of one as `idBound` makes it. */
  readonly id: string;
  /** The instant in it: days before it are not looked at. */
  readonly at: Date;
  readonly limit: number;
}

export type LiveEvent = Pick<EventRow, 'id' | 'type' | 'source' | 'direction' | 'received_at'>;

/** Events of a tenant by id, without what they carry. */
export async function listEventsAfter(
  db: Knex,
  tenantId: string,
  { id, at, limit }: After,
): Promise<LiveEvent[]> {
  return db('events')
    .where({ tenant_id: tenantId })
    .where('id', '>', id)
    .where('received_at', '>=', at)
    .orderBy('id')
    .limit(limit)
    .select('id', 'type', 'source', 'direction', 'received_at');
}

export type LiveDelivery = Pick<
  DeliveryRow,
  'id' | 'event_id' | 'event_type' | 'endpoint_id' | 'state' | 'created_at'
>;

/** Deliveries of a tenant by id. */
export async function listDeliveriesAfter(
  db: Knex,
  tenantId: string,
  { id, at, limit }: After,
): Promise<LiveDelivery[]> {
  return db('deliveries')
    .where({ tenant_id: tenantId })
    .where('id', '>', id)
    .where('created_at', '>=', at)
    .orderBy('id')
    .limit(limit)
    .select('id', 'event_id', 'event_type', 'endpoint_id', 'state', 'created_at');
}
