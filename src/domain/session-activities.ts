import type { TriggerInput } from './trigger.ts';

/** What the workflow of a session, and who opens one, ask of the outside world. */
export interface SessionActivities {
  /**
   * Open a session, or hand the event to the open one of the same name and key.
   *
   * Idempotent by `opener`. The row is committed when this returns, and its workflow starts.
   */
  openSession(input: OpenSessionInput): Promise<{ readonly sessionId: string }>;

  /** Do what is to be done for a session now: tell the world, tell the agent, archive. Safe to repeat. */
  sessionRound(input: { readonly sessionId: string }): Promise<SessionRound>;

  /** Read how a session ended, or that it did not yet. */
  readSession(input: { readonly sessionId: string }): Promise<SessionReading>;

  /** Archive a session if it was this opener that opened it. Safe to repeat. */
  archiveSession(input: { readonly sessionId: string; readonly opener: string }): Promise<void>;
}

export interface OpenSessionInput {
  readonly tenantId: string;
  /**
   * The id of the workflow that asks, `run_…` or `run_…-do`; asked twice, it is the same session.
   * One that waits for the end of several puts `/<number>` behind it, and is told by signal.
   */
  readonly opener: string;
  readonly eventId: string;
  readonly name: string;
  /** Events with one key reach one session; null = each its own. */
  readonly key: string | null;
  readonly with: TriggerInput;
}

export interface SessionRound {
  /** Nothing is left to be done, ever. */
  readonly hasEnded: boolean;
  /** When to look again if nobody pokes. */
  readonly waitMs: number;
}

export interface SessionReading {
  readonly hasEnded: boolean;
  /** Why it ended without a result; null = it has one, or has not ended. */
  readonly failure: string | null;
  readonly cost: number;
  readonly currency: string;
  readonly artifacts: readonly unknown[];
}
