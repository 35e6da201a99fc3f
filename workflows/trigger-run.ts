import { isCancellation, proxyActivities, rootCause } from '@temporalio/workflow';
import type { Activities } from '../src/domain/activities.ts';
import type { TriggerRunInput, TriggerRunResult } from '../src/domain/workflows.ts';
import { runAction } from './actions/index.ts';

const { loadRun, finishRun } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** One trigger acting on one event. Fails when its action fails, and is then a dead letter. */
export async function triggerRun(input: TriggerRunInput): Promise<TriggerRunResult> {
  try {
    await runAction(await loadRun(input));
  } catch (error) {
    if (!isCancellation(error)) {
      await finishRun({ ...input, failure: rootCause(error) ?? 'The action failed' });
    }
    throw error;
  }
  await finishRun({ ...input, failure: null });
  return { outcome: 'succeeded' };
}
