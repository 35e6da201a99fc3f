import type { Knex } from 'knex';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import type { DeliveryRow, DeliveryState, EndpointRow } from '../src/store/delivery-tables.ts';
import { findEndpoint } from '../src/store/endpoints.ts';
import { findEvent } from '../src/store/events.ts';
import { payloadDroppedReason } from '../src/store/expunge.ts';
import { setParkedInOutage } from '../src/store/outages.ts';
import { setMissed, setParked } from '../src/store/parked-deliveries.ts';
import type { EventRow } from '../src/store/tables.ts';

/** What an attempt sends, and where to. */
export interface Target {
  readonly delivery: DeliveryRow;
  readonly endpoint: EndpointRow;
  readonly event: EventRow;
}

/** Why there is nothing to send: the cycle has ended, or is held back. */
export type NoTarget =
  | { readonly cancelled: string }
  | { readonly isParked: true }
  /** It was acknowledged; the status of its last answer. */
  | { readonly deliveredAs: number | null };

/** States of a cycle that goes on. */
const underWay: ReadonlySet<DeliveryState> = new Set(['pending', 'retrying']);

/** What an attempt sends as things stand now; parks the delivery while its endpoint takes nothing. */
export async function findTarget(
  db: Knex,
  { deliveryId, cycle }: Pick<DeliveryInput, 'deliveryId' | 'cycle'>,
): Promise<Target | NoTarget> {
  const delivery = await findDelivery(db, deliveryId);
  if (!delivery) throw new Error(`There is no delivery "${deliveryId}"`);
  const ended = endOf(delivery, cycle);
  if (ended) return ended;
  const { tenant_id, endpoint_id, event_id } = delivery;
  const endpoint = await findEndpoint(db, endpoint_id, tenant_id);
  if (!endpoint) return { cancelled: 'endpoint_deleted' };
  const stopped = await stopAt(db, endpoint, { id: deliveryId, cycle });
  if (stopped) return stopped;
  if (endpoint.state !== 'enabled') return findTarget(db, { deliveryId, cycle }); // It was moved, or the cycle ended, in this moment.
  const event = await findEvent(db, event_id, tenant_id);
  if (!event) return { cancelled: 'event_expired' };
  if (event.payload_dropped_at !== null) return { cancelled: payloadDroppedReason };
  return { delivery, endpoint, event };
}

/** How a cycle has ended that goes on no more; undefined = it goes on. */
function endOf(delivery: DeliveryRow, cycle: number): NoTarget | undefined {
  if (delivery.cycle !== cycle) return { cancelled: 'superseded' };
  if (delivery.state === 'parked') return { isParked: true }; // By an earlier run of this attempt, or by a person.
  if (delivery.state === 'delivered') return { deliveredAs: delivery.last_status };
  return underWay.has(delivery.state) ? undefined : { cancelled: 'superseded' };
}

/** End a cycle at an endpoint that takes nothing; undefined when it does, or that has just changed. */
async function stopAt(
  db: Knex,
  endpoint: EndpointRow,
  delivery: Pick<DeliveryRow, 'id' | 'cycle'>,
): Promise<NoTarget | undefined> {
  const cycle = { ...delivery, endpointId: endpoint.id };
  switch (endpoint.state) {
    case 'disabled':
      return (await setMissed(db, cycle)) ? { cancelled: 'endpoint_disabled' } : undefined;
    case 'paused':
      return (await setParked(db, cycle)) ? { isParked: true } : undefined;
    case 'enabled': {
      const isHeld = endpoint.on_outage === 'park' && (await setParkedInOutage(db, cycle));
      return isHeld ? { isParked: true } : undefined;
    }
  }
}
