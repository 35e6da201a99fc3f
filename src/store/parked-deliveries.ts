import type { Knex } from 'knex';
import { deliveryKey } from './deliveries.ts';

/** How many rows one statement changes: it holds no lock for long, however much is held back. */
const batchRows = 1000;

/**
 * Hold a delivery back: its cycle ends without a POST and without using up an attempt.
 *
 * Locks the endpoint's row, so that a resume comes either before it or after it: none is forgotten.
 * `started_at` is set because the workflow was started, whether that has been noted or not.
 *
 * @returns false when the endpoint is not paused any more or is deleted, or the cycle has ended:
 *   nothing was changed
 */
export async function setParked(
  db: Knex,
  { id, cycle, endpointId }: { id: string; cycle: number; endpointId: string },
): Promise<boolean> {
  const paused = db('endpoints')
    .where({ id: endpointId, state: 'paused' })
    .whereNull('deleted_at')
    .select('id')
    .forShare();
  const changed = await db('deliveries')
    .where({ ...deliveryKey(id), cycle })
    .whereIn('state', ['pending', 'retrying'])
    .whereIn('endpoint_id', paused)
    .update({
      state: 'parked',
      last_reason: 'endpoint_paused',
      next_attempt_at: null,
      started_at: db.raw('coalesce(started_at, now())'),
    });
  return changed > 0;
}

/**
 * Of these endpoints the paused ones, which stay so until the transaction ends.
 *
 * One that somebody is changing at this moment is left out rather than waited for: whatever else is
 * committed along would wait too, and an attempt finds out by itself whether it is paused.
 */
export async function lockPaused(tx: Knex, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx('endpoints')
    .whereIn('id', ids)
    .where({ state: 'paused' })
    .whereNull('deleted_at')
    .orderBy('id')
    .select('id')
    .forShare()
    .skipLocked();
  return new Set(rows.map(({ id }) => id));
}

/**
 * Let go what an endpoint holds back, to be started by the sweeper. Safe to repeat.
 *
 * What was never started keeps its cycle; where a workflow has ended as parked the next one opens,
 * because Temporal does not start an id twice. Ends early when the endpoint is paused again or deleted
 * meanwhile: what its attempts hold back anew would be let go for ever.
 *
 * @returns how many
 */
export async function setParkedPending(db: Knex, endpointId: string): Promise<number> {
  return inBatches(async () => {
    const { rowCount } = await db.raw<{ rowCount: number }>(
      `update deliveries d
       set state = 'pending', cycle = case when d.started_at is null then cycle else cycle + 1 end,
           attempt_count = 0, last_reason = null, next_attempt_at = null, started_at = null,
           ended_at = null, start_after = now()
       from (select id, created_at from deliveries where endpoint_id = :endpointId and state = 'parked'
               and exists (select 1 from endpoints where id = :endpointId and state = 'enabled'
                             and deleted_at is null)
             order by id limit ${batchRows} for update) as taken
       where d.id = taken.id and d.created_at = taken.created_at and d.state = 'parked'`,
      { endpointId },
    );
    return rowCount;
  });
}

/** End what a deleted endpoint holds back. Safe to repeat. */
export async function setParkedCancelled(db: Knex, endpointId: string): Promise<void> {
  await inBatches(async () => {
    const { rowCount } = await db.raw<{ rowCount: number }>(
      `update deliveries d
       set state = 'cancelled', last_reason = 'endpoint_deleted', ended_at = now()
       from (select id, created_at from deliveries where endpoint_id = ? and state = 'parked'
             order by id limit ${batchRows} for update) as taken
       where d.id = taken.id and d.created_at = taken.created_at and d.state = 'parked'`,
      [endpointId],
    );
    return rowCount;
  });
}

/**
 * Finish what the death of a process cut off: a resume, or the end of what a deleted endpoint held
 * back. Safe to repeat.
 */
export async function settleForgotten(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { id: string; is_deleted: boolean }[] }>(
    `select id, deleted_at is not null as is_deleted from endpoints e
     where (state = 'enabled' or deleted_at is not null) and exists (
       select 1 from deliveries d where d.endpoint_id = e.id and d.state = 'parked')`,
  );
  for (const { id, is_deleted: isDeleted } of rows) {
    if (isDeleted) await setParkedCancelled(db, id);
    else await setParkedPending(db, id);
  }
}

async function inBatches(change: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const changed = await change();
    total += changed;
    if (changed === 0) return total;
  }
}
