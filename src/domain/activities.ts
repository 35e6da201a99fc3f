import type { RetryPolicy, TriggerAction } from './trigger.ts';
import type { DeliveryInput, TriggerRunInput } from './workflows.ts';

/**
 * What workflows may ask of the outside world.
 *
 * Interfaces only: workflows import this file as types, `activities/` implements it. Inputs and
 * results are ids and small facts; payloads stay in PostgreSQL.
 */
export interface Activities {
  /**
   * POST a delivery to its endpoint once and record the attempt under its number.
   *
   * Idempotent by that number: one that is recorded is not posted again, its outcome stands.
   * Fails with type `AttemptFailed` on anything but a 2xx in time; the failure carries the wait
   * before the next attempt. Fails with type `EndpointGone` (not retried) on 410.
   */
  attempt(input: DeliveryInput): Promise<AttemptResult>;

  /** The number of the attempt that comes next in a cycle, at most the last of its schedule. */
  nextAttempt(input: DeliveryInput): Promise<number>;

  /**
   * Mark a delivery as dead, unless its last attempt was delivered: then its result. Safe to repeat.
   *
   * `isExhausted`: all numbers of the schedule were used, so one without a record was interrupted.
   */
  markDead(
    input: DeliveryInput & { readonly reason: string; readonly isExhausted: boolean },
  ): Promise<AttemptResult | undefined>;

  /**
   * Ask the guards of a run whether it may begin. Safe to repeat: what it was given, it keeps.
   *
   * A run that is skipped or cancelled has that in its row when this returns.
   */
  admitRun(input: TriggerRunInput): Promise<Admission>;

  /** Read what a run must do, its `with` evaluated; marks the run as running. */
  loadRun(input: TriggerRunInput): Promise<LoadedRun>;

  /** Close a run, and let the next of its lane begin. Safe to repeat. */
  finishRun(
    input: TriggerRunInput & { readonly failure: string | null; readonly isCancelled?: boolean },
  ): Promise<void>;

  /** POST an event, or what a trigger makes of it, to an address; anything but a 2xx fails. */
  forwardEvent(input: ForwardInput): Promise<{ readonly status: number }>;

  /**
   * Record an outbound event and its deliveries, and start them.
   *
   * Idempotent by `key`: repeated, it answers the first event's id.
   */
  emitEvent(input: EmitInput): Promise<{ readonly eventId: string }>;

  /** One page of a replay: opens the next cycle of each item and starts it, at the replay's rate. */
  replayPage(input: ReplayPageInput): Promise<ReplayPageResult>;

  /** Write a replay's counts and end. */
  finishReplay(input: { readonly replayId: string }): Promise<ReplayCounts>;
}

export interface AttemptResult {
  /** HTTP status of the consumer's answer; null when nothing was sent: cancelled or parked. */
  readonly status: number | null;
  readonly durationMs: number;
  /** True when nothing was sent because it is held back: whoever lets it go opens the next cycle. */
  readonly isParked?: boolean;
  /** Set when nothing is decided yet: ask again for this number after the wait, or when poked. */
  readonly again?: { readonly number: number; readonly waitMs: number };
}

/** Facts of a run that an action needs. */
export interface LoadedRun {
  readonly runId: string;
  readonly cycle: number;
  readonly trigger: string;
  readonly tenantId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly action: TriggerAction;
  /** For each attempt of the action; null = the action's own. */
  readonly timeoutMs: number | null;
  readonly retry: RetryPolicy | null;
}

/** What the guards say to a run. */
export type Admission =
  | { readonly kind: 'go' }
  /** Ask again after `waitMs`, or when poked. */
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'ended'; readonly outcome: 'skipped' | 'cancelled' };

export interface ForwardInput {
  readonly tenantId: string;
  /** Whose body is sent, and whose id the receiver may tell repeats by. */
  readonly eventId: string;
  readonly url: string;
  /** Sent as JSON; null = the event's body as it came. */
  readonly data: Readonly<Record<string, unknown>> | null;
}

export interface EmitInput {
  readonly tenantId: string;
  readonly type: string;
  readonly data: unknown;
  /** Emitting twice under one key records one event: `<workflow id>/<name of the step>`. */
  readonly key: string;
}

export interface ReplayPageInput {
  readonly replayId: string;
  /** Where the page before ended; null for the first. */
  readonly after: string | null;
}

export interface ReplayPageResult {
  /** Where this page ended; null when there is no more, or nothing yet under a `hold`. */
  readonly next: string | null;
  /** Why the replay does not go on from here; absent = it does. */
  readonly hold?: 'paused' | 'ended';
}

export interface ReplayCounts {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly fromRow: number;
}
