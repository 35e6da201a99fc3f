import type { AttemptResult } from './activities.ts';
import type { Reconciled } from './maintenance-activities.ts';

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
  session(input: SessionInput): Promise<SessionResult>;
  importItems(input: ImportInput): Promise<ImportResult>;
  /** Started by a schedule of Temporal, not by a row. */
  maintenance(): Promise<MaintenanceResult>;
}

/** Temporal task queues, one per kind of work, so that one can't starve another. */
export const taskQueues = {
  delivery: 'durahook-deliveries',
  triggerRun: 'durahook-triggers',
  replay: 'durahook-triggers',
  session: 'durahook-triggers',
  importItems: 'durahook-triggers',
  maintenance: 'durahook-triggers',
  automation: 'durahook-automations',
} as const;

export interface DeliveryInput {
  readonly deliveryId: string;
  /** Counted from 1; a redrive or replay opens the next. */
  readonly cycle: number;
  /** The wait before each attempt in milliseconds: at most five. */
  readonly schedule: readonly number[];
  /** The number of the first attempt that is still to be made; absent = 1. */
  readonly from?: number;
}

/**
 * The signal that says to a delivery: do not wait any longer, ask now. What there is to do (attempt
 * now, end, hold, it was acknowledged, it is your turn) stands in PostgreSQL.
 */
export const deliveryPoke = 'poke';

export interface DeliveryResult extends Omit<AttemptResult, 'again'> {
  readonly outcome: 'delivered' | 'cancelled' | 'parked';
}

export interface TriggerRunInput {
  readonly runId: string;
  readonly cycle: number;
  /** Guards are to be asked before it begins; absent = it has none. */
  readonly isGuarded?: boolean;
}

/** The signal that says to a run that waits: it may be your turn, ask now. */
export const runPoke = 'poke';

export interface TriggerRunResult {
  readonly outcome: 'succeeded' | 'skipped' | 'cancelled';
}

export interface SessionInput {
  readonly sessionId: string;
}

/** The signal that says to a session: there is something new of you in PostgreSQL, look now. */
export const sessionPoke = 'poke';

/** The signal that says to a workflow that waits for a session: it has ended, read it. Its argument is the id. */
export const sessionEnded = 'session-ended';

export interface SessionResult {
  readonly outcome: 'archived';
}

export interface ImportInput {
  readonly importId: string;
}

export interface ImportResult {
  readonly count: number;
  readonly errors: number;
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

/** What each task of maintenance came to. */
export interface MaintenanceResult {
  readonly reconciled: Reconciled | null;
}

/** What an automation gets: who it works for, and the trigger's evaluated `with`. */
export interface AutomationInput<W> {
  readonly runId: string;
  readonly tenantId: string;
  readonly eventId: string;
  readonly with: W;
}
