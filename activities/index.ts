import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Activities } from '../src/domain/activities.ts';
import type { AutomationActivities } from '../src/domain/automations.ts';
import { Problem } from '../src/domain/problem.ts';
import type { Publish } from '../src/runtime/publish.ts';
import { recordInterrupted } from '../src/store/attempts.ts';
import { isConnectionLoss } from '../src/store/connection-loss.ts';
import { recordDeadDelivery, recordFailedRun } from '../src/store/dead-letters.ts';
import { findReplay, setReplayCompleted } from '../src/store/replays.ts';
import { findTriggerRun, setRunEnded } from '../src/store/trigger-runs.ts';
import { makeAttempt } from './attempt.ts';
import type { AttemptParts } from './attempt.ts';
import { askForReview } from './automations/ask-for-review.ts';
import { keepIssue } from './automations/keep-issue.ts';
import { loadRun } from './load-run.ts';
import { withPatience } from './patience.ts';
import { replayPage } from './replay-page.ts';
import type { ReplayParts } from './replay-page.ts';

/** What activities need from the process. A plain parameter: no container. */
export interface ActivityParts extends AttemptParts, ReplayParts {
  readonly publish: Publish;
  readonly agentUrl: string | undefined;
}

export function makeActivities(parts: ActivityParts): Activities & AutomationActivities {
  const { db } = parts;
  return {
    attempt: (input) =>
      withPatience(() => makeAttempt(parts, input, activityInfo().attempt), isConnectionLoss),
    async markDead({ deliveryId, cycle, schedule, reason, isExhausted }) {
      if (isExhausted) await recordInterrupted(db, { deliveryId, cycle }, schedule.length);
      await recordDeadDelivery(db, { id: deliveryId, cycle }, reason);
    },
    loadRun: (input) => loadRun(db, input),
    finishRun: (input) => finishRun(parts, input),
    emitEvent: (input) => emitEvent(parts, input),
    replayPage: (input) => replayPage(parts, input),
    async finishReplay({ replayId }) {
      await setReplayCompleted(db, replayId);
      const replay = await findReplay(db, replayId);
      if (!replay) throw new Error(`There is no replay "${replayId}"`);
      const { planned, done, failed, from_row: fromRow } = replay;
      return { planned, done, failed, fromRow };
    },
    askForReview: (pullRequest) => askForReview(parts.agentUrl, pullRequest),
    keepIssue: (input) => keepIssue(db, input),
  };
}

/** The state and, for a failure, the dead letter: both or neither. */
async function finishRun(
  { db }: ActivityParts,
  { runId: id, cycle, failure }: Parameters<Activities['finishRun']>[0],
): Promise<void> {
  await db.transaction(async (tx) => {
    const state = failure === null ? 'succeeded' : 'failed';
    const hasEnded = await setRunEnded(tx, { id, cycle }, { state, reason: failure });
    const run = hasEnded && failure !== null ? await findTriggerRun(tx, id) : undefined;
    if (run) await recordFailedRun(tx, run);
  });
}

/** @throws ApplicationFailure `Problem`, not retried: the data will not get better by itself */
async function emitEvent(
  { publish }: ActivityParts,
  input: Parameters<Activities['emitEvent']>[0],
): Promise<{ eventId: string }> {
  try {
    const { eventId } = await publish(input);
    return { eventId };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = error.errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    throw ApplicationFailure.nonRetryable(`${error.message} ${fields}`.trim(), 'Problem');
  }
}
