import type { TriggerAction } from './trigger.ts';
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

  /**
   * Mark a delivery as dead. Safe to repeat.
   *
   * `isExhausted`: all numbers of the schedule were used, so one without a record was interrupted.
   */
  markDead(
    input: DeliveryInput & { readonly reason: string; readonly isExhausted: boolean },
  ): Promise<void>;

  /** Read what a run must do, its `with` evaluated; marks the run as running. */
  loadRun(input: TriggerRunInput): Promise<LoadedRun>;

  /** Close a run. Safe to repeat. */
  finishRun(input: TriggerRunInput & { readonly failure: string | null }): Promise<void>;

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
  /** True when nothing was sent because the endpoint is paused: a resume opens the next cycle. */
  readonly isParked?: boolean;
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
