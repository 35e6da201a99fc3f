import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import type { AttemptResult } from '../src/domain/activities.ts';
import { waitAfterMs } from '../src/domain/retry.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import { deliveryHeaders, openEndpointSecrets } from '../src/runtime/delivery-request.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import { attemptsOf, listAttempts, recordInterrupted } from '../src/store/attempts.ts';
import type { AttemptRecord } from '../src/store/attempts.ts';
import { findDelivery, setCancelled } from '../src/store/deliveries.ts';
import { findEndpoint, setEndpoint } from '../src/store/endpoints.ts';
import { findEvent } from '../src/store/events.ts';
import { setParked } from '../src/store/parked-deliveries.ts';
import type {
  AttemptRow,
  DeliveryRow,
  DeliveryState,
  EndpointRow,
  EventRow,
} from '../src/store/tables.ts';
import type { HttpClient, Post } from './http.ts';

export interface AttemptParts {
  readonly db: Knex;
  readonly http: HttpClient;
  readonly sealer: Sealer;
  /** Milliseconds a consumer has to answer. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Commits outcomes; many at once share a transaction. */
  readonly record: (record: AttemptRecord) => Promise<null>;
}

/**
 * Make attempt `number` of a delivery, unless its outcome is recorded: then that stands.
 *
 * While its endpoint is paused nothing is sent and no number is used up: the cycle ends as parked.
 *
 * Between POST and record a crash repeats the POST: at least once, with the same `webhook-id` and
 * number.
 *
 * @throws ApplicationFailure `AttemptFailed` with the wait before the next, or `EndpointGone`
 */
export async function makeAttempt(
  parts: AttemptParts,
  input: DeliveryInput,
  number: number,
): Promise<AttemptResult> {
  const { db } = parts;
  const { deliveryId, cycle } = input;
  const earlier = (await listAttempts(db, deliveryId, cycle)).find((row) => row.number === number);
  if (earlier) return settle(earlier, input);
  if (number > 1) await recordInterrupted(db, input, number - 1);

  const target = await findTarget(db, input);
  if ('cancelled' in target) {
    await setCancelled(db, { id: deliveryId, cycle }, target.cancelled);
    return { status: null, durationMs: 0 };
  }
  if ('isParked' in target) return { status: null, durationMs: 0, isParked: true };
  const startedAt = new Date();
  const answer = await parts.http.post(await toPost(parts, target, { number, startedAt }));
  const attempt: AttemptRow = {
    ...attemptsOf(deliveryId),
    cycle,
    number,
    started_at: startedAt,
    duration_ms: answer.durationMs,
    status: answer.status,
    reason: answer.reason,
    response_headers: { ...answer.headers },
    response_body: answer.body,
    retry_after_ms: answer.retryAfterMs,
  };
  if (answer.reason === 'gone') await disable(db, target.endpoint);
  await parts.record({ attempt, ...stateAfter(attempt, input) });
  return settle(attempt, input);
}

interface Target {
  readonly delivery: DeliveryRow;
  readonly endpoint: EndpointRow;
  readonly event: EventRow;
}

/** States of a cycle that goes on. */
const underWay: ReadonlySet<DeliveryState> = new Set(['pending', 'retrying']);

async function findTarget(
  db: Knex,
  { deliveryId, cycle }: Pick<DeliveryInput, 'deliveryId' | 'cycle'>,
): Promise<Target | { readonly cancelled: string } | { readonly isParked: true }> {
  const delivery = await findDelivery(db, deliveryId);
  if (!delivery) throw new Error(`There is no delivery "${deliveryId}"`);
  if (delivery.cycle !== cycle) return { cancelled: 'superseded' };
  if (delivery.state === 'parked') return { isParked: true }; // An earlier run of this attempt did it.
  if (!underWay.has(delivery.state)) return { cancelled: 'superseded' };
  const { tenant_id, endpoint_id, event_id } = delivery;
  const endpoint = await findEndpoint(db, endpoint_id, tenant_id);
  if (!endpoint) return { cancelled: 'endpoint_deleted' };
  if (endpoint.state === 'disabled') return { cancelled: 'endpoint_disabled' };
  if (endpoint.state === 'paused') {
    if (await setParked(db, { id: deliveryId, cycle, endpointId: endpoint.id })) {
      return { isParked: true };
    }
    return findTarget(db, { deliveryId, cycle }); // It was resumed, or the cycle ended, in this moment.
  }
  const event = await findEvent(db, event_id, tenant_id);
  if (!event) return { cancelled: 'event_expired' };
  return { delivery, endpoint, event };
}

/** Signed with the secrets that are valid now; body and `webhook-id` are the same in every attempt. */
async function toPost(
  parts: AttemptParts,
  { delivery, endpoint, event }: Target,
  { number, startedAt }: { number: number; startedAt: Date },
): Promise<Post> {
  const { userAgent, timeoutMs } = parts;
  const { body, traceparent } = event;
  const secrets = await openEndpointSecrets(parts, endpoint.id, startedAt);
  const headers = deliveryHeaders({
    webhookId: delivery.id,
    eventType: event.type,
    body,
    traceparent,
    secrets,
    userAgent,
    number,
    startedAt,
  });
  return { url: endpoint.url, headers, body, timeoutMs };
}

/** 410 means: never again, until a person enables the endpoint. */
async function disable(db: Knex, { id, tenant_id }: EndpointRow): Promise<void> {
  await setEndpoint(db, { id, tenantId: tenant_id }, { state: 'disabled', state_reason: 'gone' });
}

function stateAfter(
  attempt: AttemptRow,
  { schedule }: DeliveryInput,
): Pick<AttemptRecord, 'state' | 'nextAttemptAt'> {
  if (attempt.reason === null) return { state: 'delivered', nextAttemptAt: null };
  const waitMs = nextWaitMs(attempt, schedule);
  const endedAt = attempt.started_at.getTime() + attempt.duration_ms;
  return {
    state: 'retrying',
    nextAttemptAt: waitMs === undefined ? null : new Date(endedAt + waitMs),
  };
}

function nextWaitMs(attempt: AttemptRow, schedule: readonly number[]): number | undefined {
  if (attempt.reason === 'gone') return undefined;
  return waitAfterMs(schedule, attempt.number, attempt.retry_after_ms ?? 0);
}

/** What Temporal is told of a recorded attempt. */
function settle(attempt: AttemptRow, { schedule }: DeliveryInput): AttemptResult {
  const { number, status, reason } = attempt;
  if (reason === null) return { status, durationMs: attempt.duration_ms };
  const waitMs = nextWaitMs(attempt, schedule);
  throw ApplicationFailure.create({
    type: reason === 'gone' ? 'EndpointGone' : 'AttemptFailed',
    message: status === null ? reason : `${reason} ${status}`,
    nonRetryable: reason === 'gone',
    details: [{ number, status, reason }],
    ...(waitMs !== undefined && { nextRetryDelay: waitMs }),
  });
}
