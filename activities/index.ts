import { activityInfo, ApplicationFailure, heartbeat } from '@temporalio/activity';
import type { Activities } from '../src/domain/activities.ts';
import type { AutomationActivities } from '../src/domain/automations.ts';
import type { ImportActivities } from '../src/domain/import-activities.ts';
import type { MaintenanceActivities } from '../src/domain/maintenance-activities.ts';
import { Problem } from '../src/domain/problem.ts';
import type { SessionActivities } from '../src/domain/session-activities.ts';
import type { Publish } from '../src/runtime/publish.ts';
import { isConnectionLoss } from '../src/store/connection-loss.ts';
import { findDepth } from '../src/store/event-depth.ts';
import { findReplay, setReplayCompleted } from '../src/store/replays.ts';
import { admitRun } from './admit-run.ts';
import { makeAttempt, nextAttempt } from './attempt.ts';
import type { AttemptParts } from './attempt.ts';
import { makeAutomationActivities } from './automations/index.ts';
import { finishRun } from './finish-run.ts';
import { forwardEvent } from './forward-event.ts';
import type { ForwardParts } from './forward-event.ts';
import { markDead } from './cycle-end.ts';
import { makeImportActivities } from './imports.ts';
import { loadRun } from './load-run.ts';
import { withPatience } from './patience.ts';
import { reconcile } from './reconcile.ts';
import type { ReconcileParts } from './reconcile.ts';
import { retain } from './retain.ts';
import type { RetainParts } from './retain.ts';
import { replayPage } from './replay-page.ts';
import { makeSessionActivities } from './sessions.ts';
import type { SessionParts } from './sessions.ts';
import type { ReplayParts } from './replay-start.ts';

/** What activities need from the process. A plain parameter: no container. */
export interface ActivityParts
  extends AttemptParts, ForwardParts, ReplayParts, SessionParts, ReconcileParts, RetainParts {
  readonly publish: Publish;
  readonly agentUrl: string | undefined;
}

export function makeActivities(
  parts: ActivityParts,
): Activities &
  AutomationActivities &
  SessionActivities &
  ImportActivities &
  MaintenanceActivities {
  const { db } = parts;
  return {
    attempt: (input) =>
      withPatience(
        () => makeAttempt(parts, input, (input.from ?? 1) - 1 + activityInfo().attempt),
        isConnectionLoss,
      ),
    nextAttempt: (input) => nextAttempt(parts, input),
    markDead: (input) => markDead(parts, input),
    ...makeAutomationActivities(parts),
    ...makeSessionActivities(parts),
    ...makeImportActivities(parts),
    admitRun: (input) => admitRun(parts, input),
    forwardEvent: (input) => forwardEvent(parts, input),
    loadRun: (input) => loadRun(db, input),
    finishRun: (input) => finishRun(parts, input),
    emitEvent: (input) => emitEvent(parts, input),
    replayPage: (input) => replayPage(parts, input),
    reconcile: () => reconcile(parts, { now: new Date(), beat: heartbeat }),
    retain: () => retain(parts, { now: new Date(), beat: heartbeat }),
    async finishReplay({ replayId }) {
      await setReplayCompleted(db, replayId);
      const replay = await findReplay(db, replayId);
      if (!replay) throw new Error(`There is no replay "${replayId}"`);
      const { planned, done, failed, from_row: fromRow } = replay;
      return { planned, done, failed, fromRow };
    },
  };
}

/** @throws ApplicationFailure `Problem`, not retried: the data will not get better by itself */
async function emitEvent(
  { db, publish }: ActivityParts,
  input: Parameters<Activities['emitEvent']>[0],
): Promise<{ eventId: string }> {
  try {
    const { eventId } = await publish({ ...input, depth: await findDepth(db, input.key) });
    return { eventId };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = error.errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    throw ApplicationFailure.nonRetryable(`${error.message} ${fields}`.trim(), 'Problem');
  }
}
