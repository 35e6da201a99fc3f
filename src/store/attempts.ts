import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import { deliveryKeys } from './deliveries.ts';
import type { AttemptRow, DeliveryState, EndpointRow } from './delivery-tables.ts';
import { recordOutcomes } from './failing-endpoints.ts';
import type { EndpointOutcome } from './failing-runs.ts';

/** An attempt's outcome and what it makes of its delivery. */
export interface AttemptRecord {
  readonly attempt: AttemptRow;
  /** Whom it went to; null = to nobody: it was interrupted. */
  readonly endpoint: EndpointRow | null;
  readonly state: Extract<DeliveryState, 'delivered' | 'retrying'>;
  readonly nextAttemptAt: Date | null;
}

/** What became of a delivery with an attempt, beyond what its record says. */
export interface AttemptEnd {
  /** It failed while its endpoint's deliveries wait for the end of an outage: it waits with them. */
  readonly isParked: boolean;
}

interface AttemptKey {
  readonly deliveryId: string;
  readonly cycle: number;
}

/** The attempts of a cycle of a delivery, oldest first. */
export async function listAttempts(
  db: Knex,
  deliveryId: string,
  cycle: number,
): Promise<AttemptRow[]> {
  return db('attempts')
    .where({ ...attemptsOf(deliveryId), cycle })
    .orderBy('number');
}

/** The newest attempts of a delivery, oldest first; of one cycle when it is named. */
export async function listNewestAttempts(
  db: Knex,
  deliveryId: string,
  { cycle, limit }: { readonly cycle?: number | undefined; readonly limit: number },
): Promise<AttemptRow[]> {
  const query = db('attempts').where(attemptsOf(deliveryId));
  if (cycle !== undefined) void query.where({ cycle });
  const rows: AttemptRow[] = await query.orderByRaw('cycle desc, number desc').limit(limit);
  return rows.toReversed();
}

/** What is told of an attempt beside its answer's head and body. */
export type AttemptFacts = Omit<
  AttemptRow,
  'delivery_id' | 'delivery_created_at' | 'response_headers' | 'response_body'
>;

/** The attempts of some cycles, oldest first, without what can be large. */
export async function listAttemptFacts(
  db: Knex,
  deliveryId: string,
  cycles: { readonly from: number; readonly to: number },
): Promise<AttemptFacts[]> {
  return db('attempts')
    .where(attemptsOf(deliveryId))
    .whereBetween('cycle', [cycles.from, cycles.to])
    .select('cycle', 'number', 'started_at', 'duration_ms', 'status', 'reason', 'retry_after_ms')
    .orderBy(['cycle', 'number']);
}

/**
 * Write outcomes and the states that follow, in one transaction: both or neither, once. A delivery
 * that has ended, or is in another cycle by now, keeps its state.
 */
export async function recordAttempts(
  db: Knex,
  records: readonly AttemptRecord[],
): Promise<readonly AttemptEnd[]> {
  return db.transaction(async (tx) => {
    const out = await recordOutcomes(tx, records.flatMap(outcomeOf));
    const ends = records.map((record) => ({ ...record, isParked: isOut(record, out) }));
    await tx('attempts')
      .insert(records.map(({ attempt }) => attempt))
      .onConflict(['delivery_id', 'cycle', 'number', 'delivery_created_at'])
      .ignore();
    await tx.raw(
      `update deliveries d
       set state = r.state, attempt_count = greatest(d.attempt_count, r.number),
           next_attempt_at = r.next_attempt_at, last_status = r.status, last_reason = r.reason,
           started_at = coalesce(d.started_at, now()), -- Its workflow runs, whether that was noted or not.
           ended_at = case when r.state = 'delivered' then now() end
       from jsonb_to_recordset(:updates::jsonb) as r(
         id text, created_at timestamptz, cycle integer, number integer, state text,
         next_attempt_at timestamptz, status integer, reason text)
       where d.id = r.id and d.created_at = r.created_at and d.cycle = r.cycle
         and d.created_at between :first and :last
         and d.state in ('pending', 'retrying') and d.attempt_count < r.number`,
      {
        updates: JSON.stringify(ends.map(toUpdate)),
        ...deliveryKeys(ends.map(({ attempt }) => attempt.delivery_id)),
      },
    );
    return ends.map(({ isParked }) => ({ isParked }));
  });
}

/** Answers that say nothing of an endpoint's health: the end of it, and one that is not the last word. */
const sayNothing: ReadonlySet<string | null> = new Set(['gone', 'ack_pending']);

function outcomeOf({ attempt, endpoint }: AttemptRecord): EndpointOutcome[] {
  if (!endpoint || sayNothing.has(attempt.reason)) return [];
  const { started_at: startedAt, duration_ms, status, reason, delivery_id: deliveryId } = attempt;
  return [
    {
      endpointId: endpoint.id,
      tenantId: endpoint.tenant_id,
      deliveryId,
      startedAt,
      endedAt: new Date(startedAt.getTime() + duration_ms),
      status,
      reason,
      parks: endpoint.on_outage === 'park',
    },
  ];
}

function isOut({ attempt, endpoint }: AttemptRecord, out: ReadonlySet<string>): boolean {
  const hasFailed = attempt.reason !== null && !sayNothing.has(attempt.reason);
  return hasFailed && endpoint !== null && out.has(endpoint.id);
}

function toUpdate({
  attempt,
  isParked,
  ...record
}: AttemptRecord & AttemptEnd): Record<string, unknown> {
  return {
    id: attempt.delivery_id,
    created_at: attempt.delivery_created_at,
    cycle: attempt.cycle,
    number: attempt.number,
    state: isParked ? 'parked' : record.state,
    next_attempt_at: isParked ? null : record.nextAttemptAt,
    status: attempt.status,
    reason: isParked ? 'outage' : attempt.reason,
  };
}

/**
 * Fill the numbers up to `upTo` that were begun but never recorded: their process was killed. So a
 * reader sees five attempts where five were begun.
 */
export async function recordInterrupted(
  db: Knex,
  { deliveryId, cycle }: AttemptKey,
  upTo: number,
): Promise<void> {
  const recorded = await listAttempts(db, deliveryId, cycle);
  const numbers = new Set(recorded.map(({ number }) => number));
  for (let number = 1; number <= upTo; number += 1) {
    if (numbers.has(number)) continue;
    const attempt: AttemptRow = {
      ...attemptsOf(deliveryId),
      cycle,
      number,
      started_at: new Date(),
      duration_ms: 0,
      status: null,
      reason: 'interrupted',
      response_headers: {},
      response_body: Buffer.alloc(0),
      retry_after_ms: null,
    };
    await recordAttempts(db, [{ attempt, endpoint: null, state: 'retrying', nextAttemptAt: null }]);
  }
}

/** The key that all attempts of a delivery share. */
export function attemptsOf(deliveryId: string): { delivery_id: string; delivery_created_at: Date } {
  return { delivery_id: deliveryId, delivery_created_at: instantOf(deliveryId) ?? new Date(0) };
}
