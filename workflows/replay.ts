import {
  condition,
  continueAsNew,
  defineSignal,
  patched,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../src/domain/activities.ts';
import { replayPoke } from '../src/domain/workflows.ts';
import type { ReplayInput, ReplayResult } from '../src/domain/workflows.ts';

const { replayPage, finishReplay } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** The state is asked for again after this, should the signal have been lost. */
const askAgainAfter = '30 seconds';

/**
 * A round writes about ten events of history, so a run has some 2,000: read quickly when a worker
 * takes it over, and far from the 51,200 at which Temporal ends it.
 */
const roundsMax = 200;

/**
 * Start the workflows of a timeframe again, page by page; each page is safe to repeat.
 *
 * Whether it goes on, rests or ends is in PostgreSQL and told by each page; the signal only makes
 * a resting one ask at once.
 */
export async function replay({ replayId, after = null }: ReplayInput): Promise<ReplayResult> {
  let isPoked = false;
  setHandler(defineSignal(replayPoke), () => {
    isPoked = true;
  });
  // Runs of the release before went on in one history. The rest of this function does to them what
  // it did then: a page of theirs never had a `hold`.
  const isBounded = patched('bounded-history');
  let next = after;
  for (let round = 1; ; round += 1) {
    isPoked = false;
    const page = await replayPage({ replayId, after: next });
    next = page.next;
    if (page.hold === 'ended') break;
    if (page.hold === 'paused') await condition(() => isPoked, askAgainAfter);
    else if (next === null) break;
    if (isBounded && round >= roundsMax) {
      await continueAsNew<typeof replay>({ replayId, after: next });
    }
  }
  return finishReplay({ replayId });
}
