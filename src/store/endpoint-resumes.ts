import type { Knex } from 'knex';
import type { EndpointRow } from './delivery-tables.ts';
import { setParkedCancelled, setParkedPending } from './parked-deliveries.ts';
import { changeWaiting, discard, isWaiting, letGo, resumedReasons } from './waiting-deliveries.ts';
import type { ParkedReason } from './waiting-deliveries.ts';

const pausedOnly: readonly ParkedReason[] = ['endpoint_paused'];

/** What an endpoint has not sent because of its state. */
export interface Waiting {
  /** Parked ones that a resume lets go. */
  readonly held: number;
  /** Those that it missed since it was disabled; a resume sends them too. */
  readonly skipped: number;
}

/** For each id; an endpoint that nothing waits for is absent. */
export async function countWaiting(
  db: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Waiting>> {
  const { rows } = await db.raw<{ rows: (Waiting & { id: string })[] }>(
    `select e.id, counted.* from endpoints e, lateral (
       select (count(*) filter (where d.state = 'parked'))::integer as held,
              (count(*) filter (where d.state <> 'parked'))::integer as skipped
       from deliveries d where d.endpoint_id = e.id and ${isWaiting}) as counted
     where e.id = any(:ids) and counted.held + counted.skipped > 0`,
    { ids: [...ids], reasons: [...resumedReasons], isMissedToo: true },
  );
  return new Map(rows.map(({ id, held, skipped }) => [id, { held, skipped }]));
}

/**
 * Begin a resume in the transaction that enables the endpoint. What an outage parked counts as
 * parked by the pause when it is to be discarded: nothing adds to that while the endpoint is
 * enabled, and whoever finishes a resume that was cut off discards no more than was meant.
 */
export async function setOutageParkedPaused(tx: Knex, endpointId: string): Promise<void> {
  await tx('deliveries')
    .where({ endpoint_id: endpointId, state: 'parked', last_reason: 'outage' })
    .update({ last_reason: 'endpoint_paused' });
}

/**
 * Do what a resume was to do with what waits: send it, with what the endpoint missed since it was
 * disabled; or end what is parked as cancelled and mark what was missed, so that no later resume
 * sends it. Safe to repeat; ends early when the endpoint is in another state meanwhile.
 *
 * @returns how many are sent, or were parked and are not
 */
export async function finishResume(
  db: Knex,
  endpointId: string,
  held: NonNullable<EndpointRow['resume_held']>,
): Promise<number> {
  const [act, reasons] =
    held === 'deliver' ? ([letGo, resumedReasons] as const) : ([discard, pausedOnly] as const);
  const count = await changeWaiting(db, { endpointId, act, reasons, isMissedToo: true });
  await db.raw(
    `update endpoints e set resume_held = null, state_since = null
     where id = :endpointId and state = 'enabled' and resume_held = :held and not exists (
       select 1 from deliveries d where d.endpoint_id = e.id and ${isWaiting})`,
    { endpointId, held, reasons: [...pausedOnly], isMissedToo: true },
  );
  return count;
}

/** Of an endpoint `e`: something is parked for one of these reasons. */
const hasParked = (reasons: string): string => `exists (
  select 1 from deliveries d where d.endpoint_id = e.id and d.state = 'parked' and ${reasons})`;

/**
 * Finish what the death of a process cut off: a resume, or the end of what a deleted endpoint held
 * back. What an outage parked is let go when no outage is known of, so that somebody owns it; what a
 * person parked is not touched. Safe to repeat.
 */
export async function settleForgotten(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: Forgotten[] }>(
    `select id, resume_held, deleted_at is not null as is_deleted, is_out from endpoints e,
       lateral (select exists (
         select 1 from failing_endpoints f where f.endpoint_id = e.id
           and (f.outage_since is not null or f.drained_to is not null)) as is_out) as outage
     where (deleted_at is not null and ${hasParked('true')})
        or (deleted_at is null and state = 'enabled' and (resume_held is not null
            or ${hasParked(`d.last_reason = 'endpoint_paused'`)}
            or (not is_out and ${hasParked(`d.last_reason = 'outage'`)})))`,
  );
  for (const { id, resume_held: held, is_deleted: isDeleted, is_out: isOut } of rows) {
    if (isDeleted) await setParkedCancelled(db, id);
    else if (held) await finishResume(db, id, held);
    else await setParkedPending(db, id, { reasons: isOut ? pausedOnly : resumedReasons });
  }
}

interface Forgotten {
  readonly id: string;
  readonly resume_held: EndpointRow['resume_held'];
  readonly is_deleted: boolean;
  /** An outage, or the letting go after one, looks after what it parked. */
  readonly is_out: boolean;
}
