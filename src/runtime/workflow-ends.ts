import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { rootCause } from '@temporalio/common';
import type { WorkflowEnd } from '../domain/workflow-end.ts';

/** A call that takes longer fails: the next pass asks again. */
const callDeadlineMs = 5000;

/** Of one page of Temporal's list. */
const pageSize = 500;

/** As much of a failure as a person reads, and a filter takes. */
const reasonMax = 2000;

/** A workflow that closed without saying so to its row, perhaps. */
export interface ClosedWorkflow {
  readonly workflowId: string;
  /** The workflow's name. */
  readonly type: string;
}

/**
 * Pages of the workflows that closed in a span of time in any way but as completed, as Temporal's
 * list shows them: it may lag behind by seconds.
 *
 * @param types - names of workflows
 */
export async function* listUnhappyEnds(
  client: Client,
  types: readonly string[],
  { from, to }: { readonly from: Date; readonly to: Date },
): AsyncGenerator<readonly ClosedWorkflow[]> {
  const query = [
    `WorkflowType IN (${types.map((type) => `"${type}"`).join(', ')})`,
    'ExecutionStatus IN ("Failed", "TimedOut", "Canceled", "Terminated")',
    `CloseTime BETWEEN "${from.toISOString()}" AND "${to.toISOString()}"`,
  ].join(' AND ');
  let page: ClosedWorkflow[] = [];
  for await (const { workflowId, type } of client.workflow.list({ query, pageSize })) {
    page.push({ workflowId, type });
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Ends that are told by their name alone; every other status is of one that runs. */
const tellingEnds: ReadonlyMap<string, WorkflowEnd> = new Map([
  ['TIMED_OUT', { kind: 'timed_out' }],
  ['TERMINATED', { kind: 'terminated' }],
  ['CANCELLED', { kind: 'cancelled' }],
]);

/** How a workflow ended, and when; null = it is gone. */
export type DatedEnd = WorkflowEnd & { readonly closedAt: Date | null };

/** How a workflow ended, by its id; `undefined` while it runs. */
export async function findWorkflowEnd(
  client: Client,
  workflowId: string,
): Promise<DatedEnd | undefined> {
  return client.withDeadline(Date.now() + callDeadlineMs, async () => {
    try {
      const { status, runId, closeTime } = await client.workflow.getHandle(workflowId).describe();
      const isTold = status.name === 'COMPLETED' || status.name === 'FAILED';
      const end = isTold
        ? await readClose(client, { workflowId, runId })
        : tellingEnds.get(status.name);
      return end && { ...end, closedAt: closeTime ?? null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'gone', closedAt: null };
      throw error;
    }
  });
}

/** What the last event of a history tells. */
async function readClose(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<WorkflowEnd> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    return { kind: 'completed', result: await handle.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { kind: 'failed', reason: (rootCause(error.cause) ?? 'unknown').slice(0, reasonMax) };
  }
}
