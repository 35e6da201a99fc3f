import type { AttemptResult } from '../src/domain/activities.ts';
import type { DeliveryInput } from '../src/domain/workflows.ts';
import type { AckTokens } from '../src/runtime/ack-token.ts';
import { attemptsOf, listAttempts, recordGone, recordInterrupted } from '../src/store/attempts.ts';
import type { AttemptEnd, AttemptRecord } from '../src/store/attempts.ts';
import { setCancelled } from '../src/store/deliveries.ts';
import type { AttemptRow } from '../src/store/delivery-tables.ts';
import { isAckLater, isOfAck, settleAck } from './attempt-ack.ts';
import { settle, stateAfter } from './attempt-outcome.ts';
import type { Rules } from './attempt-outcome.ts';
import { sendRequest } from './attempt-request.ts';
import type { RequestParts } from './attempt-request.ts';
import { findTarget } from './attempt-target.ts';
import type { NoTarget, Target } from './attempt-target.ts';
import type { Turn } from './attempt-turn.ts';
import { leaveForOthers } from './cycle-end.ts';
import type { CycleEndParts } from './cycle-end.ts';

export interface AttemptParts extends RequestParts, CycleEndParts {
  readonly ackTokens: AckTokens;
  /** Commits outcomes; many at once share a transaction. */
  readonly record: (record: AttemptRecord) => Promise<AttemptEnd>;
}

/**
 * Make attempt `number` of a delivery, unless its outcome is recorded: then that stands, and so does a
 * 410 to one before it.
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
  // A 410 was the last word of its cycle: a worker that died after it could not tell.
  const earlier = recorded.find((row) => row.number === number || row.reason === 'gone');
  if (earlier && !isOfAck(earlier)) {
    if (earlier.reason === null) await leaveForOthers(parts, input);
    return settle(earlier, { ...input, ackWindowMs: null });
  }
  const awaited = earlier && (await settleAck(db, input, earlier));
  if (awaited) return awaited;
  if (number > 1) await recordInterrupted(db, input, number - 1);

  const target = await findTarget(db, input);
  if (!('endpoint' in target)) return endWithout(parts, input, target);
  const turn = await takeTurn(parts, target, recorded.at(-1));
  if (turn.waitMs > 0) {
    return { status: null, durationMs: 0, again: { number, waitMs: turn.waitMs } };
  }
  try {
    const rules = { ...input, ackWindowMs: target.endpoint.ack_window_ms };
    const sent = await send(parts, target, { ...rules, number });
    if (sent.reason === null) await parts.lines.leave(target.delivery);
    return settleSent(sent, rules);
  } finally {
    await turn.leave();
  }
}

/**
 * The number of the attempt that comes next in a cycle, at most the last of its schedule; of the last
 * one while it is to be acknowledged, or when it was delivered.
 */
export async function nextAttempt(
  { db }: Pick<AttemptParts, 'db'>,
  { deliveryId, cycle, schedule }: DeliveryInput,
): Promise<number> {
  const last = (await listAttempts(db, deliveryId, cycle)).at(-1);
  if (!last) return 1;
  const isDecided = last.reason !== null && last.reason !== 'ack_pending';
  return isDecided ? Math.min(last.number + 1, schedule.length) : last.number;
}

/** Left for the clocks of two machines. */
const clockSpareMs = 1000;

/** The turn of an attempt, which is not before its time: a poke may have come while the one before was under way. */
async function takeTurn(
  { turns }: Pick<AttemptParts, 'turns'>,
  target: Target,
  before: AttemptRow | undefined,
): Promise<Turn> {
  const { attempt_count: count, last_reason: reason, next_attempt_at: dueAt } = target.delivery;
  const isScheduled = before?.number === count && before.reason === reason;
  const waitMs = isScheduled && dueAt !== null ? dueAt.getTime() - Date.now() : 0;
  if (waitMs > clockSpareMs) return { waitMs, leave: async () => undefined };
  return turns.take(target);
}

async function endWithout(
  parts: AttemptParts,
  input: DeliveryInput,
  none: NoTarget,
): Promise<AttemptResult> {
  const { deliveryId: id, cycle } = input;
  if ('cancelled' in none) await setCancelled(parts.db, { id, cycle }, none.cancelled);
  await leaveForOthers(parts, input);
  if ('isParked' in none) return { status: null, durationMs: 0, isParked: true };
  return { status: 'deliveredAs' in none ? none.deliveredAs : null, durationMs: 0 };
}

/** POST and record. */
async function send(
  parts: AttemptParts,
  target: Target,
  { number, ...input }: DeliveryInput & Rules & { readonly number: number },
): Promise<AttemptRow & AttemptEnd> {
  const startedAt = new Date();
  const { endpoint } = target;
  const place = { deliveryId: input.deliveryId, cycle: input.cycle, number };
  const ackHeaders = endpoint.ack_window_ms === null ? {} : parts.ackTokens.headersOf(place);
  const sending = { ...target, webhookId: input.deliveryId, number, startedAt, ackHeaders };
  const { answer } = await sendRequest(parts, sending);
  const attempt: AttemptRow = {
    ...attemptsOf(input.deliveryId),
    cycle: input.cycle,
    number,
    started_at: startedAt,
    duration_ms: answer.durationMs,
    status: answer.status,
    reason: isAckLater(endpoint, answer) ? 'ack_pending' : answer.reason,
    response_headers: { ...answer.headers },
    response_body: answer.body,
    retry_after_ms: answer.retryAfterMs,
  };
  const record = { attempt, endpoint, ...stateAfter(attempt, input) };
  const isGone = attempt.reason === 'gone';
  return { ...attempt, ...(await (isGone ? recordGone(parts.db, record) : parts.record(record))) };
}

/** As `settle`, unless the outage of its endpoint has parked it. */
function settleSent(
  { isParked, ...attempt }: AttemptRow & AttemptEnd,
  rules: Rules,
): AttemptResult {
  if (!isParked) return settle(attempt, rules);
  return { status: attempt.status, durationMs: attempt.duration_ms, isParked };
}
