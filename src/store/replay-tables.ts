import type { ReplayIds, ReplayRevision, ReplayState } from '../domain/replay.ts';

/** The rows of replays and of what each has started again. */
export interface ReplayRow {
  id: string;
  tenant_id: string;
  filter: unknown;
  state: ReplayState;
  planned: number;
  /** Items whose next cycle was opened; like the two below counted in the transaction of each item. */
  done: number;
  failed: number;
  /** Of those done, how many started from their row because Temporal no longer keeps their history. */
  from_row: number;
  /** Items per second. */
  rate: number;
  /** By which revision of their triggers it starts runs again. */
  revision: ReplayRevision;
  /** Each event gets a new delivery to this endpoint; null = everything goes where it went. */
  target_endpoint_id: string | null;
  ids: ReplayIds;
  /** Whether `planned` was reckoned from a part of what its expression is asked about. */
  is_estimated: boolean;
  /** As the actor of the audit log; null = made by an earlier release. */
  created_by: string | null;
  /** Since when it is paused; null when it is not. */
  paused_at: Date | null;
  created_at: Date;
  start_after: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

export interface ReplayItemRow {
  replay_id: string;
  /** A trigger run or a delivery; of a replay to another endpoint, an event. */
  subject_id: string;
  /** The cycle that this replay opened for it, or for its new delivery; null when it could not. */
  cycle: number | null;
  /** The delivery that was made for it; null = it went on itself. */
  delivery_id: string | null;
  /** Where the workflow's input came from; null for a new delivery. */
  origin: 'history' | 'row' | null;
  failure: string | null;
  created_at: Date;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    replays: ReplayRow;
    replay_items: ReplayItemRow;
  }
}
