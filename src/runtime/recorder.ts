import type { Knex } from 'knex';
import type { Event } from '../domain/event.ts';
import type { GuardKeys, PlannedRun } from '../domain/trigger.ts';
import { makeGroupCommit } from '../store/group-commit.ts';
import { advanceLines } from '../store/delivery-lines.ts';
import type { DeliveryLine } from '../store/delivery-lines.ts';
import { recordEvents } from '../store/events.ts';
import type { Recorded, Recording } from '../store/events.ts';
import type { PlannedGuards } from '../store/automation-tables.ts';
import { lockStopped } from '../store/parked-deliveries.ts';
import { startLeaseMs } from '../store/starts.ts';
import type { DeliveryRow, EndpointRow } from '../store/delivery-tables.ts';
import type { EventRow, TriggerRunRow } from '../store/tables.ts';
import { asBuffer } from './body.ts';
import { makeId } from './ids.ts';

/**
 * What was committed; the rows to start are empty for a duplicate. Of those that go in an order it is
 * the first of each key, which may be an older one, and none while one is under way.
 */
export interface Committed {
  readonly outcome: Recorded;
  readonly runs: readonly TriggerRunRow[];
  readonly deliveries: readonly DeliveryRow[];
}

/** As `Committed`, and of how many of the planned deliveries it is recorded that they are not sent. */
export interface CommittedOutbound extends Committed {
  /** Of a duplicate none. */
  readonly skipped: number;
}

/** A delivery that an event is to have. */
export interface PlannedDelivery {
  readonly endpoint: EndpointRow;
  /** What its endpoint orders by, of this event; null = in no order. */
  readonly orderKey: string | null;
  /** Why it is recorded as skipped instead of sent: its endpoint's filter has no value; null = it is sent. */
  readonly failure: string | null;
}

/** Commits events with the work planned for them; many at once share a transaction. */
export interface Recorder {
  recordInbound(event: Event, planned: readonly PlannedRun[]): Promise<Committed>;
  /** The same `dedupeId` in its space is the same event, for ever but for `key`. Null = always new. */
  recordOutbound(
    event: Event,
    deliveries: readonly PlannedDelivery[],
    runs: readonly PlannedRun[],
  ): Promise<CommittedOutbound>;
}

export function makeRecorder(db: Knex): Recorder {
  const commit = makeGroupCommit(record.bind(null, db));
  return {
    async recordInbound(event, planned) {
      const recording = toInboundRecording(event, planned);
      return committed(recording, await commit(recording));
    },
    async recordOutbound(event, planned, runs) {
      const { tenantId, dedupeId, dedupeSpace = 'emit' } = event;
      const deliveries = planned.map((each) => toDeliveryRow(event, each));
      const key = { owner: `${dedupeSpace}:${tenantId}`, isForever: dedupeSpace !== 'key' };
      const dedupe = dedupeId === null ? null : key;
      const recording = { event: toEventRow(event), dedupe, ...toRuns(event, runs), deliveries };
      const outcome = await commit(recording); // May change them: what their endpoints are now decides.
      const skipped = deliveries.filter(({ state }) => state === 'skipped').length;
      const work = await withFirstInLine(db, committed(recording, outcome));
      return { ...work, skipped: outcome.kind === 'duplicate' ? 0 : skipped };
    },
  };
}

/** What is in line is not started but for the first of it. */
async function withFirstInLine(db: Knex, { deliveries, ...work }: Committed): Promise<Committed> {
  const lines = deliveries.filter(isInLine);
  if (lines.length === 0) return { ...work, deliveries };
  const free = deliveries.filter((row) => !row.is_in_line);
  try {
    return { ...work, deliveries: [...free, ...(await advanceLines(db, lines))] };
  } catch {
    return { ...work, deliveries: free }; // It is committed and so accepted: the sweeper goes on.
  }
}

function isInLine(row: DeliveryRow): row is DeliveryRow & DeliveryLine {
  return row.is_in_line && row.order_key !== null;
}

/**
 * What is born parked or missed goes to an endpoint that is still paused or disabled when it is
 * committed: a resume in between would not have seen it, and it would wait for ever. Where nothing
 * is, nothing is locked.
 */
async function record(db: Knex, recordings: readonly Recording[]): Promise<readonly Recorded[]> {
  const stopped = recordings.flatMap(({ deliveries }) =>
    deliveries.filter((row) => stoppedReasons.has(row.last_reason)),
  );
  if (stopped.length === 0) return recordEvents(db, recordings);
  return db.transaction(async (tx) => {
    const states = await lockStopped(tx, [...new Set(stopped.map((row) => row.endpoint_id))]);
    for (const row of stopped) {
      Object.assign(row, placed(birthOf(states.get(row.endpoint_id)), row.order_key));
    }
    return recordEvents(tx, recordings);
  });
}

/** An inbound event with the runs planned for it, as rows. */
export function toInboundRecording(event: Event, planned: readonly PlannedRun[]): Recording {
  const { integrationId, dedupeId } = event;
  const dedupe =
    integrationId === null || dedupeId === null ? null : { owner: integrationId, isForever: false };
  return { event: toEventRow(event), dedupe, ...toRuns(event, planned), deliveries: [] };
}

/** What is born failed or only watched is held by nothing. */
function toRuns(event: Event, planned: readonly PlannedRun[]): Pick<Recording, 'runs' | 'guards'> {
  const rows = planned.map((run) => ({ row: toRunRow(event, run), keys: run.guards }));
  return {
    runs: rows.map(({ row }) => row),
    guards: rows.flatMap(({ row, keys }) =>
      row.is_guarded && keys !== null ? [toGuardsRow(row, keys)] : [],
    ),
  };
}

/** Of what was recorded, only what was accepted and is waiting to be started. */
export function committed({ runs, deliveries }: Recording, outcome: Recorded): Committed {
  if (outcome.kind === 'duplicate') return { outcome, runs: [], deliveries: [] };
  const isPending = ({ state }: { state: string }): boolean => state === 'pending';
  return { outcome, runs: runs.filter(isPending), deliveries: deliveries.filter(isPending) };
}

function toEventRow(event: Event): EventRow {
  return {
    id: event.id,
    tenant_id: event.tenantId,
    direction: event.direction,
    source: event.source,
    type: event.type,
    integration_id: event.integrationId,
    dedupe_id: event.dedupeId,
    content_type: event.contentType,
    headers: { ...event.headers },
    query: event.query,
    body: asBuffer(event.body),
    traceparent: event.traceparent,
    depth: event.depth ?? 0,
    received_at: event.receivedAt,
    payload_dropped_at: null,
    payload_dropped_for: null,
  };
}

function toRunRow(event: Event, run: PlannedRun): TriggerRunRow {
  const birth = runBirthOf(run);
  return {
    id: makeId('run', event.receivedAt),
    tenant_id: event.tenantId,
    event_id: event.id,
    event_type: event.type,
    trigger_id: run.triggerId,
    trigger: run.trigger,
    revision: run.revision,
    ...birth,
    is_guarded: run.guards !== null && birth.state === 'pending',
    cycle: 1,
    created_at: event.receivedAt,
    start_after: leaseEnd(event),
    started_at: null,
    ended_at: birth.state === 'pending' ? null : event.receivedAt,
  };
}

function runBirthOf({ failure, isShadow }: PlannedRun): Pick<TriggerRunRow, 'state' | 'reason'> {
  if (failure !== null) return { state: 'failed', reason: failure };
  if (isShadow) return { state: 'skipped', reason: 'shadow' };
  return { state: 'pending', reason: null };
}

function toGuardsRow(run: TriggerRunRow, keys: GuardKeys): PlannedGuards {
  return {
    run_id: run.id,
    trigger_id: run.trigger_id,
    dedupe_key: keys.dedupe,
    debounce_key: keys.debounce,
    lane_key: keys.concurrency,
    throttle_key: keys.throttle,
    join_key: keys.join,
    part: keys.part,
    cycle: run.cycle,
  };
}

function toDeliveryRow(
  event: Event,
  { endpoint, orderKey, failure }: PlannedDelivery,
): DeliveryRow {
  const birth = failure === null ? birthOf(endpoint.state) : skippedFor(failure);
  return {
    id: makeId('dlv', event.receivedAt),
    tenant_id: event.tenantId,
    event_id: event.id,
    event_type: event.type,
    endpoint_id: endpoint.id,
    ...placed(birth, orderKey),
    cycle: 1,
    attempt_count: 0,
    next_attempt_at: null,
    last_status: null,
    created_at: event.receivedAt,
    start_after: leaseEnd(event),
    started_at: null,
    order_key: orderKey,
    schedule_ms: endpoint.schedule_ms,
    replay_of: null,
  };
}

type Birth = Pick<DeliveryRow, 'state' | 'last_reason' | 'ended_at'>;

/** Ended when it is recorded: an event may have been named long before. */
function skippedFor(reason: string): Birth {
  return { state: 'skipped', last_reason: reason, ended_at: new Date() };
}

/** Held back while its endpoint is paused, skipped while it is disabled. */
function birthOf(state: EndpointRow['state'] = 'enabled'): Birth {
  if (state === 'paused') {
    return { state: 'parked', last_reason: 'endpoint_paused', ended_at: null };
  }
  if (state === 'disabled') return skippedFor('endpoint_disabled');
  return { state: 'pending', last_reason: null, ended_at: null };
}

/** Nobody starts what goes in an order before its turn. */
function placed(birth: Birth, orderKey: string | null): Birth & Pick<DeliveryRow, 'is_in_line'> {
  return { ...birth, is_in_line: birth.state === 'pending' && orderKey !== null };
}

/** Of what is born only because its endpoint takes nothing at the moment. */
const stoppedReasons: ReadonlySet<string | null> = new Set([
  'endpoint_paused',
  'endpoint_disabled',
]);

/** The writer starts its rows itself; the sweeper takes them when it did not. */
function leaseEnd({ receivedAt }: Event): Date {
  return new Date(receivedAt.getTime() + startLeaseMs);
}
