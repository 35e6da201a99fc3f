import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's code for "no such thing": the history was never there, or its retention is over. */
const notFound = 5;

/**
 * The input that a workflow was started with, from the first event of its history.
 *
 * @returns `undefined` when Temporal does not keep it (any more), or nobody here can read it
 */
export async function readInput(client: Client, workflowId: string): Promise<unknown> {
  const { namespace } = client.options;
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    return inputOf(history);
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === notFound) return undefined;
    throw error;
  }
}

type History = Awaited<
  ReturnType<Client['workflowService']['getWorkflowExecutionHistory']>
>['history'];

function inputOf(history: History): unknown {
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const [payload] = started?.input?.payloads ?? [];
  if (!payload) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined; // In another encoding, or not JSON: asked again it would read the same.
  }
}
