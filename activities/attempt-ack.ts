import type { Knex } from 'knex';
import type { AttemptResult } from '../src/domain/activities.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import { isWindowOver, setAckTimeout } from '../src/store/acks.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import type { AttemptRow, DeliveryRow, EndpointRow } from '../src/store/delivery-tables.ts';
import { failureOf, nextWaitMs } from './attempt-outcome.ts';
import type { Answer } from './http.ts';

/** Whether a consumer says that it has taken a delivery and will tell later whether it was done. */
export function isAckLater(
  { ack_window_ms: windowMs }: Pick<EndpointRow, 'ack_window_ms'>,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
): boolean {
  if (windowMs === null || status !== 202) return false;
  return headers['webhook-ack']?.trim().toLowerCase() === 'later';
}

/** Whether an attempt is, or was, one whose acknowledgement was to come later. */
export function isOfAck({ reason }: AttemptRow): boolean {
  return reason?.startsWith('ack_') === true;
}

/**
 * What there is to do of a recorded attempt whose acknowledgement was to come later: wait on, go on
 * by the schedule, or end.
 *
 * @returns undefined when its cycle has ended, or is held back
 * @throws ApplicationFailure `AttemptFailed` with what is left of the wait before the next
 */
export async function settleAck(
  db: Knex,
  input: DeliveryInput,
  attempt: AttemptRow,
): Promise<AttemptResult | undefined> {
  const { number, status, reason, duration_ms: durationMs } = attempt;
  if (reason === null) return { status, durationMs };
  const delivery = await findDelivery(db, input.deliveryId);
  if (!delivery || !isUnderWay(delivery, input.cycle)) return undefined;
  if (reason !== 'ack_pending') return goOn(attempt, delivery, input.schedule);
  if (isWindowOver(delivery)) return endWindow(db, input, attempt);
  return { status, durationMs, again: { number, waitMs: leftOf(delivery) ?? 0 } };
}

async function endWindow(
  db: Knex,
  input: DeliveryInput,
  attempt: AttemptRow,
): Promise<AttemptResult | undefined> {
  const { deliveryId, cycle, schedule } = input;
  const { number } = attempt;
  const waitMs = nextWaitMs(attempt, schedule);
  const now = await setAckTimeout(db, { deliveryId, cycle, number }, waitMs);
  if (!now || now.reason === 'ack_pending') {
    throw new Error(`Attempt ${number} of "${deliveryId}" waits, and its delivery does not`);
  }
  return settleAck(db, input, now);
}

/** The attempt failed: by the schedule, or at once when a person wants that. */
function goOn(
  attempt: AttemptRow,
  delivery: DeliveryRow,
  schedule: readonly number[],
): AttemptResult {
  const { number, status, duration_ms: durationMs } = attempt;
  const plannedMs = nextWaitMs(attempt, schedule);
  if (plannedMs === undefined) throw failureOf(attempt, undefined);
  const waitMs = leftOf(delivery) ?? plannedMs;
  // Temporal takes no wait of 0 for one: it would use its own.
  if (waitMs <= 0) return { status, durationMs, again: { number: number + 1, waitMs: 0 } };
  throw failureOf(attempt, waitMs);
}

function isUnderWay({ state, cycle }: DeliveryRow, ofCycle: number): boolean {
  return cycle === ofCycle && (state === 'pending' || state === 'retrying');
}

/** Milliseconds until what is due next; undefined = nothing is. */
function leftOf({ next_attempt_at: at }: DeliveryRow): number | undefined {
  return at === null ? undefined : at.getTime() - Date.now();
}
