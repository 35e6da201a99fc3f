import type { Knex } from 'knex';
import { openNextCycles } from './cycles.ts';
import { listRedriveNotes } from './redrive-notes.ts';
import { exactly, matchingDeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter, DeadLetterPlace } from './dead-letters.ts';
import type { FailedCycleRow } from './tables.ts';

/** A dead letter that is locked, with its place in a list that is ordered by death. */
export type ClaimedDeadLetter = FailedCycleRow & Pick<DeadLetterPlace, 'died_at_exact'>;

/**
 * Lock the named dead letters of a tenant for the rest of the transaction, whatever their state.
 *
 * Every claim locks in the order of death, so that two at once wait for each other and don't deadlock.
 */
export async function claimDeadLetters(
  tx: Knex,
  tenantId: string,
  ids: readonly string[],
): Promise<FailedCycleRow[]> {
  return tx('failed_cycles')
    .where({ tenant_id: tenantId })
    .whereIn('id', ids)
    .orderBy(['died_at', 'id'])
    .forUpdate();
}

/** The open dead letters of a filter, of which a bulk takes one piece after the other. */
export interface OpenDeadLetters {
  readonly filter: DeadLetterFilter;
  /** Where the piece before ended; undefined for the first. */
  readonly after: DeadLetterPlace | undefined;
  /** What died later is not touched, so that a bulk ends although what it redrives may die again. */
  readonly until: string | undefined;
}

/** Lock the open dead letters of a filter, oldest first; who comes second finds them settled. */
export async function claimOpenDeadLetters(
  tx: Knex,
  tenantId: string,
  { limit, ...wanted }: OpenDeadLetters & { readonly limit: number },
): Promise<ClaimedDeadLetter[]> {
  return openOf(tx, tenantId, wanted)
    .select('*', tx.raw(exactly('died_at', 'died_at_exact')))
    .orderBy(['died_at', 'id'])
    .limit(limit)
    .forUpdate();
}

/** How many there are, and the instant of the count on the clock that also dates deaths. */
export async function countOpenDeadLetters(
  db: Knex,
  tenantId: string,
  wanted: OpenDeadLetters,
): Promise<{ readonly count: number; readonly at: string }> {
  const [row] = (await openOf(db, tenantId, wanted).select(
    db.raw('count(*)::integer as count'),
    db.raw(exactly('now()', 'at')),
  )) as unknown as { count: number; at: string }[];
  if (!row) throw new Error('A count has no row');
  return row;
}

/** What has become of claimed dead letters. */
export interface SettledDeadLetters {
  /** The ids of those that are settled now. */
  readonly settled: ReadonlySet<string>;
  /** By their ids, why others are not, or what there is to say of one that is. */
  readonly notes: ReadonlyMap<string, string>;
}

/**
 * Open the next cycle of what the claimed dead letters are of, and settle them. What could only end
 * without an attempt is left alone: its dead letter stays open, and `notes` say why. Others that are
 * left have a delivery or run that is gone or went on.
 */
export async function setRedriven(
  tx: Knex,
  letters: readonly FailedCycleRow[],
  { by, reason }: { readonly by: string; readonly reason: string | null },
): Promise<SettledDeadLetters> {
  const { refused, waiting } = await listRedriveNotes(tx, letters);
  const sendable = letters.filter(({ id }) => !refused.has(id));
  const subjects = sendable.map(({ subject_id: id, cycle: from }) => ({ id, from }));
  const opened = await openNextCycles(tx, subjects);
  const redriven = sendable.filter(({ subject_id }) => opened.has(subject_id)).map(({ id }) => id);
  const change = { state: 'redriven', settled_by: by, settled_reason: reason } as const;
  const settled = await settle(tx, redriven, change);
  const notes = new Map([...refused, ...[...waiting].filter(([id]) => settled.has(id))]);
  return { settled, notes };
}

/** Settle the claimed dead letters without another cycle; they stay in the lists. */
export async function setDiscarded(
  tx: Knex,
  letters: readonly FailedCycleRow[],
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<SettledDeadLetters> {
  const ids = letters.map(({ id }) => id);
  const change = { state: 'discarded', settled_by: by, settled_reason: reason } as const;
  return { settled: await settle(tx, ids, change), notes: new Map() };
}

async function settle(
  tx: Knex,
  ids: readonly string[],
  change: Partial<FailedCycleRow>,
): Promise<ReadonlySet<string>> {
  const rows = await tx('failed_cycles')
    .whereIn('id', ids)
    .where({ state: 'open' })
    .update({ ...change, settled_at: tx.fn.now() })
    .returning('id');
  return new Set(rows.map(({ id }) => id));
}

function openOf(db: Knex, tenantId: string, { filter, after, until }: OpenDeadLetters) {
  const query = matchingDeadLetters(db('failed_cycles'), tenantId, { ...filter, state: 'open' });
  if (after) {
    void query.whereRaw('(died_at, id) > (?::timestamptz, ?)', [after.died_at_exact, after.id]);
  }
  if (until !== undefined) void query.whereRaw('died_at <= ?::timestamptz', [until]);
  return query;
}
