import type { Knex } from 'knex';
import type { OperationalNoticeRow } from './endpoint-health-tables.ts';

/** How many are read at a time. */
const listedMax = 100;

/** Write what is to be published, in the transaction that makes it true. */
export async function recordNotices(
  tx: Knex,
  notices: readonly Omit<OperationalNoticeRow, 'id' | 'created_at'>[],
): Promise<void> {
  if (notices.length > 0) await tx('operational_notices').insert([...notices]);
}

/**
 * What is still to be published, oldest first.
 *
 * @param after - how many of the oldest are left out
 * @returns none when there are no more
 */
export async function listNotices(db: Knex, after: number): Promise<OperationalNoticeRow[]> {
  return db('operational_notices').orderBy(['created_at', 'id']).offset(after).limit(listedMax);
}

/** It is published, or never will be. Safe to repeat. */
export async function deleteNotice(db: Knex, id: string): Promise<void> {
  await db('operational_notices').where({ id }).delete();
}
