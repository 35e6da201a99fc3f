import type { Knex } from 'knex';
import type { DedupeKeyRow } from './tables.ts';

/** How long a dedupe id is remembered. */
export const dedupeHours = 72;

/** The event that an owner has accepted under a dedupe id at or after an instant, by its id. */
export async function findAcceptedSince(
  db: Knex,
  key: Pick<DedupeKeyRow, 'owner' | 'dedupe_id'>,
  since: Date,
): Promise<string | undefined> {
  const row = await db('dedupe_keys')
    .where(key)
    .where('accepted_at', '>=', since)
    .first('event_id');
  return row?.event_id;
}
