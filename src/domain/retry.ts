/**
 * Wait before attempts 1 to 5, in milliseconds: at once, 30 s, 2 min, 10 min, 1 h.
 *
 * The one copy of the schedule: server, worker, docs and tests read it. `DELIVERY_SCHEDULE` replaces
 * it in a process (tests scale it down).
 */
export const deliverySchedule: readonly number[] = [0, 30_000, 120_000, 600_000, 3_600_000];

/** A consumer has two seconds to answer, from before DNS to the end of the head. */
export const deliveryTimeoutMs = 2000;

/** Temporal counts attempts; more than five in one cycle are never made. */
export const attemptsMax = deliverySchedule.length;

/** The longest wait, also the most that a consumer's `Retry-After` may ask for. */
export const waitMaxMs = 3_600_000;

/**
 * The wait after a failed attempt.
 *
 * @param schedule - waits before each attempt, in milliseconds
 * @param attempt - the attempt that just failed, counted from 1
 * @param retryAfterMs - what the consumer asked for; it lengthens a wait (up to an hour), never shortens it
 * @returns milliseconds, or `undefined` when the schedule is spent
 */
export function waitAfterMs(
  schedule: readonly number[],
  attempt: number,
  retryAfterMs = 0,
): number | undefined {
  const planned = schedule[attempt];
  if (planned === undefined) return undefined;
  return Math.max(planned, Math.min(retryAfterMs, waitMaxMs));
}
