import type { Knex } from 'knex';
import { Problem } from '../domain/problem.ts';

/** How often a transaction is tried that could not have its rows in time. */
const triesMax = 5;

/**
 * Run a transaction that locks deliveries which may be being sent. It gives up a wait for a lock well
 * before PostgreSQL looks for deadlocks, after 1 s, and tries again: of two that wait for each other,
 * the one that records attempts must not be the one that fails.
 *
 * @throws Problem `unavailable` when the rows can't be had
 */
export async function lockBriefly<T>(db: Knex, act: (tx: Knex) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await db.transaction(async (tx) => {
        await tx.raw(`set local lock_timeout = '500ms'`);
        return act(tx);
      });
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (tried === triesMax) {
        throw new Problem('unavailable', 'The deliveries are busy: try again');
      }
    }
  }
}

/** PostgreSQL's lock_not_available. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
