import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../src/domain/activities.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';

const { emitEvent } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: ['Problem'],
  },
});

/**
 * Emit an event of the catalog to every endpoint that asked for its type.
 *
 * @param input - the automation's own; with `step` to emit one type several times:
 *   `emit({ ...input, step: 'second' }, …)`
 * @param data - what the catalog says of the type; anything else fails the automation
 * @returns the id of the event; the same type and step again in one workflow is the same event
 */
export async function emit(
  { tenantId, step }: AutomationInput<unknown> & { readonly step?: string },
  type: string,
  data: Readonly<Record<string, unknown>>,
): Promise<string> {
  const name = step === undefined ? type : `${type}/${step}`;
  const key = `${workflowInfo().workflowId}/${name}`;
  const { eventId } = await emitEvent({ tenantId, type, data, key });
  return eventId;
}
