import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import type { ImportRow } from './import-tables.ts';
import type { SessionRow } from './session-tables.ts';
import type { DeliveryRow } from './delivery-tables.ts';
import type { ReplayRow } from './replay-tables.ts';
import type { TriggerRunRow } from './tables.ts';

/** How long a row belongs to the process that wrote or claimed it before another may start it. */
export const startLeaseMs = 10_000;

/** How many of each kind one pass of the sweeper takes. */
const passMax = 200;

/** What is committed and not yet taken by Temporal: the outbox. */
export interface Unstarted {
  readonly deliveries: readonly DeliveryRow[];
  readonly runs: readonly TriggerRunRow[];
  readonly replays: readonly ReplayRow[];
  /** Also those that are started and to be poked. */
  readonly sessions: readonly SessionRow[];
  readonly imports: readonly ImportRow[];
}

/**
 * Take rows that nobody started in time, oldest first; they are the caller's for the length of a
 * lease. Rows that another process is taking at this moment are left alone.
 */
export async function claimUnstarted(db: Knex): Promise<Unstarted> {
  const [deliveries, runs, replays, sessions, imports] = await Promise.all([
    claim(db, 'deliveries', `and state = 'pending' and not is_in_line`) as Promise<DeliveryRow[]>,
    claim(db, 'trigger_runs', `and state = 'pending'`) as Promise<TriggerRunRow[]>,
    claim(db, 'replays', `and state <> 'cancelled'`) as Promise<ReplayRow[]>,
    claim(db, 'sessions', '') as Promise<SessionRow[]>,
    claim(db, 'imports', `and state = 'pending'`) as Promise<ImportRow[]>,
  ]);
  return { deliveries, runs, replays, sessions, imports };
}

async function claim(db: Knex, table: string, condition: string): Promise<unknown[]> {
  const { rows } = (await db.raw(
    `update ?? as t set start_after = now() + ? * interval '1 millisecond'
     from (select id, created_at from ??
           where started_at is null ${condition} and start_after <= now()
           order by start_after limit ${passMax} for update skip locked) as taken
     where t.id = taken.id and t.created_at = taken.created_at
     returning t.*`,
    [table, startLeaseMs, table],
  )) as { rows: unknown[] };
  return rows;
}

/**
 * Temporal has them: nobody needs to start them any more. Safe to repeat. A delivery whose cycle has
 * ended meanwhile and that is in its next one is left alone: that one is not started.
 */
export async function setDeliveriesStarted(
  db: Knex,
  rows: readonly Pick<DeliveryRow, 'id' | 'cycle'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const keys = rows.map(({ id, cycle }) => [id, instantOf(id) ?? new Date(0), cycle]);
  await db('deliveries')
    .whereIn(['id', 'created_at', 'cycle'], keys)
    .whereNull('started_at')
    .update({ started_at: db.fn.now() });
}

/** As `setDeliveriesStarted`. */
export async function setRunsStarted(
  db: Knex,
  rows: readonly Pick<TriggerRunRow, 'id' | 'cycle'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const keys = rows.map(({ id, cycle }) => [id, cycle]);
  await db('trigger_runs')
    .whereIn(['id', 'cycle'], keys)
    .whereNull('started_at')
    .update({ started_at: db.fn.now() });
}

/** As `setDeliveriesStarted`. One that was paused, cancelled or even completed meanwhile stays so. */
export async function setReplayStarted(db: Knex, id: string): Promise<void> {
  await db('replays')
    .where({ id })
    .whereNull('started_at')
    .update({
      started_at: db.fn.now(),
      state: db.raw(`case when state = 'pending' then 'running' else state end`),
    });
}

/** As `setDeliveriesStarted`. One that is to be poked again meanwhile is left alone. */
export async function setSessionsStarted(
  db: Knex,
  rows: readonly Pick<SessionRow, 'id' | 'pokes'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const keys = rows.map(({ id, pokes }) => [id, pokes]);
  await db('sessions')
    .whereIn(['id', 'pokes'], keys)
    .whereNull('started_at')
    .update({ started_at: db.fn.now() });
}

/** As `setDeliveriesStarted`. */
export async function setImportsStarted(
  db: Knex,
  rows: readonly Pick<ImportRow, 'id'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await db('imports')
    .whereIn('id', ids)
    .whereNull('started_at')
    .update({ started_at: db.fn.now() });
}
