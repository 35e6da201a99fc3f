import type { Knex } from 'knex';
import { idBound, instantOf } from '../domain/id.ts';
import { runIdOf } from '../domain/session.ts';
import type { SessionState } from '../domain/session.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import { appendEntry } from './session-entries.ts';
import type { SessionRow } from './session-tables.ts';

/** What is needed to open a session. */
export interface SessionOpening extends Pick<
  SessionRow,
  'id' | 'tenant_id' | 'name' | 'key' | 'user_id' | 'input' | 'created_at'
> {
  /** Asked twice by one opener, it is one session; null = always new, or a further event. */
  readonly opener: string | null;
  readonly event_id: string | null;
}

export interface OpenedSession {
  readonly session: SessionRow;
  /** The entry that hands the input to a session that was open; null = it opened this one. */
  readonly entryNumber: number | null;
}

/**
 * Open a session, or hand the input to the active one of its name and key: at most one is active.
 * Repeated by the same opener, it answers the same session. Its workflow is to be poked afterwards.
 */
export async function openSession(db: Knex, opening: SessionOpening): Promise<OpenedSession> {
  for (;;) {
    const opened = await db.transaction(
      async (tx) =>
        (await findOpened(tx, opening)) ??
        (await handOn(tx, opening)) ??
        (await insert(tx, opening)),
    );
    if (opened) return opened;
    // Another opened its key, or did what this opener asks, at this very moment: now it is seen.
  }
}

async function findOpened(
  tx: Knex,
  { opener }: SessionOpening,
): Promise<OpenedSession | undefined> {
  if (opener === null) return undefined;
  const session = await tx('sessions').where({ opener }).first();
  if (session) return { session, entryNumber: null };
  const entry = await tx('session_entries').where({ opener }).first();
  const reached = entry && (await tx('sessions').where({ id: entry.session_id }).first());
  return reached && { session: reached, entryNumber: entry.number };
}

async function handOn(tx: Knex, opening: SessionOpening): Promise<OpenedSession | undefined> {
  const { tenant_id, name, key, opener, event_id, input: data } = opening;
  if (key === null) return undefined;
  const active = await tx('sessions')
    .where({ tenant_id, name, key, state: 'active' })
    .forUpdate()
    .first();
  if (!active) return undefined;
  const entry = await appendEntry(tx, active, { kind: 'event', opener, event_id, data });
  if (!entry) return undefined;
  const depth = Math.max(active.depth, await depthAfter(tx, opening));
  const session = await updateSession(tx, active.id, { depth, ...poked(tx) });
  return { session, entryNumber: entry.number };
}

async function insert(tx: Knex, opening: SessionOpening): Promise<OpenedSession | undefined> {
  const { opener, created_at: at } = opening;
  const [session] = await tx('sessions')
    .insert({
      ...opening,
      run_id: opener === null ? null : runIdOf(opener),
      depth: await depthAfter(tx, opening),
      input: JSON.stringify(opening.input),
      state: 'active',
      last_active_at: at,
      start_after: at,
    })
    .onConflict()
    .ignore()
    .returning('*');
  return session && { session, entryNumber: null };
}

/** What a session publishes stands one behind the event that reached it. */
async function depthAfter(tx: Knex, { event_id, tenant_id }: SessionOpening): Promise<number> {
  const received_at = event_id === null ? undefined : instantOf(event_id);
  if (event_id === null || !received_at) return 0;
  const event = await tx('events').where({ id: event_id, received_at, tenant_id }).first('depth');
  return (event?.depth ?? 0) + 1;
}

/** One session of a tenant; without a tenant only for activities, which act on ids that the platform made. */
export async function findSession(
  db: Knex,
  id: string,
  tenantId?: string,
): Promise<SessionRow | undefined> {
  return db('sessions')
    .where({ id, ...(tenantId !== undefined && { tenant_id: tenantId }) })
    .first();
}

export interface SessionFilter {
  readonly state?: SessionState | undefined;
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  /** Opened at or after this. */
  readonly from?: Date | undefined;
  /** Opened before this. */
  readonly to?: Date | undefined;
  /** Its id or the beginning (`ses_` and at least 4 hex digits), the id of its event or run, or its key. */
  readonly text?: string | undefined;
}

/** Newest first. */
export async function listSessions(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: SessionFilter; page: Page },
): Promise<SessionRow[]> {
  const { state, name, key, from, to, text } = filter;
  const query = db('sessions').where({ tenant_id: tenantId });
  if (state !== undefined) void query.where({ state });
  if (name !== undefined) void query.where({ name });
  if (key !== undefined) void query.where({ key });
  if (from) void query.where('id', '>=', idBound('ses', from));
  if (to) void query.where('id', '<', idBound('ses', to));
  if (text !== undefined) narrowToText(query, text);
  return query.modify(newestFirst, page);
}

function narrowToText(query: Knex.QueryBuilder, text: string): void {
  if (/^ses_[0-9a-f]{4,32}$/.test(text)) {
    void query.where('id', '>=', text).where('id', '<', `${text}g`); // After f, the last digit.
  } else if (text.startsWith('evt_')) {
    void query.where('event_id', text);
  } else if (text.startsWith('run_')) {
    void query.where('run_id', text);
  } else {
    void query.where('key', text);
  }
}

/** The world was told of a moment of a session by that event. Safe to repeat. */
export async function setEmitted(
  db: Knex,
  id: string,
  emitted: Partial<
    Pick<SessionRow, 'created_event_id' | 'finished_event_id' | 'archived_event_id'>
  >,
): Promise<void> {
  await db('sessions').where({ id }).update(emitted);
}

/** The agent took the start or the cancel of a session. Safe to repeat. */
export async function setAgentTold(
  db: Knex,
  id: string,
  column: 'agent_started_at' | 'agent_cancelled_at',
): Promise<boolean> {
  const changed = await db('sessions')
    .where({ id })
    .whereNull(column)
    .update({ [column]: db.fn.now() });
  return changed > 0;
}

/** Change a session whose row is locked; `poked` among it when its workflow is to look. */
export async function updateSession(
  tx: Knex,
  id: string,
  change: { readonly [K in keyof SessionRow]?: SessionRow[K] | Knex.Raw },
): Promise<SessionRow> {
  const [row] = await tx('sessions').where({ id }).update(change).returning('*');
  if (!row) throw new Error(`There is no session "${id}"`);
  return row;
}

/** Its workflow is to look: whoever commits this pokes it, and the sweeper does if nobody did. */
export function poked(tx: Knex): Record<'start_after' | 'pokes', Knex.Raw> & { started_at: null } {
  return { started_at: null, start_after: tx.raw('now()'), pokes: tx.raw('pokes + 1') };
}
