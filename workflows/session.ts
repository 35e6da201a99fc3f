import {
  ActivityFailure,
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SessionActivities, SessionRound } from '../src/domain/session-activities.ts';
import { sessionPoke } from '../src/domain/workflows.ts';
import type { SessionInput, SessionResult } from '../src/domain/workflows.ts';

// An agent that is away fails a round, and the policy tries it again: that adds nothing to the history.
const { sessionRound } = proxyActivities<SessionActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  // Then a next round, some 15 minutes later: pokes that come meanwhile do add to the history.
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 30 },
});

/**
 * A round writes about ten events of history, so a run has some 2,000: read quickly when a worker
 * takes it over, and far from the 51,200 at which Temporal ends it. Many pokes during one round write
 * more: then Temporal suggests the next run.
 */
const roundsMax = 200;

/**
 * The life of one session, until it is archived.
 *
 * What is to be done is in PostgreSQL; a poke says: look. Whatever a session does, its steps do not
 * come here.
 */
export async function session({ sessionId }: SessionInput): Promise<SessionResult> {
  let isPoked = false;
  setHandler(defineSignal(sessionPoke), () => {
    isPoked = true;
  });
  for (let round = 1; round <= roundsMax && !workflowInfo().continueAsNewSuggested; round += 1) {
    isPoked = false;
    const { hasEnded, waitMs } = await look(sessionId);
    if (hasEnded) return { outcome: 'archived' };
    if (waitMs > 0) await condition(() => isPoked, waitMs);
  }
  // The next run looks at once, so a poke that came with this decision is not lost.
  return continueAsNew<typeof session>({ sessionId });
}

async function look(sessionId: string): Promise<SessionRound> {
  try {
    return await sessionRound({ sessionId });
  } catch (error) {
    const isAway =
      error instanceof ActivityFailure && error.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
    if (!isAway) throw error;
    return { hasEnded: false, waitMs: 0 };
  }
}
