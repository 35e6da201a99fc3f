import type { Knex } from 'knex';
import { Problem } from '../../src/domain/problem.ts';
import {
  claimDeadLetters,
  claimOpenDeadLetters,
  countOpenDeadLetters,
} from '../../src/store/dead-letter-settling.ts';
import type { OpenDeadLetters, SettledDeadLetters } from '../../src/store/dead-letter-settling.ts';
import { listDeadLetters, listNamedDeadLetters } from '../../src/store/dead-letters.ts';
import type { FailedCycleRow } from '../../src/store/tables.ts';
import type { Call } from '../route.ts';
import { isId, recordBulk } from './bulk-audit.ts';
import type { BulkDone } from './bulk-audit.ts';
import { toDeadLetter } from './dead-letter-answer.ts';
import { readCursor, toDeadLetterFilter, writeCursor } from './dead-letter-filter.ts';
import type { FilterQuery } from './dead-letter-filter.ts';

/**
 * Dead letters that one call settles, in one transaction: a second or so, well below the 10 s that a
 * query may take. A filter that matches more must be confirmed, and is settled piece by piece.
 */
export const callMax = 1000;

const sampleMax = 5;

/** Which dead letters a call is about: either `ids` or a `filter`. */
export interface SettleBody {
  readonly ids?: string[] | undefined;
  readonly filter?: FilterQuery | undefined;
  readonly confirm?: number | undefined;
  readonly cursor?: string | undefined;
  readonly dry_run: boolean;
}

type SettleCall = Call<unknown, SettleBody>;

/** One way to settle dead letters that are open and locked. */
export interface Settlement<S> {
  readonly state: S;
  readonly run: (tx: Knex, letters: readonly FailedCycleRow[]) => Promise<SettledDeadLetters>;
  /** For the audit log. */
  readonly reason?: string;
}

interface Result<S> {
  readonly id: string;
  readonly state: S | 'refused';
  readonly reason?: string;
}

export interface Settled<S> {
  readonly matched: number;
  readonly remaining: number;
  readonly next_cursor: string | null;
  readonly results: Result<S>[];
}

/** What would be settled: how many, and the newest of them. */
export async function previewSettling(db: Knex, { tenantId, body }: SettleCall) {
  if (body.ids) {
    const named = await listNamedDeadLetters(db, tenantId, body.ids.filter(isId));
    const open = named.filter(({ state }) => state === 'open');
    return { matched: open.length, sample: open.slice(0, sampleMax).map(toDeadLetter) };
  }
  const wanted = wantedOf(body);
  const { count } = await countOpenDeadLetters(db, tenantId, wanted);
  const filter = { ...wanted.filter, state: 'open' as const };
  const sample = await listDeadLetters(db, tenantId, { filter, page: { limit: sampleMax } });
  return { matched: count, sample: sample.map(toDeadLetter) };
}

/**
 * Settle what a call names, each dead letter once whoever else does it at the same moment, with the
 * entry of the audit log in the same transaction.
 *
 * @throws Problem `confirm-needed`, or `invalid-request` for a cursor of another filter
 */
export async function settle<S extends string>(
  db: Knex,
  call: SettleCall,
  settlement: Settlement<S>,
): Promise<Settled<S>> {
  return call.body.ids
    ? settleNamed(db, { ...call, ids: call.body.ids }, settlement)
    : settleMatching(db, call, settlement);
}

async function settleNamed<S extends string>(
  db: Knex,
  call: SettleCall & { readonly ids: readonly string[] },
  settlement: Settlement<S>,
): Promise<Settled<S>> {
  const ids = [...new Set(call.ids)];
  return db.transaction(async (tx) => {
    const letters = await claimDeadLetters(tx, call.tenantId, ids.filter(isId));
    const open = letters.filter(({ state }) => state === 'open');
    const settled = await settlement.run(tx, open);
    const stateOf = new Map(letters.map(({ id, state }) => [id, state]));
    const results = ids.map((id) => toResult(settlement.state, { id, ...settled, stateOf }));
    const outcome = { matched: open.length, remaining: 0, next_cursor: null, results };
    await recordSettling(tx, call, { settlement, outcome, known: stateOf });
    return outcome;
  });
}

/** One piece of what a filter matches, oldest first. Concurrent calls each get their own. */
async function settleMatching<S extends string>(
  db: Knex,
  call: SettleCall,
  settlement: Settlement<S>,
): Promise<Settled<S>> {
  const { tenantId, body } = call;
  const wanted = wantedOf(body);
  const { count: matched, at } = await countOpenDeadLetters(db, tenantId, wanted);
  if (!wanted.after) needConfirm(matched, body.confirm, 'open dead letters');
  const until = wanted.until ?? at;
  return db.transaction(async (tx) => {
    const piece = { ...wanted, until, limit: callMax };
    const letters = await claimOpenDeadLetters(tx, tenantId, piece);
    // Some were written only now that had died before the count.
    if (!wanted.after && letters.length > matched) {
      needConfirm(letters.length, body.confirm, 'open dead letters');
    }
    const settled = await settlement.run(tx, letters);
    const stateOf = new Map(letters.map(({ id, state }) => [id, state]));
    const results = letters.map(({ id }) =>
      toResult(settlement.state, { id, ...settled, stateOf }),
    );
    const remaining = letters.length < callMax ? 0 : Math.max(0, matched - callMax);
    const last = remaining > 0 ? letters.at(-1) : undefined;
    const next_cursor = last ? writeCursor('bulk', wanted.filter, { ...last, until }) : null;
    const outcome = { matched, remaining, next_cursor, results };
    await recordSettling(tx, call, { settlement, outcome, known: stateOf });
    return outcome;
  });
}

function wantedOf({ filter = {}, cursor }: SettleBody): OpenDeadLetters {
  const wanted = toDeadLetterFilter(filter);
  const after = readCursor('bulk', wanted, cursor);
  return { filter: wanted, after, until: after?.until };
}

/**
 * @param what - what was matched, in the plural
 * @throws Problem `confirm-needed` when so many are changed only by whoever knows how many
 */
export function needConfirm(matched: number, confirm: number | undefined, what: string): void {
  if (confirm === matched || (confirm === undefined && matched <= callMax)) return;
  throw new Problem(
    'confirm-needed',
    `The filter matches ${matched} ${what}: send "confirm": ${matched}`,
    [{ pointer: '/confirm', detail: `Must be ${matched}` }],
  );
}

function toResult<S extends string>(
  state: S,
  {
    id,
    settled,
    notes,
    stateOf,
  }: SettledDeadLetters & {
    readonly id: string;
    readonly stateOf: ReadonlyMap<string, FailedCycleRow['state']>;
  },
): Result<S> {
  const note = notes.get(id);
  if (settled.has(id)) return note === undefined ? { id, state } : { id, state, reason: note };
  const before = stateOf.get(id);
  if (before === undefined) return { id, state: 'refused', reason: 'not found' };
  if (before !== 'open') return { id, state: 'refused', reason: `already ${before}` };
  return { id, state: 'refused', reason: note ?? 'its delivery or run is gone or went on' };
}

async function recordSettling<S extends string>(
  tx: Knex,
  call: SettleCall,
  {
    settlement: { state, reason },
    ...done
  }: Pick<BulkDone, 'outcome' | 'known'> & { readonly settlement: Settlement<S> },
): Promise<void> {
  const action = state === 'discarded' ? 'dead_letter.discard' : 'dead_letter.redrive';
  await recordBulk(tx, call, { ...done, action, state, reason });
}
