import type { Knex } from 'knex';
import type { EntryKind } from '../domain/session.ts';
import type { SessionEntryRow, SessionRow } from './session-tables.ts';

/** An entry before it has its number. */
export type NewEntry = Pick<SessionEntryRow, 'kind' | 'data'> &
  Partial<Pick<SessionEntryRow, 'opener' | 'report_id' | 'event_id'>>;

/** What an agent reported, before it is published. */
export interface Report {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly kind: Extract<EntryKind, 'step' | 'tool'>;
  /** The agent's own: reported twice, it is one entry, and the first stands. */
  readonly reportId: string;
  /** The event that it will be, unless it is a repeat. */
  readonly eventId: string;
  readonly data: unknown;
}

/** Of a session, what a report needs to know; its input may be large. */
const lockedColumns = ['id', 'tenant_id', 'state', 'depth', 'entry_count'] as const;
export type ReportedSession = Pick<SessionRow, (typeof lockedColumns)[number]>;

export interface RecordedReport {
  readonly session: ReportedSession;
  /** Its own, or the one that has its id already; `undefined` when the session has ended. */
  readonly entry: SessionEntryRow | undefined;
}

/**
 * Write reports, each under the next number of its session, in one transaction.
 *
 * @returns one outcome per report, in order; `undefined` when its tenant has no such session
 */
export async function recordReports(
  db: Knex,
  reports: readonly Report[],
): Promise<readonly (RecordedReport | undefined)[]> {
  return db.transaction(async (tx) => {
    const sessions = await lockSessions(tx, reports);
    const known = await findReports(tx, reports);
    const fresh: SessionEntryRow[] = [];
    const recorded = reports.map((report) => {
      const session = sessions.get(report.sessionId);
      if (session?.tenant_id !== report.tenantId) return undefined;
      const earlier = known.get(keyOf(report));
      if (earlier || session.state !== 'active') return { session, entry: earlier };
      session.entry_count += 1;
      const entry = toRow(report, session.entry_count);
      fresh.push(entry);
      known.set(keyOf(report), entry);
      return { session, entry };
    });
    await insert(tx, fresh);
    await setCounts(tx, sessions, new Set(fresh.map((row) => row.session_id)));
    return recorded;
  });
}

/** In the order of their ids, so that two batches can't deadlock. */
async function lockSessions(
  tx: Knex,
  reports: readonly Report[],
): Promise<Map<string, ReportedSession>> {
  const keys = new Map(
    reports.map(({ sessionId, tenantId }) => [`${sessionId}\n${tenantId}`, [sessionId, tenantId]]),
  );
  const rows = await tx('sessions')
    .whereIn(['id', 'tenant_id'], [...keys.values()])
    .orderBy('id')
    .forUpdate()
    .select(...lockedColumns);
  return new Map(rows.map((row) => [row.id, row]));
}

function toRow({ sessionId, kind, reportId, eventId, data }: Report, number: number) {
  return {
    session_id: sessionId,
    number,
    kind,
    opener: null,
    report_id: reportId,
    event_id: eventId,
    data,
    at: new Date(),
    told_at: null,
  };
}

/** One look into the index per report: for a list PostgreSQL would read all entries of the session. */
async function findReports(
  tx: Knex,
  reports: readonly Report[],
): Promise<Map<string, SessionEntryRow>> {
  const keys = reports.map(({ sessionId, kind, reportId }) => ({ sessionId, kind, reportId }));
  const { rows } = await tx.raw<{ rows: SessionEntryRow[] }>(
    `select e.* from json_to_recordset(?::json) as r("sessionId" text, kind text, "reportId" text),
     lateral (select * from session_entries
              where (session_id, kind, report_id) = (r."sessionId", r.kind, r."reportId")
              limit 1) as e`,
    [JSON.stringify(keys)],
  );
  return new Map(
    rows.map((row) => [`${row.session_id}\n${row.kind}\n${row.report_id ?? ''}`, row]),
  );
}

function keyOf({ sessionId, kind, reportId }: Report): string {
  return `${sessionId}\n${kind}\n${reportId}`;
}

async function insert(tx: Knex, rows: readonly SessionEntryRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx('session_entries').insert(
    rows.map((row) => ({ ...row, data: JSON.stringify(row.data) })),
  );
}

async function setCounts(
  tx: Knex,
  sessions: ReadonlyMap<string, ReportedSession>,
  changed: ReadonlySet<string>,
): Promise<void> {
  for (const { id, entry_count } of sessions.values()) {
    if (!changed.has(id)) continue;
    await tx('sessions').where({ id }).update({ entry_count, last_active_at: tx.fn.now() });
  }
}

/**
 * Write one entry of a session whose row is locked.
 *
 * @returns `undefined` when its opener has handed an event on before
 */
export async function appendEntry(
  tx: Knex,
  { id, entry_count }: Pick<SessionRow, 'id' | 'entry_count'>,
  { data, ...entry }: NewEntry,
): Promise<SessionEntryRow | undefined> {
  const at = new Date();
  const [row] = await tx('session_entries')
    .insert({
      session_id: id,
      number: entry_count + 1,
      ...entry,
      data: JSON.stringify(data),
      at,
    })
    .onConflict(tx.raw('(opener) where opener is not null'))
    .ignore()
    .returning('*');
  if (row) {
    const { number: entry_number } = row;
    await tx('sessions')
      .where({ id })
      .update({ entry_count: entry_number, last_active_at: tx.fn.now() });
  }
  return row;
}

/** The entries of a session after a number, oldest first. */
export async function listEntries(
  db: Knex,
  sessionId: string,
  page: { readonly kind?: EntryKind | undefined; readonly after: number; readonly limit: number },
): Promise<SessionEntryRow[]> {
  return db('session_entries')
    .where({ session_id: sessionId, ...(page.kind !== undefined && { kind: page.kind }) })
    .where('number', '>', page.after)
    .orderBy('number')
    .limit(page.limit);
}

/** Events of a session that the agent does not have yet, oldest first. */
export async function listUntold(
  db: Knex,
  sessionId: string,
  limit: number,
): Promise<SessionEntryRow[]> {
  return db('session_entries')
    .where({ session_id: sessionId, kind: 'event' })
    .whereNull('told_at')
    .orderBy('number')
    .limit(limit);
}

/** The agent has the event of that number. Safe to repeat. */
export async function setTold(
  db: Knex,
  { session_id, number }: Pick<SessionEntryRow, 'session_id' | 'number'>,
): Promise<boolean> {
  const changed = await db('session_entries')
    .where({ session_id, number })
    .whereNull('told_at')
    .update({ told_at: db.fn.now() });
  return changed > 0;
}

/** The workflows that wait for the end of a session: at most a hundred. */
export async function listWaiting(db: Knex, session: SessionRow): Promise<string[]> {
  const rows: { opener: string | null }[] = await db('session_entries')
    .where({ session_id: session.id, kind: 'event' })
    .where('opener', 'like', '%/%')
    .limit(100)
    .select('opener');
  const openers = [session.opener, ...rows.map(({ opener }) => opener)];
  return openers.flatMap((opener) => (opener?.includes('/') === true ? [opener] : []));
}
