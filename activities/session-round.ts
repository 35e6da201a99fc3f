import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { SessionRound } from '../src/domain/session-activities.ts';
import { workflowOf } from '../src/domain/session.ts';
import { sessionEnded } from '../src/domain/workflows.ts';
import { emitExceeded } from '../src/runtime/budget-alerts.ts';
import type { Publish } from '../src/runtime/publish.ts';
import { setIdleArchived } from '../src/store/session-ends.ts';
import { listWaiting } from '../src/store/session-entries.ts';
import type { SessionRow } from '../src/store/session-tables.ts';
import { findSession, setEmitted } from '../src/store/sessions.ts';
import { tellAgent } from './session-agent.ts';
import type { AgentParts } from './session-agent.ts';

/** Between two looks at the least: the clocks of the database and of this process may differ. */
const waitMinMs = 500;

/** A signal that takes longer is given up: who waits for it asks by himself. */
const signalDeadlineMs = 2000;

/** A moment that the world is told of, with its facts. */
interface SessionMoment {
  readonly moment: 'created' | 'finished' | 'archived';
  readonly [fact: string]: unknown;
}

export interface SessionRoundParts extends AgentParts {
  readonly client: Client;
  readonly publish: Publish;
  /** After so long without an entry a session is archived. */
  readonly sessionIdleMs: number;
}

/**
 * Do what is due for a session by what PostgreSQL says: archive it when it is idle, tell the world
 * of its moments, then the agent. Safe to repeat.
 *
 * The world comes first: an agent that is away holds no event of ours back.
 */
export async function sessionRound(
  parts: SessionRoundParts,
  sessionId: string,
): Promise<SessionRound> {
  const { db, sessionIdleMs: idleMs } = parts;
  await setIdleArchived(db, sessionId, idleMs);
  const session = await findSession(db, sessionId);
  if (!session) throw ApplicationFailure.nonRetryable(`There is no session "${sessionId}"`);
  await tellWorld(parts, session);
  if (!(await tellAgent(parts, session))) return { hasEnded: false, waitMs: 0 };
  const idleAt = session.last_active_at.getTime() + idleMs;
  return {
    hasEnded: session.state === 'archived',
    waitMs: Math.max(idleAt - Date.now(), waitMinMs),
  };
}

/** Emit each moment of a session once: a repeat has the same key. */
async function tellWorld(parts: SessionRoundParts, session: SessionRow): Promise<void> {
  const { db } = parts;
  const { id, tenant_id, user_id, finished_at } = session;
  if (session.created_event_id === null) {
    const created_event_id = await emit(parts, session, { moment: 'created', tenant_id, user_id });
    await setEmitted(db, id, { created_event_id });
  }
  if (finished_at !== null && session.finished_event_id === null) {
    const finished_event_id = await emit(parts, session, {
      moment: 'finished',
      cost: Number(session.cost),
      currency: session.currency,
      artifacts: session.artifacts,
      ...(session.failure !== null && { error: session.failure }),
    });
    await emitExceeded(parts, tenant_id);
    await wakeWaiting(parts, session);
    await setEmitted(db, id, { finished_event_id });
  }
  if (session.state === 'archived' && session.archived_event_id === null) {
    const archived_event_id = await emit(parts, session, { moment: 'archived' });
    if (finished_at === null) await wakeWaiting(parts, session);
    await setEmitted(db, id, { archived_event_id });
  }
}

async function emit(
  { publish }: SessionRoundParts,
  { id, tenant_id: tenantId, depth }: SessionRow,
  { moment, ...facts }: SessionMoment,
): Promise<string> {
  const { eventId } = await publish({
    tenantId,
    type: `session.${moment}`,
    data: { session_id: id, ...facts },
    key: `${id}/${moment}`,
    depth,
  });
  return eventId;
}

/** Tell the workflows that wait for its end. One that is not reached, or has ended, costs nothing. */
async function wakeWaiting({ db, client }: SessionRoundParts, session: SessionRow): Promise<void> {
  const openers = await listWaiting(db, session);
  const workflows = new Set(openers.map(workflowOf));
  for (const workflowId of workflows) {
    await client
      .withDeadline(Date.now() + signalDeadlineMs, () =>
        client.workflow.getHandle(workflowId).signal(sessionEnded, session.id),
      )
      .catch(() => undefined);
  }
}
