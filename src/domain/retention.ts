const dayMs = 86_400_000;

/** How long the content of events and answers is kept, from the end of the day (UTC) it came on. */
export const payloadsKeptMs = 30 * dayMs;

/** How long is kept what happened: events without their content, deliveries, attempts, runs. */
export const metadataKeptMs = 90 * dayMs;

/** What the platform keeps, and for how long; in milliseconds. */
export interface Retention {
  readonly payloadsMs: number;
  /** At least as long as payloads. */
  readonly metadataMs: number;
}

/** What keeps a day from being dropped: it is not done yet. */
export interface DayHolds {
  readonly deliveries: number;
  readonly trigger_runs: number;
  readonly dead_letters: number;
  readonly sessions: number;
  readonly replays: number;
}

/** Whether nothing of a day is open. */
export function isFree(holds: DayHolds): boolean {
  return Object.values(holds).every((count) => count === 0);
}
