import type { Knex } from 'knex';
import { datedIds, instantOf } from '../domain/id.ts';
import { closeAckWindows } from './acks.ts';
import type { DeliveryState } from './delivery-tables.ts';
import { recordPokes } from './pokes.ts';

/** Why what was still to be sent of an event without its payload ends. */
export const payloadDroppedReason = 'payload_dropped';

/**
 * Take away what an event carried: its headers, query and body, what consumers answered to it, and the
 * rejected request that it was released from. What is still to be sent of it ends as cancelled, and its
 * workflows are told. What happened stays: the event, its deliveries and attempts. Safe to repeat.
 *
 * @returns when its payload was dropped, this time or before; undefined = there is no such event
 */
export async function expungePayload(
  tx: Knex,
  { id, tenantId, now }: { readonly id: string; readonly tenantId: string; readonly now: Date },
): Promise<Date | undefined> {
  const key = { id, received_at: instantOf(id) ?? new Date(0), tenant_id: tenantId };
  const event = await tx('events').where(key).forUpdate().first('payload_dropped_at');
  if (!event) return undefined;
  if (event.payload_dropped_at === null) {
    await tx('events')
      .where(key)
      .update({
        headers: {},
        query: '',
        body: Buffer.alloc(0),
        payload_dropped_at: now,
        payload_dropped_for: 'request',
      });
  }
  await endDeliveries(tx, { id, tenantId, now });
  await tx('rejected_requests')
    .where({ tenant_id: tenantId, event_id: id })
    .update({ headers: {}, query: '', body: Buffer.alloc(0), sealed: null });
  return event.payload_dropped_at ?? now;
}

/**
 * Locks all deliveries of the event, in order of id and before their attempts: else it deadlocks with
 * a bulk move or an acknowledgement. An answer that is recorded in this moment comes before the lock
 * and is dropped, or after it and finds the payload gone.
 */
async function endDeliveries(
  tx: Knex,
  { id, tenantId, now }: { readonly id: string; readonly tenantId: string; readonly now: Date },
): Promise<void> {
  const rows = await tx('deliveries')
    .where({ event_id: id, tenant_id: tenantId })
    .orderBy('id')
    .forUpdate();
  const toBeSent = rows.filter(({ state }) => unsent.has(state));
  await closeAckWindows(tx, toBeSent);
  await tx.raw(
    `update deliveries set state = 'cancelled', last_reason = :reason, next_attempt_at = null,
       ended_at = :now
     where id = any(:ids) and created_at between :first and :last`,
    { reason: payloadDroppedReason, now, ...datedIds(toBeSent.map((row) => row.id)) },
  );
  const underWay = toBeSent.filter((row) => row.state !== 'parked' && row.started_at !== null);
  await recordPokes(
    tx,
    underWay.map((row) => ({ ...row, afterNumber: null })),
  );
  await dropAnswers(
    tx,
    rows.map((row) => row.id),
  );
}

const unsent: ReadonlySet<DeliveryState> = new Set(['pending', 'retrying', 'parked']);

/** A consumer may have sent back what it was sent. */
async function dropAnswers(tx: Knex, deliveryIds: readonly string[]): Promise<void> {
  const { ids, first, last } = datedIds(deliveryIds);
  await tx('attempts')
    .whereRaw('delivery_id = any(?)', [ids])
    .whereBetween('delivery_created_at', [first, last])
    .update({ response_headers: {}, response_body: Buffer.alloc(0), ack_detail: null });
}
