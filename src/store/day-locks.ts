import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { isFree } from '../domain/retention.ts';
import { isLockTimeout } from './brief-locks.ts';
import { countHolds } from './retained-days.ts';
import type { RetainedDay } from './retained-days.ts';

/**
 * Where something can be opened on an old day (by a redrive, a replay, a move of many), in the order
 * in which most transactions take them.
 */
const lockedTables = ['events', 'trigger_runs', 'attempts', 'deliveries', 'replays'] as const;

/**
 * Each lock is waited for so long, all of them for less than the second after which PostgreSQL looks
 * for deadlocks: of two that wait for each other, it is the drop that gives up. Statements of the
 * platform take milliseconds, but whoever comes meanwhile waits behind it.
 */
const lockMs = 150;

/** What is open is counted by small indexes: if that takes longer, the platform does not wait for it. */
const heldMs = 2000;

/** A day may be busy for a moment: a copy of it should not be for nothing. */
const triesMax = 5;
const pauseMs = 1000;

/**
 * Let nobody open anything on a day until the transaction ends, and look whether something is open:
 * who comes later finds the day gone, who came before is seen. Statements after it have 2 s, too.
 *
 * @param dropped - tables of which a partition goes: not even read meanwhile
 * @returns whether nothing of the day is open
 * @throws when the locks can't be had: the day is for another time
 */
export async function lockFreeDay(
  tx: Knex.Transaction,
  day: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
  dropped: readonly string[],
): Promise<boolean> {
  for (let tried = 1; ; tried += 1) {
    try {
      // In a savepoint: between two tries nothing is locked.
      await tx.transaction(async (savepoint) => lockTables(savepoint, dropped));
      return isFree(await countHolds(tx, day));
    } catch (error) {
      if (!isLockTimeout(error) || tried === triesMax) throw error;
      await sleep(pauseMs);
    }
  }
}

async function lockTables(tx: Knex, dropped: readonly string[]): Promise<void> {
  await tx.raw(
    `set local lock_timeout = '${lockMs}ms'; set local statement_timeout = '${heldMs}ms'`,
  );
  for (const table of lockedTables) {
    const mode = dropped.includes(table) ? 'access exclusive' : 'share row exclusive';
    await tx.raw(`lock table only ${table} in ${mode} mode`);
  }
}
