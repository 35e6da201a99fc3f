import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  TimeoutFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, AttemptResult } from '../src/domain/activities.ts';
import { waitMaxMs } from '../src/domain/retry.ts';
import { deliveryPoke } from '../src/domain/workflows.ts';
import type { DeliveryInput, DeliveryResult } from '../src/domain/workflows.ts';

// Half the cost of a normal activity (measured), but its count dies with the worker: so one try.
const ahead = proxyLocalActivities<Activities>({
  startToCloseTimeout: '35 seconds',
  retry: { maximumAttempts: 1 },
});
const { markDead, nextAttempt } = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
});

/**
 * One event on its way to one endpoint: up to five attempts, then the dead letters.
 *
 * The first attempt is made ahead of the retry policy, the cheap way; if it fails, the policy's
 * first attempt finds it recorded and goes straight to the wait. An attempt may also say that it is
 * not its turn yet. Fails when the attempts are spent, so that a dead letter is a failed workflow in
 * the Web UI too.
 */
export async function delivery(input: DeliveryInput): Promise<DeliveryResult> {
  const bell = hangBell();
  try {
    let result = input.from === undefined ? await attemptAhead(input) : undefined;
    let { from = 1 } = input;
    while (!result || result.again) {
      if (result?.again) from = await turnOf(input, result.again, bell);
      const next = from;
      result = await bell.untilRung(input, () => attemptsFrom(input, next));
    }
    return ended(result);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return endedBy(error, input);
  }
}

/** Dead, unless only the worker of a last attempt failed, and that was delivered. */
async function endedBy(error: ActivityFailure, input: DeliveryInput): Promise<DeliveryResult> {
  const end = endOf(error);
  upsertSearchAttributes({ DurahookReason: [end.reason] });
  const delivered = await markDead({ ...input, ...end });
  if (!delivered) throw error;
  upsertSearchAttributes({ DurahookReason: [] });
  return ended(delivered);
}

/** Wait until an attempt is to be asked for again; one that waits often goes on in a fresh history. */
async function turnOf(
  input: DeliveryInput,
  { number, waitMs }: NonNullable<AttemptResult['again']>,
  bell: Bell,
): Promise<number> {
  await bell.wait(waitMs);
  if (workflowInfo().continueAsNewSuggested) {
    await continueAsNew<typeof delivery>({ ...input, from: number });
  }
  return number;
}

/** @returns undefined when it failed: that is the policy's to judge */
async function attemptAhead(input: DeliveryInput): Promise<AttemptResult | undefined> {
  try {
    return await ahead.attempt(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}

/**
 * The attempts from a number on, under the retry policy: the mission's schedule.
 *
 * Each failure names its own wait, since no coefficient makes 30 s, 2 min, 10 min, 1 h; the
 * intervals here serve an attempt whose worker was killed. A heartbeat tells that within seconds,
 * while the activity itself may sit out a database that is away without using up an attempt.
 */
function attemptsFrom(input: DeliveryInput, from: number): Promise<AttemptResult> {
  const { schedule } = input;
  const { attempt } = proxyActivities<Activities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '5 seconds',
    // A POST that is under way is waited for: its outcome counts.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      maximumAttempts: Math.max(schedule.length - from + 1, 1),
      initialInterval: Math.max(schedule[1] ?? 0, 1),
      backoffCoefficient: 5,
      maximumInterval: Math.max(schedule.at(-1) ?? waitMaxMs, 1),
    },
  });
  return attempt(from === 1 ? input : { ...input, from });
}

/** Ends a wait early; what rang before is not lost. */
interface Bell {
  wait(ms: number): Promise<void>;
  /** Do this unless the bell rings, which makes it ask again at once. */
  untilRung(input: DeliveryInput, act: () => Promise<AttemptResult>): Promise<AttemptResult>;
}

function hangBell(): Bell {
  let isRung = false;
  let waiting: CancellationScope | undefined;
  setHandler(defineSignal(deliveryPoke), () => {
    isRung = true;
    waiting?.cancel();
  });

  async function askAgain(input: DeliveryInput): Promise<AttemptResult> {
    isRung = false;
    const again = { number: await nextAttempt(input), waitMs: 0 };
    return { status: null, durationMs: 0, again };
  }

  return {
    async wait(ms) {
      if (ms > 0) await condition(() => isRung, ms);
      isRung = false;
    },
    async untilRung(input, act) {
      if (isRung) return askAgain(input);
      const scope = new CancellationScope();
      waiting = scope;
      try {
        return await scope.run(act);
      } catch (error) {
        const isOurs = isRung && !CancellationScope.current().consideredCancelled;
        if (!isOurs || isFinal(error)) throw error;
        return await askAgain(input);
      } finally {
        waiting = undefined;
      }
    },
  };
}

/** Whether an activity failed for good, and not because it was told to stop waiting. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return false;
  const { cause, retryState } = error;
  // Of one that was told to stop waiting, the state says only that.
  if (cause instanceof ApplicationFailure && cause.nonRetryable === true) return true;
  return retryState === 'MAXIMUM_ATTEMPTS_REACHED' || retryState === 'NON_RETRYABLE_FAILURE';
}

function ended({ status, durationMs, isParked }: AttemptResult): DeliveryResult {
  if (isParked === true) return { outcome: 'parked', status, durationMs, isParked };
  return { outcome: status === null ? 'cancelled' : 'delivered', status, durationMs };
}

function endOf(error: ActivityFailure): { readonly reason: string; readonly isExhausted: boolean } {
  const { cause } = error;
  if (cause instanceof TimeoutFailure) return { reason: 'interrupted', isExhausted: true };
  const isGone = cause instanceof ApplicationFailure && cause.type === 'EndpointGone';
  return { reason: cause?.message ?? 'unknown', isExhausted: !isGone };
}
