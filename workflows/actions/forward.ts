import { proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities, LoadedRun } from '../../src/domain/activities.ts';
import type { TriggerAction } from '../../src/domain/trigger.ts';
import { optionsOf } from './attempts.ts';

const own: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 5 },
};

/** Send the event, or what the trigger makes of it, to an address. */
export async function forward(
  run: LoadedRun,
  action: Extract<TriggerAction, { kind: 'forward' }>,
): Promise<void> {
  const { tenantId, eventId } = run;
  const { forwardEvent } = proxyActivities<Activities>(optionsOf(run, own));
  await forwardEvent({ tenantId, eventId, url: action.url, data: action.with });
}
