import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { runPoke } from '../domain/workflows.ts';

/** A call that takes longer is given up: whoever waits asks again by itself. */
const callDeadlineMs = 2000;

/**
 * Tell the workflow of a run that it may be its turn.
 *
 * @returns false when it does not run: it has ended, or was not started yet
 */
export async function pokeRun(client: Client, workflowId: string): Promise<boolean> {
  return tell(client, workflowId, (handle) => handle.signal(runPoke));
}

/** As `pokeRun`: ask the workflow of a run to leave. */
export async function cancelRun(client: Client, workflowId: string): Promise<boolean> {
  return tell(client, workflowId, (handle) => handle.cancel());
}

async function tell(
  client: Client,
  workflowId: string,
  call: (handle: WorkflowHandle) => Promise<unknown>,
): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + callDeadlineMs, () =>
      call(client.workflow.getHandle(workflowId)),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
  }
  return true;
}
