import type { Knex } from 'knex';
import { datedIds } from '../domain/id.ts';
import { attemptsOf } from './attempts.ts';
import { deliveryKey } from './deliveries.ts';
import type { AttemptRow, DeliveryRow } from './delivery-tables.ts';
import { recordOutcomes } from './failing-endpoints.ts';
import { recordPokes } from './pokes.ts';

/** One attempt of a delivery. */
export interface AttemptPlace {
  readonly deliveryId: string;
  readonly cycle: number;
  /** Counted from 1 in its cycle. */
  readonly number: number;
}

/** That the consumer could not do it after all. */
export interface AckRefusal {
  readonly detail: string | null;
  /** The wait before the next attempt; undefined = this was the last. */
  waitAfterMs(delivery: DeliveryRow): number | undefined;
}

/** What became of an acknowledgement. */
export type AckOutcome =
  | { readonly kind: 'recorded' | 'repeated'; readonly delivery: DeliveryRow }
  /** Nobody waits for it any more. */
  | { readonly kind: 'over'; readonly delivery: DeliveryRow }
  /** The attempt is under way: its answer is not recorded yet. */
  | { readonly kind: 'early' }
  | { readonly kind: 'unknown' };

/**
 * Take the consumer's word for an attempt that it answered with `webhook-ack: later`: attempt, state
 * and poke in one transaction. Safe to repeat.
 *
 * @param refusal - set when it could not do it: the schedule goes on
 */
export async function setAcked(
  db: Knex,
  place: AttemptPlace,
  refusal: AckRefusal | null,
): Promise<AckOutcome> {
  const outcome = await db.transaction(async (tx): Promise<AckOutcome> => {
    const before = await tx('deliveries').where(deliveryKey(place.deliveryId)).forUpdate().first();
    if (!before) return { kind: 'unknown' };
    const attempt = await tx('attempts').where(keyOf(place)).first();
    const kind = judge(before, attempt, { ...place, reason: refusal ? 'ack_refused' : null });
    if (kind === 'early') return { kind };
    if (kind !== 'recorded') return { kind, delivery: before };
    await tx('attempts')
      .where(keyOf(place))
      .update(refusal ? { reason: 'ack_refused', ack_detail: refusal.detail } : { reason: null });
    const [delivery = before] = await tx('deliveries')
      .where(deliveryKey(before.id))
      .update(refusal ? refusedBy(refusal.waitAfterMs(before)) : delivered())
      .returning('*');
    await recordPokes(tx, [{ ...delivery, afterNumber: null }]);
    return { kind, delivery };
  });
  if (outcome.kind === 'recorded' && !refusal) await endFailures(db, outcome.delivery);
  return outcome;
}

/** Its endpoint takes deliveries. On its own: the row of how it fails is locked before deliveries, never after. */
async function endFailures(
  db: Knex,
  { id, endpoint_id: endpointId, tenant_id: tenantId, last_status: status }: DeliveryRow,
): Promise<void> {
  const now = new Date();
  const made = { startedAt: now, endedAt: now, status, reason: null, parks: false };
  await db.transaction((tx) =>
    recordOutcomes(tx, [{ endpointId, tenantId, deliveryId: id, ...made }]),
  );
}

const underWay: ReadonlySet<DeliveryRow['state']> = new Set(['pending', 'retrying']);

function judge(
  delivery: DeliveryRow,
  attempt: AttemptRow | undefined,
  wanted: AttemptPlace & { readonly reason: AttemptRow['reason'] },
): 'recorded' | 'repeated' | 'over' | 'early' {
  if (attempt?.reason === wanted.reason) return 'repeated';
  if (delivery.cycle !== wanted.cycle) return 'over';
  if (delivery.state === 'delivered') return wanted.reason === null ? 'repeated' : 'over';
  if (!underWay.has(delivery.state)) return 'over';
  if (!attempt) return delivery.attempt_count < wanted.number ? 'early' : 'over';
  return isAwaited(delivery, attempt) ? 'recorded' : 'over';
}

function isAwaited(delivery: DeliveryRow, { number, reason }: AttemptRow): boolean {
  const isLast = delivery.attempt_count === number;
  return isLast && reason === 'ack_pending' && !isWindowOver(delivery);
}

/** Whether the time for an acknowledgement has passed: `next_attempt_at` is its end. */
export function isWindowOver({ next_attempt_at: end }: DeliveryRow): boolean {
  return end === null || end.getTime() <= Date.now();
}

function delivered(): Partial<DeliveryRow> {
  return { state: 'delivered', last_reason: null, next_attempt_at: null, ended_at: new Date() };
}

function refusedBy(waitMs: number | undefined): Partial<DeliveryRow> {
  return { last_reason: 'ack_refused', next_attempt_at: dueAfter(waitMs) };
}

function dueAfter(waitMs: number | undefined): Date | null {
  return waitMs === undefined ? null : new Date(Date.now() + waitMs);
}

/**
 * The window of an attempt is over and nothing was heard: the schedule goes on. An acknowledgement
 * that came in this moment stands. Safe to repeat.
 *
 * @returns the attempt as it is now
 */
export async function setAckTimeout(
  db: Knex,
  place: AttemptPlace,
  waitMs: number | undefined,
): Promise<AttemptRow | undefined> {
  return db.transaction(async (tx) => {
    const { deliveryId, cycle, number } = place;
    const current = { ...deliveryKey(deliveryId), cycle, attempt_count: number };
    const delivery = await tx('deliveries').where(current).forUpdate().first();
    if (delivery?.state === 'retrying' && delivery.last_reason === 'ack_pending') {
      await closeAckWindows(tx, [delivery]);
      await tx('deliveries')
        .where(current)
        .update({ next_attempt_at: dueAfter(waitMs) });
    }
    return tx('attempts').where(keyOf(place)).first();
  });
}

/** Stop waiting for the acknowledgements of locked deliveries: one that comes now comes too late. */
export async function closeAckWindows(tx: Knex, rows: readonly DeliveryRow[]): Promise<void> {
  const waiting = rows.filter(({ last_reason: reason }) => reason === 'ack_pending');
  if (waiting.length === 0) return;
  const keys = waiting.map(({ id, created_at, cycle, attempt_count: number }) => ({
    id,
    created_at,
    cycle,
    number,
  }));
  await tx.raw(
    `with closed as (
       update attempts a set reason = 'ack_timeout'
       from jsonb_to_recordset(:keys::jsonb) as k(id text, created_at timestamptz, cycle integer,
         number integer)
       where a.delivery_id = any(:ids) and a.delivery_created_at between :first and :last
         and a.delivery_id = k.id and a.delivery_created_at = k.created_at and a.cycle = k.cycle
         and a.number = k.number and a.reason = 'ack_pending'
       returning a.delivery_id, a.delivery_created_at)
     update deliveries d set last_reason = 'ack_timeout' from closed
     where d.id = any(:ids) and d.created_at between :first and :last
       and d.id = closed.delivery_id and d.created_at = closed.delivery_created_at`,
    { keys: JSON.stringify(keys), ...datedIds(waiting.map(({ id }) => id)) },
  );
}

function keyOf({ deliveryId, cycle, number }: AttemptPlace) {
  return { ...attemptsOf(deliveryId), cycle, number };
}
