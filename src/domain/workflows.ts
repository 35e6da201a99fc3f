import type { AttemptResult } from './activities.ts';

/**
 * The workflows that the server starts, by their Temporal name; `workflows/index.ts` exports these
 * and the automations.
 *
 * A workflow's id is its row's id (next cycles `<id>-c2`): no slash, which breaks links in the Web UI.
 */
export interface Workflows {
  delivery(input: DeliveryInput): Promise<DeliveryResult>;
  triggerRun(input: TriggerRunInput): Promise<TriggerRunResult>;
  replay(input: ReplayInput): Promise<ReplayResult>;
}

/** Temporal task queues, one per kind of work, so that one can't starve another. */
export const taskQueues = {
  delivery: 'durahook-deliveries',
  triggerRun: 'durahook-triggers',
  replay: 'durahook-triggers',
  automation: 'durahook-automations',
} as const;

export interface DeliveryInput {
  readonly deliveryId: string;
  /** Counted from 1; a redrive or replay opens the next. */
  readonly cycle: number;
  /** The wait before each attempt in milliseconds: at most five. */
  readonly schedule: readonly number[];
}

export interface DeliveryResult extends AttemptResult {
  readonly outcome: 'delivered' | 'cancelled' | 'parked';
}

export interface TriggerRunInput {
  readonly runId: string;
  readonly cycle: number;
}

export interface TriggerRunResult {
  readonly outcome: 'succeeded';
}

export interface ReplayInput {
  readonly replayId: string;
  /** Where the run before ended, when its history became long; absent = from the beginning. */
  readonly after?: string | null;
}

/** The signal that says: the state of the replay has changed, look now. */
export const replayPoke = 'poke';

export interface ReplayResult {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  /** How many were started from their row because Temporal no longer keeps their history. */
  readonly fromRow: number;
}

/** What an automation gets: who it works for, and the trigger's evaluated `with`. */
export interface AutomationInput<W> {
  readonly runId: string;
  readonly tenantId: string;
  readonly eventId: string;
  readonly with: W;
}

/** The automations that this build ships, by their Temporal name; a trigger may name no other. */
export const automationNames = ['importIssues', 'reviewPullRequest'] as const;
