import type { Knex } from 'knex';
import { pino } from 'pino';
import { retain } from '../../activities/retain.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { addDelivery, addEvent } from '../server/rows.ts';
import type { ServedApi } from '../server/served-api.ts';

export const dayMs = 86_400_000;
const retention = { payloadsMs: 30 * dayMs, metadataMs: 90 * dayMs };

/** When the passes are made. */
export const now = new Date();

export function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

/** A pass of retention, however long ago the one before was. */
export async function pass(db: Knex): Promise<void> {
  await db('retention_passes').del();
  await retainNow(db);
}

/** As the schedule calls it: nothing happens within an hour of the pass before. */
export async function retainNow(db: Knex): Promise<void> {
  const log = pino({ level: 'silent' });
  await retain({ db, log, retention }, { now, beat: () => undefined });
}

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
