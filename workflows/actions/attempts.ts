import {
  ActivityFailure,
  ChildWorkflowFailure,
  rootCause,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { durationText } from '../../src/domain/duration.ts';
import type { LoadedRun } from '../../src/domain/activities.ts';

/** What a trigger says of the attempts of its action; runs of the release before say nothing. */
type Attempts = Partial<Pick<LoadedRun, 'timeoutMs' | 'retry'>>;

/** The retry policy that a trigger asks for; `undefined` = the action's own. */
export function retryOf({ retry }: Attempts): RetryPolicy | undefined {
  if (!retry) return undefined;
  const { attempts, backoffMs } = retry;
  return {
    maximumAttempts: attempts,
    initialInterval: backoffMs,
    backoffCoefficient: 2,
    maximumInterval: backoffMs * 2 ** attempts, // Else Temporal stops doubling at a hundredfold.
  };
}

/** The options of an action that is an activity, as its trigger wants them. */
export function optionsOf(run: Attempts, own: ActivityOptions): ActivityOptions {
  return {
    ...own,
    startToCloseTimeout: run.timeoutMs ?? own.startToCloseTimeout,
    retry: { ...own.retry, ...retryOf(run) },
  };
}

/** Why a run failed, for a person. */
export function failureReason(error: unknown, run: Attempts | undefined): string {
  const isAction = error instanceof ChildWorkflowFailure || error instanceof ActivityFailure;
  if (isAction && error.cause instanceof TimeoutFailure && run?.timeoutMs) {
    return `timed out after ${durationText(run.timeoutMs)}`;
  }
  return rootCause(error) ?? 'The action failed';
}
