import type { Knex } from 'knex';
import type { EventRow } from './tables.ts';

/** Events that were listed, with all that they carry; the caller sees to it that it is not too much. */
export async function listWholeEvents(
  db: Knex,
  events: readonly Pick<EventRow, 'id' | 'received_at'>[],
): Promise<EventRow[]> {
  if (events.length === 0) return [];
  const ids = events.map(({ id }) => id);
  const instants = events.map(({ received_at: at }) => at.getTime());
  // As pairs of both, 200 take some 20 ms to plan over 90 days of partitions; so it is less than one.
  return db('events')
    .whereRaw('id = any(?)', [ids])
    .whereBetween('received_at', [
      new Date(Math.min(...instants)),
      new Date(Math.max(...instants)),
    ]);
}
