import { makeId } from '../../src/runtime/ids.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { addDelivery, addEvent } from '../server/rows.ts';
import type { ServedApi } from '../server/served-api.ts';

/** An event of an instant with a delivery and its attempt. */
export async function addStored(
  api: ServedApi,
  at: Date,
  state: 'delivered' | 'parked' = 'delivered',
): Promise<{ readonly eventId: string; readonly id: string }> {
  const { db } = api;
  await ensurePartitions(db, at, 0);
  const eventId = await addEvent(api, { id: makeId('evt', at), received_at: at });
  const id = await addDelivery(api, {
    id: makeId('dlv', at),
    created_at: at,
    event_id: eventId,
    state,
    ended_at: state === 'delivered' ? at : null,
  });
  await db('attempts').insert({
    delivery_id: id,
    delivery_created_at: at,
    cycle: 1,
    number: 1,
    started_at: at,
    duration_ms: 5,
    status: 200,
    reason: null,
    response_headers: { server: 'x' },
    response_body: Buffer.from('thanks'),
    ack_detail: 'no such order',
    retry_after_ms: null,
  });
  return { eventId, id };
}
