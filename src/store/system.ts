import type { Knex } from 'knex';

/** What PostgreSQL says of itself and of our database in it. */
export interface DatabaseStatus {
  /** As `17.2`. */
  readonly version: string;
  readonly size_bytes: number;
  /** To this database, from anywhere. */
  readonly connections: number;
}

export async function readDatabaseStatus(db: Knex): Promise<DatabaseStatus> {
  const { rows } = (await db.raw(
    `select current_setting('server_version') as version,
            pg_database_size(current_database())::double precision as size_bytes,
            (select count(*)::integer from pg_stat_activity where datname = current_database()) as connections`,
  )) as { rows: DatabaseStatus[] };
  const [row] = rows;
  if (!row) throw new Error('PostgreSQL does not tell its version');
  return row;
}

/** What is committed and Temporal has not yet: the outbox of a tenant. */
export interface UnstartedCounts {
  readonly deliveries: number;
  readonly trigger_runs: number;
  readonly replays: number;
  /** When the oldest was written; of a later cycle, when it may be started at the latest. */
  readonly oldest_at: Date | null;
}

export async function countUnstarted(db: Knex, tenantId: string): Promise<UnstartedCounts> {
  const { rows } = (await db.raw(
    `select d.count as deliveries, t.count as trigger_runs, r.count as replays,
            least(d.oldest, t.oldest, r.oldest) as oldest_at
     from (${unstartedOf('deliveries')}) d, (${unstartedOf('trigger_runs')}) t,
          (select count(*)::integer as count, min(created_at) as oldest from replays
           where tenant_id = :tenantId and started_at is null and state = 'pending') r`,
    { tenantId },
  )) as { rows: UnstartedCounts[] };
  const [row] = rows;
  if (!row) throw new Error('A query of counts has no row');
  return row;
}

// A later cycle keeps the instant of the first, which may be weeks ago.
function unstartedOf(table: string): string {
  return `select count(*)::integer as count,
                 min(case when cycle = 1 then created_at else start_after end) as oldest
          from ${table}
          where tenant_id = :tenantId and started_at is null and state = 'pending'`;
}
