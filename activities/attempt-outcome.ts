import { ApplicationFailure } from '@temporalio/activity';
import type { AttemptResult } from '../src/domain/activities.ts';
import { waitAfterMs } from '../src/domain/retry.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { AttemptRecord } from '../src/store/attempts.ts';
import type { AttemptRow } from '../src/store/delivery-tables.ts';

type Schedule = Pick<DeliveryInput, 'schedule'>;

/** What an attempt makes of its delivery. */
export function stateAfter(
  attempt: AttemptRow,
  { schedule }: Schedule,
): Pick<AttemptRecord, 'state' | 'nextAttemptAt'> {
  if (attempt.reason === null) return { state: 'delivered', nextAttemptAt: null };
  const waitMs = nextWaitMs(attempt, schedule);
  const endedAt = attempt.started_at.getTime() + attempt.duration_ms;
  return {
    state: 'retrying',
    nextAttemptAt: waitMs === undefined ? null : new Date(endedAt + waitMs),
  };
}

function nextWaitMs(attempt: AttemptRow, schedule: readonly number[]): number | undefined {
  if (attempt.reason === 'gone') return undefined;
  return waitAfterMs(schedule, attempt.number, attempt.retry_after_ms ?? 0);
}

/**
 * What Temporal is told of a recorded attempt.
 *
 * @throws ApplicationFailure `AttemptFailed` with the wait before the next, or `EndpointGone`
 */
export function settle(attempt: AttemptRow, { schedule }: Schedule): AttemptResult {
  const { number, status, reason } = attempt;
  if (reason === null) return { status, durationMs: attempt.duration_ms };
  const waitMs = nextWaitMs(attempt, schedule);
  throw ApplicationFailure.create({
    type: reason === 'gone' ? 'EndpointGone' : 'AttemptFailed',
    message: status === null ? reason : `${reason} ${status}`,
    nonRetryable: reason === 'gone',
    details: [{ number, status, reason }],
    ...(waitMs !== undefined && { nextRetryDelay: waitMs }),
  });
}
