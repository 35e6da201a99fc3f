import { proxyActivities } from '@temporalio/workflow';
import type { Activities, ReplayPageResult } from '../src/domain/activities.ts';
import type { ReplayInput, ReplayResult } from '../src/domain/workflows.ts';

const { replayPage, finishReplay } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Start the workflows of a timeframe again, page by page; each page is safe to repeat. */
export async function replay({ replayId }: ReplayInput): Promise<ReplayResult> {
  let after: string | null = null;
  do {
    const page: ReplayPageResult = await replayPage({ replayId, after });
    after = page.next;
  } while (after !== null);
  return finishReplay({ replayId });
}
