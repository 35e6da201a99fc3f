import type { AttemptResult } from '../src/domain/activities.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import { attemptsOf, listAttempts, recordInterrupted } from '../src/store/attempts.ts';
import type { AttemptRecord } from '../src/store/attempts.ts';
import { setCancelled } from '../src/store/deliveries.ts';
import type { AttemptRow, EndpointRow } from '../src/store/delivery-tables.ts';
import { setEndpoint } from '../src/store/endpoints.ts';
import { settle, stateAfter } from './attempt-outcome.ts';
import { makePost } from './attempt-request.ts';
import type { RequestParts } from './attempt-request.ts';
import { findTarget } from './attempt-target.ts';
import type { NoTarget, Target } from './attempt-target.ts';
import { takeTurn } from './attempt-turn.ts';
import type { HttpClient } from './http.ts';

export interface AttemptParts extends RequestParts {
  readonly http: HttpClient;
  /** Commits outcomes; many at once share a transaction. */
  readonly record: (record: AttemptRecord) => Promise<null>;
}

/**
 * Make attempt `number` of a delivery, unless its outcome is recorded: then that stands.
 *
 * While it is held back nothing is sent and no number is used up: the cycle ends as parked. While it
 * is not its turn, it says when to ask again.
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
  const recorded = await listAttempts(db, input.deliveryId, input.cycle);
  const earlier = recorded.find((row) => row.number === number);
  if (earlier) return settle(earlier, input);
  if (number > 1) await recordInterrupted(db, input, number - 1);

  const target = await findTarget(db, input);
  if (!('endpoint' in target)) return endWithout(parts, input, target);
  const turn = await takeTurn(db, target);
  if (turn.waitMs > 0) {
    return { status: null, durationMs: 0, again: { number, waitMs: turn.waitMs } };
  }
  try {
    return settle(await send(parts, target, { ...input, number }), input);
  } finally {
    await turn.leave();
  }
}

/** The number of the attempt that comes next in a cycle, at most the last of its schedule. */
export async function nextAttempt(
  { db }: Pick<AttemptParts, 'db'>,
  { deliveryId, cycle, schedule }: DeliveryInput,
): Promise<number> {
  const last = (await listAttempts(db, deliveryId, cycle)).at(-1);
  return Math.min((last?.number ?? 0) + 1, schedule.length);
}

async function endWithout(
  { db }: AttemptParts,
  { deliveryId, cycle }: DeliveryInput,
  none: NoTarget,
): Promise<AttemptResult> {
  if ('isParked' in none) return { status: null, durationMs: 0, isParked: true };
  await setCancelled(db, { id: deliveryId, cycle }, none.cancelled);
  return { status: null, durationMs: 0 };
}

/** POST and record. */
async function send(
  parts: AttemptParts,
  target: Target,
  { number, ...input }: DeliveryInput & { readonly number: number },
): Promise<AttemptRow> {
  const startedAt = new Date();
  const answer = await parts.http.post(await makePost(parts, target, { number, startedAt }));
  const attempt: AttemptRow = {
    ...attemptsOf(input.deliveryId),
    cycle: input.cycle,
    number,
    started_at: startedAt,
    duration_ms: answer.durationMs,
    status: answer.status,
    reason: answer.reason,
    response_headers: { ...answer.headers },
    response_body: answer.body,
    retry_after_ms: answer.retryAfterMs,
  };
  const { endpoint } = target;
  if (answer.reason === 'gone') await disable(parts, endpoint);
  await parts.record({ attempt, endpoint, ...stateAfter(attempt, input) });
  return attempt;
}

/** 410 means: never again, until a person enables the endpoint. */
async function disable(
  { db }: Pick<AttemptParts, 'db'>,
  { id, tenant_id }: EndpointRow,
): Promise<void> {
  await setEndpoint(db, { id, tenantId: tenant_id }, { state: 'disabled', state_reason: 'gone' });
}
