import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { LoadedRun } from '../../src/domain/activities.ts';
import type { SessionActivities } from '../../src/domain/session-activities.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { optionsOf } from './attempts.ts';

const own: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
};

/** Open a session, or hand the event to the open one with its key. The run ends there, the session goes on. */
export async function session(
  run: LoadedRun,
  action: Extract<TriggerAction, { kind: 'session' }>,
): Promise<void> {
  const { tenantId, eventId } = run;
  const { name, key, with: input } = action;
  const { openSession } = proxyActivities<SessionActivities>(optionsOf(run, own));
  await openSession({
    tenantId,
    opener: workflowInfo().workflowId,
    eventId,
    name,
    key,
    with: input,
  });
}
