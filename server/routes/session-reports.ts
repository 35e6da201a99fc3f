import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import type { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { defaultCurrency } from '../../src/domain/session.ts';
import { isObject } from '../../src/runtime/body.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { Publish } from '../../src/runtime/publish.ts';
import { makeGroupCommit } from '../../src/store/group-commit.ts';
import { setFinished } from '../../src/store/session-ends.ts';
import { recordReports } from '../../src/store/session-entries.ts';
import type { RecordedReport, Report, ReportedSession } from '../../src/store/session-entries.ts';
import type { SessionEntryRow, SessionRow } from '../../src/store/session-tables.ts';
import { findSession } from '../../src/store/sessions.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import {
  entrySchema,
  finishSchema,
  sessionSchema,
  stepSchema,
  toEntryAnswer,
  toolSchema,
  toSessionAnswer,
} from './session-answer.ts';
import type { EntryAnswer } from './session-answer.ts';

export interface SessionReportParts {
  readonly db: Knex;
  readonly publish: Publish;
  /** Pokes the workflow of a session; called after a commit. */
  readonly wake: () => void;
}

type RecordReport = (report: Report) => Promise<RecordedReport | undefined>;

/** What the agent tells us of a session. */
export function sessionReportRoutes(parts: SessionReportParts): MountableRoute[] {
  // Steps come in bursts, and each locks the row of its session: many at once share a commit.
  const record: RecordReport = makeGroupCommit(recordReports.bind(null, parts.db));
  return [
    route({
      method: 'post',
      path: '/v1/sessions/{id}/steps',
      summary: 'Report a step of the agent: publishes `agent.step`',
      body: stepSchema,
      answer: entrySchema,
      handle: ({ tenantId, id, body: { id: reportId, ...data } }) =>
        report(parts.publish, record, { tenantId, sessionId: id, kind: 'step', reportId, data }),
    }),
    route({
      method: 'post',
      path: '/v1/sessions/{id}/tools',
      summary: 'Report a tool call: publishes `tool.called`, and with `error` also `tool.error`',
      body: toolSchema,
      answer: entrySchema,
      handle: ({ tenantId, id, body: { id: reportId, ...call } }) =>
        report(parts.publish, record, {
          tenantId,
          sessionId: id,
          kind: 'tool',
          reportId,
          data: hashed(call),
        }),
    }),
    finishRoute(parts),
  ];
}

interface Reported extends Omit<Report, 'eventId' | 'data'> {
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Write the entry of a report, then publish it under the ids that the entry keeps: what breaks in
 * between is healed by the repeat, which is the same entry and the same event.
 *
 * @throws Problem `session-ended`; `report-id-taken` for another report under the same id
 */
async function report(
  publish: Publish,
  record: RecordReport,
  reported: Reported,
): Promise<EntryAnswer> {
  const { sessionId, data } = reported;
  const ids = data['error'] === undefined ? {} : { error_event_id: makeId('evt') };
  const kept = reported.kind === 'tool' ? { ...data, ...ids } : data;
  const recorded = await record({ ...reported, eventId: makeId('evt'), data: kept });
  const { session, entry } = found(recorded, 'session', sessionId);
  if (!entry) throw ended(session);
  if (entry.data !== kept) refuseOther(entry, reported);
  await emit(publish, session, entry);
  return toEntryAnswer(entry);
}

/** Under an id that is taken, only the same may be reported again: one of both would be lost. */
function refuseOther(entry: SessionEntryRow, { kind, reportId, data }: Reported): void {
  const { error_event_id, ...told } = dataOf(entry);
  const kept = kind === 'tool' ? told : { ...told, error_event_id };
  if (isDeepStrictEqual(asJson(kept), asJson(data))) return;
  throw new Problem(
    'report-id-taken',
    `Entry ${entry.number} has the id "${reportId}" and says something else`,
  );
}

/** As JSON keeps it: there is one 0, and a field without a value is none. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function dataOf({ data }: SessionEntryRow): Readonly<Record<string, unknown>> {
  return isObject(data) ? data : {};
}

async function emit(
  publish: Publish,
  session: ReportedSession,
  entry: SessionEntryRow,
): Promise<void> {
  const { id: session_id, tenant_id: tenantId, depth } = session;
  const { kind, report_id, event_id } = entry;
  const key = `${session_id}/${kind}/${report_id}`;
  const about = { tenantId, depth };
  if (kind === 'step') {
    const data = { ...dataOf(entry), session_id };
    await publish({ ...about, type: 'agent.step', data, key, ...idOf(event_id) });
    return;
  }
  const { error, error_event_id, ...facts } = dataOf(entry);
  const called = { ...facts, session_id };
  await publish({ ...about, type: 'tool.called', data: called, key, ...idOf(event_id) });
  if (error === undefined) return;
  const failed = { tool_name: facts['tool_name'], error, session_id };
  const failedKey = `${key}/error`;
  await publish({
    ...about,
    type: 'tool.error',
    data: failed,
    key: failedKey,
    ...idOf(error_event_id),
  });
}

function idOf(eventId: unknown): { readonly id?: string } {
  return typeof eventId === 'string' ? { id: eventId } : {};
}

/** A call without its arguments: only their hash is kept. */
function hashed({ tool_name, args, args_hash, error }: Omit<z.output<typeof toolSchema>, 'id'>) {
  const hash = args_hash ?? `sha256:${createHash('sha256').update(inOrder(args)).digest('hex')}`;
  return { tool_name, args_hash: hash, ...(error !== undefined && { error }) };
}

/** JSON whose objects have their fields by name, so that equal arguments have equal hashes. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function finishRoute({ db, wake }: SessionReportParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/sessions/{id}/finish',
    summary: 'Finish a session: publishes `session.finished`, and its cost counts for the budgets',
    body: finishSchema,
    answer: sessionSchema,
    handle: async ({ tenantId, id, body }) => {
      const { cost, currency = defaultCurrency, artifacts = [] } = body;
      const outcome = await setFinished(
        db,
        { id, tenant_id: tenantId },
        { cost, currency, artifacts },
      );
      const finished = found(outcome, 'session', id);
      if (finished === 'ended')
        throw ended(found(await findSession(db, id, tenantId), 'session', id));
      wake();
      return toSessionAnswer(finished);
    },
  });
}

function ended({ id, state }: Pick<SessionRow, 'id' | 'state'>): Problem {
  return new Problem('session-ended', `Session "${id}" is ${state}`);
}
