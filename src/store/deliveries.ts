import type { Knex } from 'knex';
import { idBound, instantOf } from '../domain/id.ts';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { DeliveryRow, DeliveryState } from './delivery-tables.ts';

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
  readonly eventType?: string | undefined;
  /** Made at or after this. */
  readonly from?: Date | undefined;
  /** Made before this. */
  readonly to?: Date | undefined;
  /** The beginning of a delivery's or an event's id, see `idTextPattern`. */
  readonly text?: string | undefined;
}

/** A delivery in a list: with the address it goes to today; null when no endpoint of that id is kept. */
export type ListedDelivery = DeliveryRow & { readonly endpoint_url: string | null };

/** Newest first. */
export async function listDeliveries(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: DeliveryFilter; page: Page },
): Promise<ListedDelivery[]> {
  const query = db('deliveries as d')
    .modify(matchingDeliveries, tenantId, filter)
    .select('d.*')
    .select(db.raw('(select url from endpoints e where e.id = d.endpoint_id) as endpoint_url'));
  const before = page.cursor === undefined ? undefined : instantOf(page.cursor);
  if (before) void query.where('created_at', '<=', before);
  return query.modify(newestFirst, page);
}

/** Narrow a query of deliveries to those of a tenant that match: for `query.modify`. */
export function matchingDeliveries(
  query: Knex.QueryBuilder,
  tenantId: string,
  { eventId, endpointId, state, eventType, from, to, text }: DeliveryFilter,
): void {
  void query.where({ tenant_id: tenantId });
  if (eventId !== undefined) void query.where('event_id', eventId);
  if (endpointId !== undefined) void query.where('endpoint_id', endpointId);
  if (state !== undefined) void query.where('state', state);
  if (eventType !== undefined) void query.where('event_type', eventType);
  // Ids carry the same instant: they bound the index, the instants leave partitions out.
  if (from) void query.where('id', '>=', idBound('dlv', from)).where('created_at', '>=', from);
  if (to) void query.where('id', '<', idBound('dlv', to)).where('created_at', '<', to);
  if (text !== undefined) narrowToText(query, text);
}

/** What a text filter takes: at least four digits of an id from its first on, with or without its prefix. */
export const idTextPattern = /^(?:(dlv|evt)_)?([0-9a-f]{4,32})(?:-c[0-9]+)?$/;

/** Of a UUIDv7 in hex, the digits that are its instant. */
const instantDigits = 12;

/**
 * A delivery carries the instant of its event: the digits of the instant bound its own id, whichever
 * of the two is meant, and only what is left is compared row by row.
 */
function narrowToText(query: Knex.QueryBuilder, text: string): void {
  const [, prefix, digits = ''] = idTextPattern.exec(text) ?? [];
  const isWhole = digits.length === 32;
  if (isWhole && prefix === 'dlv') {
    void query.where(deliveryKey(`dlv_${digits}`));
    return;
  }
  if (isWhole && prefix === 'evt') {
    void query.where('event_id', `evt_${digits}`);
    return;
  }
  const begins = `dlv_${digits.slice(0, instantDigits)}`;
  void query.where('id', '>=', begins).where('id', '<', `${begins}g`); // After f, the last digit.
  void query.where((either) => {
    if (prefix !== 'evt') void either.orWhereRaw('starts_with(id, ?)', [`dlv_${digits}`]);
    if (prefix !== 'dlv') void either.orWhereRaw('starts_with(event_id, ?)', [`evt_${digits}`]);
  });
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
