import type { Knex } from 'knex';
import { datedIds } from '../domain/id.ts';
import type { EventRow } from './tables.ts';

/** Events that were listed, with all that they carry; the caller sees to it that it is not too much. */
export async function listWholeEvents(
  db: Knex,
  events: readonly Pick<EventRow, 'id'>[],
): Promise<EventRow[]> {
  if (events.length === 0) return [];
  const { ids, first, last } = datedIds(events.map(({ id }) => id));
  return db('events').whereRaw('id = any(?)', [ids]).whereBetween('received_at', [first, last]);
}
