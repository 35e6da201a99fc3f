import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../src/domain/activities.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';

const { forwardEvent } = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 5 },
});

/**
 * POST to an address what an automation makes of its event.
 *
 * @param data - sent as JSON; the event's body as it came when absent
 * @returns the status of the answer, a 2xx; anything else is asked five times and fails then
 */
export async function forward(
  { tenantId, eventId }: AutomationInput<unknown>,
  url: string,
  data?: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { status } = await forwardEvent({ tenantId, eventId, url, data: data ?? null });
  return status;
}
