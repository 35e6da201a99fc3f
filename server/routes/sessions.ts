import type { Knex } from 'knex';
import { z } from 'zod';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { setArchived } from '../../src/store/session-ends.ts';
import { listEntries } from '../../src/store/session-entries.ts';
import { findSession, listSessions, openSession } from '../../src/store/sessions.ts';
import type { SessionFilter } from '../../src/store/sessions.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, moment, pageOf, pageQuery, toPage } from './answers.ts';
import {
  entryKindSchema,
  entrySchema,
  keySchema,
  nameSchema,
  sessionSchema,
  sessionStateSchema,
  toEntryAnswer,
  toSessionAnswer,
  userIdSchema,
} from './session-answer.ts';
import type { SessionAnswer } from './session-answer.ts';

export interface SessionParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Starts or pokes the workflow of a session; called after a commit. */
  readonly wake: () => void;
}

const openedSchema = sessionSchema.extend({
  entry_number: z.int().nullable().meta({
    description: 'The entry that hands `input` to a session that was open; null = it is a new one',
  }),
});

const listQuery = z.strictObject({
  ...pageQuery,
  state: sessionStateSchema.optional(),
  name: nameSchema.optional(),
  key: keySchema.optional(),
  from: moment.optional(),
  to: moment.optional(),
  text: keySchema.optional().meta({
    description:
      "A session's id, its beginning (`ses_` and at least 4 hex digits), the id of its event or run, or its key",
  }),
});

const entriesQuery = z.strictObject({
  limit: pageQuery.limit,
  after: z.coerce
    .number('Must be a number')
    .int('Must be a whole number')
    .min(0)
    .max(2_147_483_647)
    .default(0)
    .meta({ description: 'The `next_cursor` of the page before, or any number: entries after it' }),
  kind: entryKindSchema.optional(),
});

export function sessionRoutes(parts: SessionParts): MountableRoute[] {
  return [openRoute(parts), ...readRoutes(parts.db), archiveRoute(parts)];
}

function openRoute({ db, now, wake }: SessionParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/sessions',
    summary: 'Open a session, or hand `input` to the active one of the same name and key (200)',
    body: z.strictObject({
      name: nameSchema,
      key: keySchema.optional(),
      user_id: userIdSchema,
      input: z.unknown().optional(),
    }),
    answer: openedSchema,
    status: 201,
    handle: async ({ tenantId, body: { name, key = null, user_id, input = {} } }) => {
      const created_at = now();
      const { session, entryNumber } = await openSession(db, {
        id: makeId('ses', created_at),
        tenant_id: tenantId,
        name,
        key,
        user_id,
        opener: null,
        event_id: null,
        input,
        created_at,
      });
      wake();
      return { ...toSessionAnswer(session), entry_number: entryNumber };
    },
    head: ({ id, entry_number }) =>
      entry_number === null ? { status: 201, location: `/v1/sessions/${id}` } : { status: 200 },
  });
}

function readRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/sessions',
      summary: 'List sessions',
      query: listQuery,
      answer: pageOf(sessionSchema),
      handle: async ({ tenantId, query }) => {
        const filter = toFilter(query);
        const list = listSessions.bind(null, db, tenantId);
        return toPage(query, (page) => list({ filter, page }), toSessionAnswer);
      },
    }),
    route({
      method: 'get',
      path: '/v1/sessions/{id}',
      summary: 'Read a session',
      answer: sessionSchema,
      handle: async ({ tenantId, id }) =>
        toSessionAnswer(found(await findSession(db, id, tenantId), 'session', id)),
    }),
    route({
      method: 'get',
      path: '/v1/sessions/{id}/entries',
      summary: 'List what was said to a session and what it did, oldest first',
      query: entriesQuery,
      answer: pageOf(entrySchema),
      handle: async ({ tenantId, id, query: { limit, after, kind } }) => {
        const session = found(await findSession(db, id, tenantId), 'session', id);
        const rows = await listEntries(db, session.id, { kind, after, limit: limit + 1 });
        const shown = rows.slice(0, limit);
        const next = rows.length > limit ? shown.at(-1)?.number : undefined;
        return { data: shown.map(toEntryAnswer), next_cursor: next?.toString() ?? null };
      },
    }),
  ];
}

function toFilter(query: z.output<typeof listQuery>): SessionFilter {
  const { state, name, key, from, to, text } = query;
  return {
    state,
    name,
    key,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    text,
  };
}

function archiveRoute(parts: SessionParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/sessions/{id}/archive',
    summary: 'Archive a session: it takes nothing more; the agent is told if it was at work',
    answer: sessionSchema,
    handle: async (call) => archive(parts, call),
  });
}

async function archive(
  { db, wake }: SessionParts,
  call: Call<unknown, unknown>,
): Promise<SessionAnswer> {
  const { tenantId, id } = call;
  const archived = await db.transaction(async (tx) => {
    const outcome = await setArchived(tx, { id, tenant_id: tenantId });
    const what = { action: 'session.archive', subject: id, detail: {} };
    if (outcome?.isNew === true) await recordAudit(tx, auditEntry(call, what));
    return outcome;
  });
  const { session } = found(archived, 'session', id);
  wake();
  return toSessionAnswer(session);
}
