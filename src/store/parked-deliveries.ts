import type { Knex } from 'knex';
import { deliveryKey } from './deliveries.ts';
import type { EndpointRow } from './delivery-tables.ts';
import { changeWaiting, letGo, resumedReasons } from './waiting-deliveries.ts';
import type { ParkedReason } from './waiting-deliveries.ts';

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
  delivery: { id: string; cycle: number; endpointId: string },
): Promise<boolean> {
  return setEndedWhile(db, delivery, 'paused');
}

/**
 * End a delivery's cycle because its endpoint is disabled. As `setParked`: a resume of the endpoint
 * sends it.
 *
 * @returns false when the endpoint is not disabled any more or is deleted, or the cycle has ended
 */
export async function setMissed(
  db: Knex,
  delivery: { id: string; cycle: number; endpointId: string },
): Promise<boolean> {
  return setEndedWhile(db, delivery, 'disabled');
}

async function setEndedWhile(
  db: Knex,
  { id, cycle, endpointId }: { id: string; cycle: number; endpointId: string },
  state: 'paused' | 'disabled',
): Promise<boolean> {
  const endpoint = db('endpoints')
    .where({ id: endpointId, state })
    .whereNull('deleted_at')
    .select('id')
    .forShare();
  const isPaused = state === 'paused';
  const changed = await db('deliveries')
    .where({ ...deliveryKey(id), cycle })
    .whereIn('state', ['pending', 'retrying'])
    .whereIn('endpoint_id', endpoint)
    .update({
      state: isPaused ? 'parked' : 'cancelled',
      last_reason: isPaused ? 'endpoint_paused' : 'endpoint_disabled',
      next_attempt_at: null,
      started_at: db.raw('coalesce(started_at, now())'),
      ...(!isPaused && { ended_at: db.fn.now() }),
    });
  return changed > 0;
}

/**
 * Of these endpoints those that take nothing, with their state; they stay so until the transaction
 * ends.
 *
 * One that somebody is changing at this moment is left out rather than waited for: whatever else is
 * committed along would wait too, and an attempt finds out by itself whether it is paused.
 */
export async function lockStopped(
  tx: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EndpointRow['state']>> {
  const rows = await tx('endpoints')
    .whereIn('id', ids)
    .whereIn('state', ['paused', 'disabled'])
    .whereNull('deleted_at')
    .orderBy('id')
    .select('id', 'state')
    .forShare()
    .skipLocked();
  return new Map(rows.map(({ id, state }) => [id, state]));
}

interface LetGo {
  /** Which parked ones; those that a resume lets go when absent. */
  readonly reasons?: readonly ParkedReason[];
  /** How many at most; all when absent. */
  readonly limit?: number;
}

/**
 * Let go what is parked for an endpoint, oldest first, to be started by the sweeper; what goes in an
 * order gets in line. Safe to repeat.
 *
 * What was never started keeps its cycle; where a workflow has ended as parked the next one opens,
 * because Temporal does not start an id twice. Each is looked at once, and it ends early when the
 * endpoint is paused again or deleted meanwhile: what is held back anew would be let go for ever.
 *
 * @returns how many
 */
export async function setParkedPending(
  db: Knex,
  endpointId: string,
  { reasons = resumedReasons, limit }: LetGo = {},
): Promise<number> {
  return changeWaiting(db, { endpointId, limit, act: letGo, reasons, isMissedToo: false });
}

/** End what a deleted endpoint holds back, for whatever reason. Safe to repeat. */
export async function setParkedCancelled(db: Knex, endpointId: string): Promise<void> {
  for (;;) {
    const { rowCount } = await db.raw<{ rowCount: number }>(
      `update deliveries d
       set state = 'cancelled', last_reason = 'endpoint_deleted', ended_at = now()
       from (select id, created_at from deliveries where endpoint_id = ? and state = 'parked'
             order by id limit ${batchRows} for update) as taken
       where d.id = taken.id and d.created_at = taken.created_at and d.state = 'parked'`,
      [endpointId],
    );
    if (rowCount === 0) return;
  }
}
