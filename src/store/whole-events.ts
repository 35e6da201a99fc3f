import type { Knex } from 'knex';
import type { EventRow } from './tables.ts';

/** Events that were listed, with all that they carry; the caller sees to it that it is not too much. */
export async function listWholeEvents(
  db: Knex,
  events: readonly Pick<EventRow, 'id' | 'received_at'>[],
): Promise<EventRow[]> {
  if (events.length === 0) return [];
  const keys = events.map(({ id, received_at }) => [id, received_at]);
  return db('events').whereIn(['id', 'received_at'], keys);
}
