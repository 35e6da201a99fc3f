import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Activities, AttemptResult } from '../src/domain/activities.ts';
import { waitMaxMs } from '../src/domain/retry.ts';
import type { DeliveryInput, DeliveryResult } from '../src/domain/workflows.ts';

// Half the cost of a normal activity (measured), but its count dies with the worker: so one try.
const ahead = proxyLocalActivities<Activities>({
  startToCloseTimeout: '35 seconds',
  retry: { maximumAttempts: 1 },
});
const { markDead } = proxyActivities<Activities>({ startToCloseTimeout: '10 seconds' });

/**
 * One event on its way to one endpoint: up to five attempts, then the dead letters.
 *
 * The first attempt is made ahead of the retry policy, the cheap way; if it fails, the policy's
 * first attempt finds it recorded and goes straight to the wait. Fails when the attempts are
 * spent, so that a dead letter is a failed workflow in the Web UI too.
 */
export async function delivery(input: DeliveryInput): Promise<DeliveryResult> {
  try {
    return ended(await ahead.attempt(input));
  } catch (error) {
    if (isCancellation(error)) throw error; // Anything else is the policy's to judge.
  }
  try {
    return ended(await attemptsOf(input).attempt(input));
  } catch (error) {
    if (isCancellation(error)) throw error;
    const end = endOf(error);
    upsertSearchAttributes({ DurahookReason: [end.reason] });
    await markDead({ ...input, ...end });
    throw error;
  }
}

/**
 * The retry policy: the mission's schedule.
 *
 * Each failure names its own wait, since no coefficient makes 30 s, 2 min, 10 min, 1 h; the
 * intervals here serve an attempt whose worker was killed. A heartbeat tells that within seconds,
 * while the activity itself may sit out a database that is away without using up an attempt.
 */
function attemptsOf({ schedule }: DeliveryInput): Pick<Activities, 'attempt'> {
  return proxyActivities<Activities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '5 seconds',
    retry: {
      maximumAttempts: schedule.length,
      initialInterval: Math.max(schedule[1] ?? 0, 1),
      backoffCoefficient: 5,
      maximumInterval: Math.max(schedule.at(-1) ?? waitMaxMs, 1),
    },
  });
}

function ended(result: AttemptResult): DeliveryResult {
  if (result.isParked === true) return { outcome: 'parked', ...result };
  return { outcome: result.status === null ? 'cancelled' : 'delivered', ...result };
}

function endOf(error: unknown): { readonly reason: string; readonly isExhausted: boolean } {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return { reason: 'interrupted', isExhausted: true };
  const isGone = cause instanceof ApplicationFailure && cause.type === 'EndpointGone';
  return { reason: cause?.message ?? 'unknown', isExhausted: !isGone };
}
