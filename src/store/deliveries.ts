import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { DeliveryRow, DeliveryState } from './tables.ts';

/** The key of a delivery's row: its id, and the instant in it, which is its partition. */
export function deliveryKey(id: string): { id: string; created_at: Date } {
  return { id, created_at: instantOf(id) ?? new Date(0) };
}

/** One delivery of a tenant; without a tenant only for activities, which act on ids that the platform made. */
export async function findDelivery(
  db: Knex,
  id: string,
  tenantId?: string,
): Promise<DeliveryRow | undefined> {
  const query = db('deliveries').where(deliveryKey(id));
  if (tenantId !== undefined) void query.where({ tenant_id: tenantId });
  return query.first();
}

export interface DeliveryFilter {
  readonly eventId?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly state?: DeliveryState | undefined;
}

/** Newest first. */
export async function listDeliveries(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: DeliveryFilter; page: Page },
): Promise<DeliveryRow[]> {
  const query = db('deliveries').where({ tenant_id: tenantId });
  if (filter.eventId !== undefined) void query.where('event_id', filter.eventId);
  if (filter.endpointId !== undefined) void query.where('endpoint_id', filter.endpointId);
  if (filter.state !== undefined) void query.where('state', filter.state);
  return query.modify(newestFirst, page);
}

/** End a delivery's cycle without a POST: its endpoint is gone or disabled. */
export async function setCancelled(
  db: Knex,
  { id, cycle }: { id: string; cycle: number },
  reason: string,
): Promise<void> {
  await db('deliveries')
    .where({ ...deliveryKey(id), cycle })
    .whereIn('state', ['pending', 'retrying'])
    .update({
      state: 'cancelled',
      last_reason: reason,
      next_attempt_at: null,
      ended_at: db.fn.now(),
    });
}
