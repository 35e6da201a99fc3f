import type { Knex } from 'knex';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import type { DeliveryRow, DeliveryState, EndpointRow } from '../src/store/delivery-tables.ts';
import { findEndpoint } from '../src/store/endpoints.ts';
import { findEvent } from '../src/store/events.ts';
import { setParked } from '../src/store/parked-deliveries.ts';
import type { EventRow } from '../src/store/tables.ts';

/** What an attempt sends, and where to. */
export interface Target {
  readonly delivery: DeliveryRow;
  readonly endpoint: EndpointRow;
  readonly event: EventRow;
}

/** Why there is nothing to send: the cycle has ended, or is held back. */
export type NoTarget = { readonly cancelled: string } | { readonly isParked: true };

/** States of a cycle that goes on. */
const underWay: ReadonlySet<DeliveryState> = new Set(['pending', 'retrying']);

/** What an attempt sends as things stand now; parks the delivery while its endpoint takes nothing. */
export async function findTarget(
  db: Knex,
  { deliveryId, cycle }: Pick<DeliveryInput, 'deliveryId' | 'cycle'>,
): Promise<Target | NoTarget> {
  const delivery = await findDelivery(db, deliveryId);
  if (!delivery) throw new Error(`There is no delivery "${deliveryId}"`);
  if (delivery.cycle !== cycle) return { cancelled: 'superseded' };
  if (delivery.state === 'parked') return { isParked: true }; // By an earlier run of this attempt, or by a person.
  if (!underWay.has(delivery.state)) return { cancelled: 'superseded' };
  const { tenant_id, endpoint_id, event_id } = delivery;
  const endpoint = await findEndpoint(db, endpoint_id, tenant_id);
  if (!endpoint) return { cancelled: 'endpoint_deleted' };
  if (endpoint.state === 'disabled') return { cancelled: 'endpoint_disabled' };
  if (endpoint.state === 'paused') {
    if (await setParked(db, { id: deliveryId, cycle, endpointId: endpoint.id })) {
      return { isParked: true };
    }
    return findTarget(db, { deliveryId, cycle }); // It was resumed, or the cycle ended, in this moment.
  }
  const event = await findEvent(db, event_id, tenant_id);
  if (!event) return { cancelled: 'event_expired' };
  return { delivery, endpoint, event };
}
