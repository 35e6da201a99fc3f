import type { Knex } from 'knex';
import { datedIds, instantOf } from '../domain/id.ts';
import type { AttemptRow, DeliveryState, EndpointRow } from './delivery-tables.ts';
import { lockEndpoint, setEndpoint } from './endpoints.ts';
import { recordDisabled, recordOutcomes } from './failing-endpoints.ts';
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
 * that has ended, is held back, or is in another cycle by now, keeps its state; but one that a resume
 * would send once more is delivered when its consumer has taken it.
 *
 * The answer to an event without its payload is not kept: it may repeat what was sent.
 */
export async function recordAttempts(
  db: Knex,
  records: readonly AttemptRecord[],
): Promise<readonly AttemptEnd[]> {
  return db.transaction(async (tx) => {
    const out = await recordOutcomes(tx, records.flatMap(outcomeOf));
    const ends = records.map((record) => ({ ...record, isParked: isOut(record, out) }));
    const late = await setStates(tx, ends);
    const bare = await listBare(tx, late);
    await tx('attempts')
      .insert(records.map(({ attempt }) => asKept(attempt, { late, bare })))
      .onConflict(['delivery_id', 'cycle', 'number', 'delivery_created_at'])
      .ignore();
    return ends.map(({ isParked }) => ({ isParked }));
  });
}

/**
 * As `recordAttempts`, for the answer 410: its endpoint is disabled in the same transaction, until a
 * person enables it, unless its address was changed meanwhile.
 *
 * One at a time: an endpoint is locked before how it fails, and a batch could lock two in a circle.
 */
export async function recordGone(
  db: Knex,
  record: AttemptRecord & { readonly endpoint: EndpointRow },
): Promise<AttemptEnd> {
  const { id, tenant_id: tenantId, url } = record.endpoint;
  return db.transaction(async (tx) => {
    const before = await lockEndpoint(tx, id, tenantId);
    if (before && before.state !== 'disabled' && before.url === url) {
      await setEndpoint(tx, { id, tenantId }, { state: 'disabled', state_reason: 'gone' });
      await recordDisabled(tx, before, 'gone');
    }
    const [end = { isParked: false }] = await recordAttempts(tx, [record]);
    return end;
  });
}

/** An attempt whose delivery was not under way any more, in its cycle, when it was recorded. */
interface Late extends AttemptKey {
  readonly eventId: string;
}

/**
 * Set the states that follow from attempts. Locks the deliveries in order of id, as a bulk move does,
 * and before their attempts, as an acknowledgement and an expunge do: else two deadlock.
 *
 * A parked one, or one that was missed, is sent again when its endpoint is resumed: not so when it
 * was delivered in that moment.
 */
async function setStates(
  tx: Knex,
  ends: readonly (AttemptRecord & AttemptEnd)[],
): Promise<readonly Late[]> {
  const { rows } = await tx.raw<{ rows: Late[] }>(
    `with r as materialized (
       select * from jsonb_to_recordset(:updates::jsonb) as r(
         id text, created_at timestamptz, cycle integer, number integer, state text,
         next_attempt_at timestamptz, status integer, reason text)),
     held as materialized (
       select id, created_at, event_id, cycle, attempt_count, state, last_reason from deliveries
       where id = any(:ids) and created_at between :first and :last
       order by id for update),
     judged as materialized (
       select r.*, held.event_id, held.attempt_count,
         r.cycle = held.cycle and held.state in ('pending', 'retrying') as is_under_way,
         r.cycle = held.cycle and r.state = 'delivered'
           and (held.state = 'parked' or held.last_reason = 'endpoint_disabled') as is_taken
       from r join held on held.id = r.id and held.created_at = r.created_at),
     changed as (
       update deliveries d
       set state = j.state, attempt_count = greatest(d.attempt_count, j.number),
           next_attempt_at = j.next_attempt_at, last_status = j.status, last_reason = j.reason,
           started_at = coalesce(d.started_at, now()), -- Its workflow runs, whether that was noted or not.
           ended_at = case when j.state = 'delivered' then now() end
       from judged j
       where d.id = j.id and d.created_at = j.created_at
         and d.created_at between :first and :last
         and (j.is_under_way or j.is_taken) and j.attempt_count < j.number)
     select id as "deliveryId", cycle, event_id as "eventId" from judged where not is_under_way`,
    {
      updates: JSON.stringify(ends.map(toUpdate)),
      ...datedIds(ends.map(({ attempt }) => attempt.delivery_id)),
    },
  );
  return rows;
}

/**
 * Of attempts those whose event has no payload any more. What was under way has one: an expunge
 * cancels it in the transaction that drops the payload.
 */
async function listBare(tx: Knex, late: readonly Late[]): Promise<readonly Late[]> {
  if (late.length === 0) return [];
  const { ids, first, last } = datedIds(late.map(({ eventId }) => eventId));
  const kept = await tx('events')
    .whereRaw('id = any(?)', [ids])
    .whereBetween('received_at', [first, last])
    .whereNull('payload_dropped_at')
    .pluck('id');
  const withPayload = new Set(kept);
  return late.filter(({ eventId }) => !withPayload.has(eventId));
}

function asKept(
  attempt: AttemptRow,
  { late, bare }: { readonly late: readonly Late[]; readonly bare: readonly Late[] },
): AttemptRow {
  const isOf = ({ deliveryId, cycle }: Late): boolean =>
    deliveryId === attempt.delivery_id && cycle === attempt.cycle;
  if (!late.some(isOf)) return attempt;
  // Nobody waits for an acknowledgement of it.
  const reason = attempt.reason === 'ack_pending' ? 'ack_timeout' : attempt.reason;
  const answer = bare.some(isOf) && { response_headers: {}, response_body: Buffer.alloc(0) };
  return { ...attempt, reason, ...answer };
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
