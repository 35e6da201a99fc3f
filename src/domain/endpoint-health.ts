/** How bad it is with an endpoint: 0 = not worth a word. */
interface Stage {
  /** Failed attempts in a row. */
  readonly failures: number;
  /** From the first of them to the last, in milliseconds. */
  readonly lastingMs: number;
}

const hourMs = 3_600_000;

/**
 * Failed attempts in a row from which on an endpoint is failing, and an outage begins where it is
 * wished. Two deliveries that fail all their attempts: fewer may be one event that the consumer can't
 * take, with more a dead consumer is noticed late.
 */
export const failingAfter = 10;

/**
 * The same while what an outage held back is let go: a consumer that is down again is noticed with the
 * second step. With one, an event that the consumer can't take would keep all others back for ever.
 */
export const failingAgainAfter = 3;

/**
 * The stages, each of which is told once. By number a busy endpoint is noticed within minutes, by
 * time a quiet one, which has few attempts to fail.
 */
const stages: readonly Stage[] = [
  { failures: failingAfter, lastingMs: Infinity },
  { failures: 50, lastingMs: hourMs },
  { failures: 250, lastingMs: 24 * hourMs },
];

/**
 * The stage of an endpoint, 0 to 3.
 *
 * @param lastingMs - from the first failed attempt in a row to the last: time alone, without an
 *   attempt, proves nothing
 */
export function stageOf(failures: number, lastingMs: number): number {
  return (
    stages.findLastIndex((each) => failures >= each.failures || lastingMs >= each.lastingMs) + 1
  );
}

/**
 * When an endpoint whose deliveries use up their attempts is disabled: nobody has repaired it over a
 * weekend with a holiday, and it was tried often enough to be sure.
 */
export const disabledAfter: Stage = { failures: 250, lastingMs: 5 * 24 * hourMs };

/** Before the first probe of an outage, unless `PROBE_INTERVAL` says otherwise. */
export const probeIntervalMs = 30_000;

/** A consumer that is back is noticed within an hour, however long it was away. */
const probeIntervalMaxMs = hourMs;

/** The wait before the next probe: twice the one before, an hour at most. */
export function probeWaitMs(intervalMs: number, failedProbes: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failedProbes, 30), probeIntervalMaxMs);
}

/** Between two steps in which what was held back is let go: time for a consumer to show that it copes. */
export const drainStepMs = 1000;

/** A step of which not all is heard after this is not waited for: some of it was cancelled, or waits in line. */
export const drainPatienceMs = 10_000;

/** The largest step: as many as one statement changes, and more than one endpoint takes in a second. */
export const drainStepMax = 1000;
