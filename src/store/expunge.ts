import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';

/** Why what was still to be sent of an event without its payload ends. */
export const payloadDroppedReason = 'payload_dropped';

/**
 * Take away what an event carried: its headers, query and body, what consumers answered to it, and the
 * rejected request that it was released from. What is still to be sent of it ends as cancelled. What
 * happened stays: the event, its deliveries and attempts. Safe to repeat.
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
  await dropAnswers(tx, id);
  await tx('rejected_requests')
    .where({ tenant_id: tenantId, event_id: id })
    .update({ headers: {}, query: '', body: Buffer.alloc(0), sealed: null });
  await tx('deliveries')
    .where({ event_id: id, tenant_id: tenantId })
    .whereIn('state', ['pending', 'retrying', 'parked'])
    .update({
      state: 'cancelled',
      last_reason: payloadDroppedReason,
      next_attempt_at: null,
      ended_at: now,
    });
  return event.payload_dropped_at ?? now;
}

/** A consumer may have sent back what it was sent. */
async function dropAnswers(tx: Knex, eventId: string): Promise<void> {
  const deliveries = await tx('deliveries').where({ event_id: eventId }).select('id', 'created_at');
  if (deliveries.length === 0) return;
  await tx('attempts')
    .whereIn(
      ['delivery_id', 'delivery_created_at'],
      deliveries.map(({ id, created_at }) => [id, created_at]),
    )
    .update({ response_headers: {}, response_body: Buffer.alloc(0) });
}
