/** What one evaluation may take: every other request waits for it. */
export const evaluationMaxMs = 50;

/** One that is slow for one event may be quick for the others. */
const strikesMax = 3;

/** At once: three of these would stop the server for seconds. */
const hopelessMs = 1000;

/** How a trigger's evaluations went. */
export interface CostRecord {
  /** How many in a row took too long. */
  strikes: number;
  /** Set: it fires no more. */
  quarantine: string | null;
}

/** Take note of what the evaluation of a trigger for one event took; may set its quarantine. */
export function countStrike(record: CostRecord, tookMs: number): void {
  record.strikes = tookMs > evaluationMaxMs ? record.strikes + 1 : 0;
  if (record.strikes < strikesMax && tookMs <= hopelessMs) return;
  record.quarantine = `its condition took ${Math.round(tookMs)} ms, ${evaluationMaxMs} ms is the limit`;
}
