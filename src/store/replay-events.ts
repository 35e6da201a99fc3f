import type { Knex } from 'knex';
import { datedIds, instantOf } from '../domain/id.ts';
import type { EventRow } from './tables.ts';

/** How much there is to read of an event. */
export type EventSize = Pick<EventRow, 'id' | 'received_at'> & { readonly body_bytes: number };

/** The sizes of events, in no order; one whose day was dropped is left out. */
export async function listEventSizes(db: Knex, ids: readonly string[]): Promise<EventSize[]> {
  if (ids.length === 0) return [];
  const dated = datedIds(ids);
  return db('events')
    .whereRaw('id = any(?)', [dated.ids])
    .whereBetween('received_at', [dated.first, dated.last])
    .select<EventSize[]>('id', 'received_at', db.raw('octet_length(body) as body_bytes'));
}

/** Why an item can't be started when nothing is left of its event, or nothing to send. */
export const eventGone = 'Its event is gone';
export const payloadGone = 'Its payload is gone';

/** Why an event can't be sent or acted on any more; undefined when it can. */
export async function refusalOfEvent(db: Knex, id: string): Promise<string | undefined> {
  const key = { id, received_at: instantOf(id) ?? new Date(0) };
  const event = await db('events').where(key).select('payload_dropped_at').first();
  if (!event) return eventGone;
  return event.payload_dropped_at === null ? undefined : payloadGone;
}
