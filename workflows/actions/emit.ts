import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities, LoadedRun } from '../../src/domain/activities.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { optionsOf } from './attempts.ts';

const own: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: ['Problem'],
  },
};

/** Emit one event of the catalog, with the trigger's `with` as its data. */
export async function emit(
  run: LoadedRun,
  action: Extract<TriggerAction, { kind: 'emit' }>,
): Promise<void> {
  const { emitEvent } = proxyActivities<Activities>(optionsOf(run, own));
  await emitEvent({
    tenantId: run.tenantId,
    type: action.type,
    data: action.with,
    key: `${workflowInfo().workflowId}/emit`,
  });
}
