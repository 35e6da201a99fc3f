import type { Knex } from 'knex';
import { scopeOf } from '../src/runtime/trigger-scope.ts';
import { findEvent } from '../src/store/events.ts';
import { recordRefusal, setRefused } from '../src/store/session-ends.ts';
import { listUntold, setTold } from '../src/store/session-entries.ts';
import type { SessionEntryRow, SessionRow } from '../src/store/session-tables.ts';
import { setAgentTold } from '../src/store/sessions.ts';
import { callAgent } from './agent.ts';

/** Well within the activity's two minutes, with the last call's ten seconds. */
const tellingMaxMs = 60_000;

/** An agent that is away for so long has lost its work; if not, its next report is refused. */
const cancelMaxMs = 86_400_000;

/** So many events are read at a time. */
const pageMax = 20;

export interface AgentParts {
  readonly db: Knex;
  readonly agentUrl: string | undefined;
  /** Where the agent reports to. */
  readonly publicUrl: string;
}

/**
 * Tell the agent what it does not know of a session: its start, its events in order, its end.
 *
 * @returns false when more is to be told, at once
 * @throws Error when the agent is away: everything is told again, under the same keys
 */
export async function tellAgent(parts: AgentParts, session: SessionRow): Promise<boolean> {
  const { agentUrl } = parts;
  if (agentUrl === undefined) return true;
  if (session.state === 'archived') {
    await tellCancel(parts.db, agentUrl, session);
    return true;
  }
  if (session.agent_started_at === null) {
    // Finished through the API, or refused: the agent has nothing to do with it.
    if (session.state !== 'active') return true;
    if (!(await tellStart(parts, agentUrl, session))) return false;
  }
  return tellEvents(parts.db, agentUrl, session);
}

async function tellStart(
  { db, publicUrl }: AgentParts,
  agentUrl: string,
  session: SessionRow,
): Promise<boolean> {
  const { id, name, key, user_id, tenant_id, input } = session;
  const report_url = `${publicUrl}/v1/sessions/${id}`;
  const answer = await callAgent(agentUrl, {
    path: '/v1/sessions',
    key: id,
    body: { session_id: id, name, key, user_id, tenant_id, input, report_url },
  });
  if (answer.kind === 'taken') {
    await setAgentTold(db, id, 'agent_started_at');
    return true;
  }
  await setRefused(db, id, `The agent refused the session: ${answer.status}`);
  return false;
}

async function tellEvents(db: Knex, agentUrl: string, session: SessionRow): Promise<boolean> {
  const endsAt = performance.now() + tellingMaxMs;
  for (;;) {
    const entries = await listUntold(db, session.id, pageMax);
    if (entries.length === 0) return true;
    for (const entry of entries) {
      if (performance.now() > endsAt) return false;
      await tellEvent(db, agentUrl, { session, entry });
    }
  }
}

async function tellEvent(
  db: Knex,
  agentUrl: string,
  { session, entry }: { readonly session: SessionRow; readonly entry: SessionEntryRow },
): Promise<void> {
  const { id, tenant_id } = session;
  const { number, event_id, data: input } = entry;
  const event = event_id === null ? undefined : await findEvent(db, event_id, tenant_id);
  const answer = await callAgent(agentUrl, {
    path: `/v1/sessions/${id}/events`,
    key: `${id}/${number}`,
    body: { number, input, event: event ? eventOf(event) : null },
  });
  if (answer.kind === 'taken') {
    await setTold(db, entry);
    return;
  }
  await recordRefusal(db, { id, number }, `The agent refused event ${number}: ${answer.status}`);
}

function eventOf(event: Parameters<typeof scopeOf>[0]) {
  const { body } = scopeOf(event, { attempt: 1, isReplay: false });
  return { id: event.id, source: event.source, type: event.type, body };
}

/** Also when the start is not known to be taken: its answer may have been lost. */
async function tellCancel(db: Knex, agentUrl: string, session: SessionRow): Promise<void> {
  const { id, archived_at, finished_at, agent_started_at, agent_cancelled_at } = session;
  if (finished_at !== null || agent_cancelled_at !== null) return;
  if (archived_at !== null && Date.now() - archived_at.getTime() > cancelMaxMs) {
    await recordRefusal(db, { id, number: null }, 'The agent did not answer the cancel for 24 h');
    return;
  }
  const answer = await callAgent(agentUrl, {
    path: `/v1/sessions/${id}/cancel`,
    key: `${id}/cancel`,
    body: {},
  });
  // One that never started it does not know it.
  if (answer.kind === 'taken' || agent_started_at === null) {
    await setAgentTold(db, id, 'agent_cancelled_at');
    return;
  }
  await recordRefusal(db, { id, number: null }, `The agent refused the cancel: ${answer.status}`);
}
