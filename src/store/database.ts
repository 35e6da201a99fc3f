import knex from 'knex';
import type { Knex } from 'knex';
import { migrationSource } from './migrations/index.ts';
import { ensureCurrentPartitions } from './partitions.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this pool. Ingress, API and activities have a pool each, so that one can't starve another. */
  readonly connectionsMax: number;
  /** A schema of one's own; tests run side by side with it. */
  readonly schema?: string;
}

/**
 * Open a pool. Queries end after 10 s and a full pool refuses after 5 s: a request is answered
 * with 503 rather than left waiting; a busy machine needs a second or two for a first connection.
 */
export function openDatabase({ url, connectionsMax, schema }: DatabaseOptions): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
      application_name: 'durahook',
    },
    ...(schema !== undefined && { searchPath: [schema] }),
    pool: { min: 0, max: connectionsMax },
    compileSqlOnError: false, // Else the values, bodies among them, stand in the error and so in the log.
    acquireConnectionTimeout: 5000,
  });
}

/**
 * Bring the schema up to date and make the partitions of the days around now. Safe to run from many
 * processes at once: one migrates, the others wait for it.
 *
 * Without a limit of time, which is that of queries: an index of a large table takes minutes.
 */
export async function migrate(db: Knex, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.raw(`set local statement_timeout = 0`);
    await tx.raw(`select pg_advisory_xact_lock(hashtext('durahook migrations'))`);
    await tx.migrate.latest({ migrationSource });
  });
  await ensureCurrentPartitions(db, now);
}
