import type { Knex } from 'knex';
import type { EndpointRow } from './delivery-tables.ts';

/** How many rows one statement changes: it holds no lock for long, however much waits. */
const batchRows = 1000;

/** Why a delivery is parked: its endpoint is paused, does not answer, or a person held this one. */
export type ParkedReason = 'endpoint_paused' | 'outage' | 'held';

/** What a resume of the endpoint lets go; what a person held waits for that person. */
export const resumedReasons: readonly ParkedReason[] = ['endpoint_paused', 'outage'];

/**
 * What waits for a resume: parked ones of some reasons, and what was skipped or cancelled since the
 * endpoint was disabled. A minute is left for the clocks of two machines: what an earlier resume
 * discarded says so and does not come back.
 */
export const isWaiting = `(d.state = 'parked' or d.last_reason = 'endpoint_disabled') and (
  (d.state = 'parked' and d.last_reason = any(:reasons)) or
  (:isMissedToo and d.state in ('skipped', 'cancelled') and d.last_reason = 'endpoint_disabled'
    and coalesce(d.ended_at, d.created_at) >= e.state_since - interval '1 minute'))`;

/** What becomes of what waits. */
interface Change {
  /** Of a row that was `taken`. */
  readonly set: string;
  /** What the endpoint's `resume_held` must not be. */
  readonly unless: NonNullable<EndpointRow['resume_held']>;
  /** Which of the changed rows are counted. */
  readonly counted: string;
}

/** Each in the cycle that comes next; what goes in an order gets in line. */
export const letGo: Change = {
  set: `state = 'pending',
    cycle = case when d.started_at is null and d.state <> 'cancelled' then d.cycle else d.cycle + 1 end,
    attempt_count = 0, last_reason = null, next_attempt_at = null, started_at = null, ended_at = null,
    is_in_line = d.order_key is not null, schedule_ms = taken.schedule_ms,
    start_after = now() - (${batchRows} - taken.place) * interval '1 microsecond'`,
  unless: 'discard',
  counted: 'true',
};

/** What was missed ends as it did, and says so. */
export const discard: Change = {
  set: `state = case when d.state = 'parked' then 'cancelled' else d.state end,
    last_reason = 'discarded', ended_at = coalesce(d.ended_at, now())`,
  unless: 'deliver',
  counted: 'taken.was_parked',
};

interface Batches {
  readonly endpointId: string;
  readonly act: Change;
  /** Which parked ones. */
  readonly reasons: readonly ParkedReason[];
  /** Whether what the endpoint missed is meant too. */
  readonly isMissedToo: boolean;
  /** All when absent. */
  readonly limit?: number | undefined;
}

/**
 * Change what waits for an endpoint that is enabled, in order of id, each row once.
 *
 * @returns how many that count
 */
export async function changeWaiting(db: Knex, batches: Batches): Promise<number> {
  const { endpointId, act, reasons, isMissedToo, limit = Infinity } = batches;
  let total = 0;
  let after = '';
  for (;;) {
    const rowsMax = Math.min(batchRows, limit - total);
    const { rows } = await db.raw<{ rows: { last: string | null; changed: number }[] }>(
      `with taken as materialized (
         select d.id, d.created_at, d.state, d.state = 'parked' as was_parked, e.schedule_ms,
                row_number() over (order by d.id) as place
         from endpoints e, lateral (
           select * from deliveries d
           where d.endpoint_id = e.id and d.id > :after and ${isWaiting}
           order by d.id limit :rowsMax for update) as d
         where e.id = :endpointId and e.state = 'enabled' and e.deleted_at is null
           and e.resume_held is distinct from '${act.unless}'),
       changed as (
         update deliveries d set ${act.set} from taken
         where d.id = taken.id and d.created_at = taken.created_at and d.state = taken.state
         returning ${act.counted} as is_counted)
       select (select max(id) from taken) as last,
              (select count(*) from changed where is_counted)::integer as changed`,
      { endpointId, after, rowsMax, reasons: [...reasons], isMissedToo },
    );
    const [row] = rows;
    total += row?.changed ?? 0;
    if (row?.last == null || total >= limit) return total;
    after = row.last;
  }
}
