import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { SessionActivities, SessionReading } from '../../src/domain/session-activities.ts';
import { sessionEnded } from '../../src/domain/workflows.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';

const { openSession, readSession, archiveSession } = proxyActivities<SessionActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** The session is read again after this, should the signal have been lost; each time twice as late. */
const askAgainMs = { first: 30_000, max: 600_000 };

/** Sessions that have said they ended; each workflow has its own. */
const ended = new Set<string>();

export interface AgentWish {
  /** The name of the session: what the agent is to do. */
  readonly session: string;
  /** While a session of this name and key is active, it gets `with` as a further event. */
  readonly key?: string;
  /** What the agent is told. */
  readonly with: Readonly<Record<string, unknown>>;
  /** For all of it, as `30 minutes`; absent = until the session is archived. */
  readonly timeout?: Parameters<typeof CancellationScope.withTimeout>[0];
}

export interface AgentResult {
  readonly sessionId: string;
  readonly cost: number;
  readonly artifacts: readonly unknown[];
}

/**
 * Let the agent work on a session, and wait for what it comes to.
 *
 * Cancelled or out of time, the session is archived, if it was opened here; a session that ends
 * without a result fails the automation.
 */
export async function run(
  { tenantId, eventId }: AutomationInput<unknown>,
  { session: name, key, with: input, timeout }: AgentWish,
): Promise<AgentResult> {
  setHandler(defineSignal<[string]>(sessionEnded), (id) => void ended.add(id));
  const opener = `${workflowInfo().workflowId}/${uuid4()}`;
  // Not cancelled half way: then nobody would know whether there is a session to archive.
  const { sessionId } = await CancellationScope.nonCancellable(() =>
    openSession({ tenantId, opener, eventId, name, key: key ?? null, with: input }),
  );
  const { failure, cost, artifacts } = await untilEnded(sessionId, timeout).catch(
    async (error: unknown) => {
      if (!isCancellation(error)) throw error;
      await CancellationScope.nonCancellable(() => archiveSession({ sessionId, opener }));
      if (CancellationScope.current().consideredCancelled) throw error;
      throw ApplicationFailure.nonRetryable(`Session "${sessionId}" took too long`, 'TimedOut');
    },
  );
  if (failure === null) return { sessionId, cost, artifacts };
  throw ApplicationFailure.nonRetryable(`Session "${sessionId}": ${failure}`, 'SessionFailed');
}

function untilEnded(sessionId: string, timeout: AgentWish['timeout']): Promise<SessionReading> {
  if (timeout === undefined) return readUntilEnded(sessionId);
  return CancellationScope.withTimeout(timeout, () => readUntilEnded(sessionId));
}

async function readUntilEnded(sessionId: string): Promise<SessionReading> {
  for (let waitMs = askAgainMs.first; ; waitMs = Math.min(waitMs * 2, askAgainMs.max)) {
    await condition(() => ended.has(sessionId), waitMs);
    ended.delete(sessionId);
    const reading = await readSession({ sessionId });
    if (reading.hasEnded) return reading;
  }
}
