import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import { defaultCurrency } from '../domain/session.ts';
import { recordCost } from './budgets.ts';
import { appendEntry, setTold } from './session-entries.ts';
import type { SessionRow } from './session-tables.ts';
import { poked, setAgentTold, updateSession } from './sessions.ts';

export interface SessionKey {
  readonly id: string;
  readonly tenant_id: string;
}

/** What a session came to. */
export interface SessionResultFacts {
  readonly cost: number;
  readonly currency: string;
  readonly artifacts: readonly unknown[];
}

/**
 * Finish a session: its cost counts for the budgets in the same transaction. Safe to repeat.
 *
 * @returns `ended` when it has ended in another way; `undefined` when there is no such session
 */
export async function setFinished(
  db: Knex,
  key: SessionKey,
  result: SessionResultFacts,
): Promise<SessionRow | 'ended' | undefined> {
  return db.transaction(async (tx) => {
    const session = await tx('sessions').where(key).forUpdate().first();
    if (!session) return undefined;
    if (session.state !== 'active') return isResultOf(session, result) ? session : 'ended';
    const finished = await finish(tx, session, { ...result, failure: null });
    const { cost: amount, currency } = result;
    // Last: of sessions that finish at once, each waits from here until the one before is committed.
    await recordCost(tx, {
      tenantId: key.tenant_id,
      sessionId: key.id,
      amount,
      currency,
      at: new Date(),
    });
    return finished;
  });
}

function isResultOf(
  session: SessionRow,
  { cost, currency, artifacts }: SessionResultFacts,
): boolean {
  return (
    session.finished_at !== null &&
    session.failure === null &&
    Number(session.cost) === cost &&
    session.currency === currency &&
    isDeepStrictEqual(session.artifacts, JSON.parse(JSON.stringify(artifacts)))
  );
}

/** Of a session whose row is locked. */
async function finish(
  tx: Knex,
  session: SessionRow,
  end: SessionResultFacts & { readonly failure: string | null },
): Promise<SessionRow> {
  const { cost, currency, artifacts, failure } = end;
  const data = failure === null ? { cost, currency, artifacts } : { failure };
  await appendEntry(tx, session, { kind: failure === null ? 'finish' : 'error', data });
  return updateSession(tx, session.id, {
    state: 'finished',
    finished_at: tx.raw('now()'),
    cost: String(cost),
    currency,
    artifacts: tx.raw('?::json', [JSON.stringify(artifacts)]),
    failure,
    ...poked(tx),
  });
}

/**
 * Archive a session: it takes nothing more. Safe to repeat.
 *
 * @param key - with `opener` only if that opened it
 * @returns `undefined` when there is no such session
 */
export async function setArchived(
  tx: Knex,
  key: Partial<SessionKey> & { readonly id: string; readonly opener?: string },
): Promise<{ readonly session: SessionRow; readonly isNew: boolean } | undefined> {
  const session = await tx('sessions').where(key).forUpdate().first();
  if (!session) return undefined;
  if (session.state === 'archived') return { session, isNew: false };
  return { session: await archive(tx, session), isNew: true };
}

/** Archive a session to which nothing happened for a time. Safe to repeat. */
export async function setIdleArchived(db: Knex, id: string, idleMs: number): Promise<void> {
  await db.transaction(async (tx) => {
    const idle = await tx('sessions')
      .where({ id })
      .whereNot({ state: 'archived' })
      .whereRaw(`last_active_at <= now() - ? * interval '1 millisecond'`, [idleMs])
      .forUpdate()
      .first();
    if (idle) await archive(tx, idle);
  });
}

async function archive(tx: Knex, session: SessionRow): Promise<SessionRow> {
  await appendEntry(tx, session, { kind: 'archive', data: {} });
  return updateSession(tx, session.id, {
    state: 'archived',
    archived_at: tx.raw('now()'),
    ...poked(tx),
  });
}

/** The agent refused a session: it is finished, without a result. Safe to repeat. */
export async function setRefused(db: Knex, id: string, failure: string): Promise<void> {
  await db.transaction(async (tx) => {
    const session = await tx('sessions').where({ id, state: 'active' }).forUpdate().first();
    if (!session) return;
    const nothing = { cost: 0, currency: defaultCurrency, artifacts: [] };
    await finish(tx, session, { ...nothing, failure });
  });
}

/** The agent refused an event, or a cancel (`number` null): the session goes on. Safe to repeat. */
export async function recordRefusal(
  db: Knex,
  { id, number }: { readonly id: string; readonly number: number | null },
  failure: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const session = await tx('sessions').where({ id }).forUpdate().first();
    if (!session) return;
    const isNew =
      number === null
        ? await setAgentTold(tx, id, 'agent_cancelled_at')
        : await setTold(tx, { session_id: id, number });
    if (!isNew) return;
    await appendEntry(tx, session, { kind: 'error', data: { failure, number } });
  });
}
