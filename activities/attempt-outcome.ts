import { ApplicationFailure } from '@temporalio/activity';
import type { AttemptResult } from '../src/domain/activities.ts';
import { waitAfterMs } from '../src/domain/retry.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { AttemptRecord } from '../src/store/attempts.ts';
import type { AttemptRow } from '../src/store/delivery-tables.ts';

/** What an attempt's outcome depends on besides itself. */
export interface Rules extends Pick<DeliveryInput, 'schedule'> {
  /** How long an acknowledgement that was announced is waited for; null = nobody may announce one. */
  readonly ackWindowMs: number | null;
}

/** What an attempt makes of its delivery. */
export function stateAfter(
  attempt: AttemptRow,
  { schedule, ackWindowMs }: Rules,
): Pick<AttemptRecord, 'state' | 'nextAttemptAt'> {
  if (attempt.reason === null) return { state: 'delivered', nextAttemptAt: null };
  const isPending = attempt.reason === 'ack_pending' && ackWindowMs !== null;
  const waitMs = isPending ? ackWindowMs : nextWaitMs(attempt, schedule);
  const endedAt = attempt.started_at.getTime() + attempt.duration_ms;
  return {
    state: 'retrying',
    nextAttemptAt: waitMs === undefined ? null : new Date(endedAt + waitMs),
  };
}

/** The wait after a failed attempt in milliseconds; undefined = none comes after it. */
export function nextWaitMs(attempt: AttemptRow, schedule: readonly number[]): number | undefined {
  if (attempt.reason === 'gone') return undefined;
  return waitAfterMs(schedule, attempt.number, attempt.retry_after_ms ?? 0);
}

/**
 * What Temporal is told of a recorded attempt.
 *
 * @throws ApplicationFailure `AttemptFailed` with the wait before the next, or `EndpointGone`
 */
export function settle(attempt: AttemptRow, { schedule, ackWindowMs }: Rules): AttemptResult {
  const { number, status, reason, duration_ms: durationMs } = attempt;
  if (reason === null) return { status, durationMs };
  if (reason === 'ack_pending' && ackWindowMs !== null) {
    return { status, durationMs, again: { number, waitMs: ackWindowMs } };
  }
  throw failureOf(attempt, nextWaitMs(attempt, schedule));
}

/** A failed attempt as Temporal is told of it; `waitMs` is the wait before the next, if any. */
export function failureOf(
  { number, status, reason }: AttemptRow,
  waitMs: number | undefined,
): ApplicationFailure {
  const isOfStatus = status !== null && reason?.startsWith('ack_') === false;
  return ApplicationFailure.create({
    type: reason === 'gone' ? 'EndpointGone' : 'AttemptFailed',
    message: isOfStatus ? `${reason} ${status}` : (reason ?? ''),
    nonRetryable: reason === 'gone',
    details: [{ number, status, reason }],
    ...(waitMs !== undefined && { nextRetryDelay: waitMs }),
  });
}
