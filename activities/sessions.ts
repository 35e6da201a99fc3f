import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import type {
  OpenSessionInput,
  SessionActivities,
  SessionReading,
} from '../src/domain/session-activities.ts';
import {
  defaultCurrency,
  keyMax,
  nameMax,
  refuseText,
  runIdOf,
  userIdMax,
} from '../src/domain/session.ts';
import { makeId } from '../src/runtime/ids.ts';
import type { Starter } from '../src/runtime/starter.ts';
import { isConnectionLoss } from '../src/store/connection-loss.ts';
import { setArchived } from '../src/store/session-ends.ts';
import { findSession, openSession } from '../src/store/sessions.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';
import { withPatience } from './patience.ts';
import { sessionRound } from './session-round.ts';
import type { SessionRoundParts } from './session-round.ts';

export interface SessionParts extends SessionRoundParts {
  readonly starter: Starter;
}

/** What sessions ask for. */
export function makeSessionActivities(parts: SessionParts): SessionActivities {
  const { db, starter } = parts;
  return {
    openSession: (input) => open(parts, input),
    sessionRound: ({ sessionId }) =>
      withPatience(() => sessionRound(parts, sessionId), isConnectionLoss),
    readSession: ({ sessionId }) => read(db, sessionId),
    async archiveSession({ sessionId: id, opener }) {
      const archived = await db.transaction((tx) => setArchived(tx, { id, opener }));
      if (archived) await starter.start({ sessions: [archived.session] });
    },
  };
}

async function open(
  { db, starter }: SessionParts,
  { tenantId, opener, eventId, name, key, with: input }: OpenSessionInput,
): Promise<{ sessionId: string }> {
  const created_at = new Date();
  const { session } = await openSession(db, {
    id: makeId('ses', created_at),
    tenant_id: tenantId,
    name: checked(name, 'name', nameMax),
    key: key === null ? null : checked(key, 'key', keyMax),
    user_id: checked(await userOf(db, opener, input), 'user_id', userIdMax),
    opener,
    event_id: eventId,
    input,
    created_at,
  });
  await starter.start({ sessions: [session] });
  return { sessionId: session.id };
}

/** The text `user_id` of the trigger's `with`, or the trigger itself. */
async function userOf(db: Knex, opener: string, input: OpenSessionInput['with']): Promise<string> {
  const { user_id: userId } = input;
  if (typeof userId === 'string' && userId !== '') return userId;
  const run = await findTriggerRun(db, runIdOf(opener) ?? '');
  return run ? `trigger:${run.trigger}` : 'system';
}

/** @throws ApplicationFailure `Problem`, not retried: the event never changes */
function checked(text: string, what: string, max: number): string {
  const refusal = refuseText(text, max);
  if (refusal === undefined) return text;
  throw ApplicationFailure.nonRetryable(`The ${what} of the session: ${refusal}`, 'Problem');
}

async function read(db: Knex, sessionId: string): Promise<SessionReading> {
  const session = await findSession(db, sessionId);
  if (!session) throw ApplicationFailure.nonRetryable(`There is no session "${sessionId}"`);
  const { state, cost, currency, artifacts, finished_at } = session;
  const isCutOff = state === 'archived' && finished_at === null;
  return {
    hasEnded: state !== 'active',
    failure: isCutOff ? 'It was archived before it was finished' : session.failure,
    cost: Number(cost),
    currency: currency ?? defaultCurrency,
    artifacts: artifacts ?? [],
  };
}
