import type { Knex } from 'knex';

/** The tables that are partitioned by day (UTC). */
const partitionedTables = ['events', 'deliveries', 'attempts'] as const;

/** Tomorrow, and one day more should a pass be missed. */
const daysAhead = 2;

const dayMs = 86_400_000;

/**
 * Create the partitions of today and the days ahead; and of yesterday, since just after midnight
 * the clock of another process may still be before it.
 */
export async function ensureCurrentPartitions(db: Knex, now: Date): Promise<void> {
  await ensurePartitions(db, new Date(now.getTime() - dayMs), 1 + daysAhead);
}

/**
 * Create the partitions of a day and the days after it. Safe to repeat and to run from many
 * processes at once.
 *
 * @param from - any instant of the first day
 */
export async function ensurePartitions(db: Knex, from: Date, days: number): Promise<void> {
  await db.transaction(async (tx) => {
    // Two servers that create the same partition at once would otherwise fail each other.
    await tx.raw(`select pg_advisory_xact_lock(hashtext('durahook partitions'))`);
    for (let day = 0; day <= days; day += 1) {
      const start = startOfDay(new Date(from.getTime() + day * dayMs));
      for (const table of partitionedTables) await createPartition(tx, table, start);
    }
  });
}

async function createPartition(db: Knex, table: string, start: Date): Promise<void> {
  const end = new Date(start.getTime() + dayMs);
  const name = `${table}_${start.toISOString().slice(0, 10).replaceAll('-', '')}`;
  await db.raw(
    `create table if not exists ?? partition of ?? for values from ('${start.toISOString()}') to ('${end.toISOString()}')`,
    [name, table],
  );
}

function startOfDay(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / dayMs) * dayMs);
}
