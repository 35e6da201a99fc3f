import type { Client } from '@temporalio/client';
import { searchAttributes } from './search-attributes.ts';

/** Whoever counts has something else to tell: then without this. */
const countMaxMs = 2000;

/** How many workflows of a tenant have failed, as Temporal counts them. */
export interface FailedWorkflows {
  readonly deliveries: number;
  readonly runs: number;
  /** Those that closed before it are not counted: Temporal may have forgotten some of them. */
  readonly since: Date;
}

/** Count the failed workflows of a tenant, as far back as Temporal surely remembers; at most 2 s. */
export async function countFailedWorkflows(
  client: Client,
  tenantId: string,
): Promise<FailedWorkflows> {
  return client.withDeadline(Date.now() + countMaxMs, async () => {
    const since = await rememberedSince(client);
    const [deliveries, runs] = await Promise.all(
      ['delivery', 'triggerRun'].map((type) => count(client, { type, tenantId, since })),
    );
    return { deliveries: deliveries ?? 0, runs: runs ?? 0, since };
  });
}

/** A closed workflow is kept for the namespace's retention; an hour less allows for clocks. */
async function rememberedSince(client: Client): Promise<Date> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return seconds === 0 ? new Date(0) : new Date(Date.now() - (seconds - 3600) * 1000);
}

async function count(
  client: Client,
  { type, tenantId, since }: { type: string; tenantId: string; since: Date },
): Promise<number> {
  const { count: counted } = await client.workflow.count(
    [
      `WorkflowType = "${type}"`,
      'ExecutionStatus IN ("Failed", "TimedOut")',
      `${searchAttributes.tenant.name} = "${tenantId}"`,
      `CloseTime >= "${since.toISOString()}"`,
    ].join(' AND '),
  );
  return counted;
}
