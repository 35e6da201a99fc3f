import { executeChild } from '@temporalio/workflow';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import type { LoadedRun } from '../../src/domain/activities.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { taskQueues } from '../../src/domain/workflows.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';
import { retryOf } from './attempts.ts';

/** Start the engineer's own workflow and wait for its end; its failure is the run's. */
export async function workflow(
  run: LoadedRun,
  action: Extract<TriggerAction, { kind: 'workflow' }>,
): Promise<void> {
  const input: AutomationInput<unknown> = {
    runId: run.runId,
    tenantId: run.tenantId,
    eventId: run.eventId,
    with: action.with,
  };
  const retry = retryOf(run);
  await executeChild(action.name, {
    workflowId: `${workflowIdOf(run.runId, run.cycle)}-do`,
    taskQueue: taskQueues.automation,
    args: [input],
    ...(run.timeoutMs && { workflowRunTimeout: run.timeoutMs }),
    ...(retry && { retry }),
    staticSummary: `${action.name} for trigger ${run.trigger}`,
  });
}
