import { endedDeliveryStates, endedRunStates } from './cycle.ts';

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
  /** Null = everything that has ended. */
  readonly state: ReplayableState | null;
  /** Inbound only: the channel that the event came by; null = every channel. */
  readonly source: string | null;
  /** Inbound only; null = every trigger. */
  readonly triggerId: string | null;
  /** Only what failed in that replay, or died since; null = everything. */
  readonly replayId: string | null;
  /** With `replayId`: earlier retries of it. What they took up is theirs, however it ended there. */
  readonly retriedBy: readonly string[];
  /** Outbound only: how the last attempt was answered; null = however. */
  readonly statusClass: StatusClass | null;
  /** A CEL expression over the event that must be true; null = every event. */
  readonly expression: string | null;
  /** What the endpoint that it sends to had asked for when it was made; null = that is not asked. */
  readonly subscription: ReplaySubscription | null;
}

/** What an endpoint asks for. */
export interface ReplaySubscription {
  readonly eventTypes: readonly string[];
  /** A CEL expression over the event; null = every event of its types. */
  readonly expression: string | null;
}

/** A filter as it was kept: one of an earlier release lacks the later fields. */
export function readFilter(kept: unknown): ReplayFilter {
  return { ...laterFields, ...(kept as Omit<ReplayFilter, keyof typeof laterFields>) };
}

const laterFields = {
  source: null,
  triggerId: null,
  replayId: null,
  retriedBy: [],
  statusClass: null,
  expression: null,
  subscription: null,
};

/** How a replay starts again what its filter finds. */
export interface ReplayMode {
  /** Each event gets a new delivery to this endpoint; null = everything goes where it went. */
  readonly targetEndpointId: string | null;
  readonly ids: ReplayIds;
}

/** Whether a delivery goes on under its id, in its next cycle, or a new one repeats it. */
export const replayIds = ['keep', 'new'] as const;
export type ReplayIds = (typeof replayIds)[number];

/** What a replay's items are: what their `subject_id` is an id of. */
export type ReplaySubject = 'trigger_run' | 'delivery' | 'event';

/** To another endpoint go events, whether or not they ever had a delivery. */
export function subjectOf(
  { direction }: Pick<ReplayFilter, 'direction'>,
  { targetEndpointId }: Pick<ReplayMode, 'targetEndpointId'>,
): ReplaySubject {
  if (direction === 'inbound') return 'trigger_run';
  return targetEndpointId === null ? 'delivery' : 'event';
}

/** By which revision of its trigger a run is started again: the one it was planned with, or today's. */
export const replayRevisions = ['as_then', 'as_now'] as const;
export type ReplayRevision = (typeof replayRevisions)[number];

/** States that a replay may start from. */
export const endedStates = { inbound: endedRunStates, outbound: endedDeliveryStates } as const;

export type EndedState = (typeof endedStates)[keyof typeof endedStates][number];

/**
 * What a filter may ask for beside a single state: `failed` is a dead delivery or a failed run,
 * `never_attempted` a delivery that ended without any attempt or a skipped run.
 */
export const stateGroups = ['failed', 'never_attempted'] as const;

export type ReplayableState = EndedState | (typeof stateGroups)[number];

/** The class of an HTTP status; `none` = the attempt got no answer. */
export const statusClasses = ['2xx', '3xx', '4xx', '5xx', 'none'] as const;
export type StatusClass = (typeof statusClasses)[number];

/** A timeframe longer than this is refused: a year and a day of leap. */
export const replaySpanMaxMs = 366 * 86_400_000;

export const replayStates = [
  'pending',
  'running',
  'paused',
  'completed',
  'cancelled',
  'failed',
] as const;

export type ReplayState = (typeof replayStates)[number];

/** States in which a replay starts items. Pending too: its worker may be faster than the one who notes the start. */
export const goingStates = ['pending', 'running'] as const satisfies readonly ReplayState[];

/** What a person may do to a replay: from which states, and where it leads. */
export const replayMoves = {
  pause: { from: ['pending', 'running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['pending', 'running', 'paused'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly ReplayState[]; to: ReplayState }>;

export type ReplayMove = keyof typeof replayMoves;

/**
 * Items that a replay starts per second. The default is what one small machine does beside its
 * daily work; more than the most would only queue up in Temporal.
 */
export const replayRate = { min: 1, max: 500, default: 20 } as const;

/** A replay of more items needs its count confirmed: a wrong filter must not become a flood. */
export const unconfirmedMax = 1000;
