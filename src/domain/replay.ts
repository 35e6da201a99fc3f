/** What a replay starts again: every row in a timeframe that has ended and matches. Kept with the replay as JSON. */
export interface ReplayFilter {
  /** `inbound` = trigger runs, `outbound` = deliveries. */
  readonly direction: 'inbound' | 'outbound';
  /** RFC 3339, the first instant that is in. */
  readonly from: string;
  /** RFC 3339, the first instant that is out. */
  readonly to: string;
  /** Exact types, or beginnings followed by `*` (`session.*`, `*`); null = every type. */
  readonly eventTypes: readonly string[] | null;
  /** Outbound only; null = every endpoint. */
  readonly endpointId: string | null;
  /** One of `endedStates`; null = all of them. */
  readonly state: EndedState | null;
}

/** States that a replay may start from: nothing of the row is under way. */
export const endedStates = {
  inbound: ['succeeded', 'failed', 'cancelled', 'skipped'],
  outbound: ['delivered', 'dead', 'cancelled', 'skipped'],
} as const;

export type EndedState = (typeof endedStates)[keyof typeof endedStates][number];

/** A timeframe longer than this is refused: a year and a day of leap. */
export const replaySpanMaxMs = 366 * 86_400_000;
