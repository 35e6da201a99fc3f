import type { Knex } from 'knex';
import { endedDeliveryStates } from '../domain/cycle.ts';
import { instantOf } from '../domain/id.ts';
import { readFilter } from '../domain/replay.ts';
import { openNextCycle } from './cycles.ts';
import { deliveryKey } from './deliveries.ts';
import type { DeliveryRow, EndpointRow } from './delivery-tables.ts';
import { refusalOfEvent } from './replay-events.ts';
import { findRepeated } from './replay-selection.ts';
import type { Replayable } from './replay-selection.ts';
import type { ReplayRow } from './replay-tables.ts';
import { startLeaseMs } from './starts.ts';
import type { TriggerRow } from './tables.ts';

/** One item and what is known of it before its transaction. */
export interface Opening {
  readonly item: Replayable;
  /** Where the workflow's input will come from; null when a new delivery is made. */
  readonly origin: 'history' | 'row' | null;
  /** Why it can't be started, whatever its rows say; null = nothing is known against it. */
  readonly failure: string | null;
  /** What a new delivery gets; null where the item goes on itself. */
  readonly fresh: FreshDelivery | null;
}

export interface FreshDelivery {
  readonly id: string;
  /** The instant in the id. */
  readonly at: Date;
  /** What its endpoint orders by, of its event; null = in no order. */
  readonly orderKey: string | null;
}

type Outcome =
  | { readonly failure: string; readonly delivery_id?: string | null }
  | { readonly cycle: number; readonly delivery_id: string | null };

/** What an item of a replay is opened as, or why it can't be. */
export async function openItem(tx: Knex, replay: ReplayRow, opening: Opening): Promise<Outcome> {
  const { item, fresh } = opening;
  const failure = opening.failure ?? (await refusalOfEvent(tx, item.eventId));
  const earlier = await findEarlier(tx, replay, item);
  // Also of a failure it is kept which delivery there is: whoever retries that must not make another.
  if (failure !== undefined) return { failure, delivery_id: earlier?.id ?? null };
  if (earlier) return openEarlier(tx, earlier);
  return fresh === null ? openCycle(tx, replay, item) : openNew(tx, replay, { item, fresh });
}

/** Of a delivery that an earlier replay made for the same item, the next cycle. */
async function openEarlier(tx: Knex, { id, cycle: from }: DeliveryRow): Promise<Outcome> {
  const refusal = await refusalOfEndpoint(tx, id);
  if (refusal !== undefined) return { failure: refusal, delivery_id: id };
  const cycle = await openNextCycle(tx, { id, from }, startLeaseMs);
  return cycle === undefined ? { ...notEnded, delivery_id: id } : { cycle, delivery_id: id };
}

/** The next cycle; of a run by the revision of today only when its trigger may fire today. */
async function openCycle(
  tx: Knex,
  { revision }: Pick<ReplayRow, 'revision'>,
  item: Replayable,
): Promise<Outcome> {
  const refusal = await refusalOfEndpoint(tx, item.id);
  if (refusal !== undefined) return { failure: refusal };
  const current = revision === 'as_now' ? await findCurrent(tx, item.id) : undefined;
  if (current !== undefined && 'failure' in current) return current;
  const cycle = await openNextCycle(tx, item, startLeaseMs);
  if (cycle === undefined) return notEnded;
  if (current !== undefined) await setRunRevision(tx, item.id, current.revision);
  return { cycle, delivery_id: null };
}

/** Why the endpoint of a delivery takes nothing; a paused one lets it wait. A run has none. */
async function refusalOfEndpoint(tx: Knex, id: string): Promise<string | undefined> {
  if (!id.startsWith('dlv_')) return undefined;
  const own = tx('deliveries').where(deliveryKey(id)).select('endpoint_id');
  const endpoint = await tx('endpoints').where('id', own).first('state', 'deleted_at');
  return endpoint && refusalAt(endpoint);
}

function refusalAt(endpoint: Pick<EndpointRow, 'state' | 'deleted_at'>): string | undefined {
  if (endpoint.deleted_at !== null) return 'Its endpoint is deleted';
  return endpoint.state === 'disabled' ? 'Its endpoint is disabled' : undefined;
}

const notEnded = { failure: 'Not ended any more' };

async function findCurrent(
  tx: Knex,
  runId: string,
): Promise<{ failure: string } | { revision: number }> {
  const own = tx('trigger_runs').where({ id: runId }).select('trigger_id');
  const trigger = await tx('triggers').where('id', own).first();
  if (!trigger) return { failure: 'Its trigger is gone' };
  const failure = refusalOf(trigger);
  return failure === undefined ? { revision: trigger.revision } : { failure };
}

/** Why a trigger does not fire today. */
function refusalOf(trigger: TriggerRow): string | undefined {
  const { name, file, is_active: isActive, quarantine } = trigger;
  if (quarantine !== null) return `Trigger "${name}" is held: ${quarantine}`;
  if (isActive) return undefined;
  return file === null ? `Trigger "${name}" is disabled` : `The file of trigger "${name}" is gone`;
}

/** The run asks its guards anew, under the keys of that revision: those it had are forgotten. */
async function setRunRevision(tx: Knex, id: string, revision: number): Promise<void> {
  await tx('run_guards').where({ run_id: id }).del();
  await tx('trigger_runs').where({ id }).update({ revision });
}

/** A delivery of its own. */
async function openNew(
  tx: Knex,
  replay: ReplayRow,
  { item, fresh }: { item: Replayable; fresh: FreshDelivery },
): Promise<Outcome> {
  const way = await findWay(tx, replay, item);
  if ('failure' in way) return way;
  const { endpoint, replayOf } = way;
  const event = { id: item.eventId, received_at: instantOf(item.eventId) ?? new Date(0) };
  const type = tx('events').where(event).select('type');
  await tx('deliveries').insert({
    id: fresh.id,
    tenant_id: replay.tenant_id,
    event_id: item.eventId,
    event_type: tx.raw('?', [type]),
    endpoint_id: endpoint.id,
    ...birthOf(endpoint, fresh),
    created_at: fresh.at,
    start_after: tx.raw(`now() + ? * interval '1 millisecond'`, [startLeaseMs]),
    order_key: fresh.orderKey,
    schedule_ms: endpoint.schedule_ms,
    replay_of: replayOf,
  });
  return { cycle: 1, delivery_id: fresh.id };
}

/** For a paused endpoint it waits like all that comes meanwhile; what goes in an order, for its turn. */
function birthOf({ state }: EndpointRow, { orderKey }: FreshDelivery): Partial<DeliveryRow> {
  if (state === 'paused') return { state: 'parked', last_reason: 'endpoint_paused' };
  return { state: 'pending', is_in_line: orderKey !== null };
}

/** The delivery that the replay whose failures are retried made for an item, when it made one. */
async function findEarlier(
  tx: Knex,
  { filter }: Pick<ReplayRow, 'filter'>,
  item: Replayable,
): Promise<DeliveryRow | undefined> {
  const { replayId } = readFilter(filter);
  if (replayId === null) return undefined;
  const key = { replay_id: replayId, subject_id: item.id };
  const earlier = await tx('replay_items').where(key).first();
  const id = earlier?.delivery_id ?? null;
  return id === null ? undefined : tx('deliveries').where(deliveryKey(id)).first();
}

/** Where a new delivery goes, and which it repeats. */
async function findWay(
  tx: Knex,
  replay: ReplayRow,
  item: Replayable,
): Promise<{ failure: string } | { endpoint: EndpointRow; replayOf: string | null }> {
  const target = replay.target_endpoint_id;
  if (target === null) {
    const own = await tx('deliveries').where(deliveryKey(item.id)).first();
    const isEnded = endedDeliveryStates.some((state) => state === own?.state);
    if (!own || !isEnded || own.cycle !== item.from) return notEnded;
    const found = await lockTaking(tx, replay.tenant_id, own.endpoint_id);
    return 'failure' in found ? found : { ...found, replayOf: own.id };
  }
  const found = await lockTaking(tx, replay.tenant_id, target);
  if ('failure' in found) return found;
  const filter = readFilter(replay.filter);
  const search = { filter, eventId: item.eventId, before: replay.created_at };
  return { ...found, replayOf: (await findRepeated(tx, search)) ?? null };
}

/** An endpoint that takes new deliveries, or parks them; it stays so until the transaction ends. */
async function lockTaking(
  tx: Knex,
  tenantId: string,
  id: string,
): Promise<{ failure: string } | { endpoint: EndpointRow }> {
  const key = { id, tenant_id: tenantId };
  const endpoint = await tx('endpoints').where(key).forShare().first();
  if (!endpoint) return { failure: 'Its endpoint is deleted' };
  const refusal = refusalAt(endpoint);
  return refusal === undefined ? { endpoint } : { failure: refusal };
}
