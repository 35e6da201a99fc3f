/** The rows of what holds back that which triggers start. */
export interface RunGuardsRow {
  run_id: string;
  trigger_id: string;
  /** The keys of its guards; null = it has no such guard. In a join they are known once all parts are. */
  dedupe_key: string | null;
  debounce_key: string | null;
  lane_key: string | null;
  throttle_key: string | null;
  join_key: string | null;
  /** Which part of a join the event of the run is. */
  part: string | null;
  /** Of the run: what follows is about it. */
  cycle: number;
  /** Set while the run waits for the other parts of its join: until then. */
  join_until: Date | null;
  /** When all parts of its join were there; kept in later cycles, as the parts are. */
  joined_at: Date | null;
  /** When its condition on all parts held and its dedupe let it through. */
  passed_at: Date | null;
  /** When it took its place in its lane. */
  lane_at: Date | null;
  /** When it was told to go. */
  admitted_at: Date | null;
  ended_at: Date | null;
  /** The run that takes its place while it is under way. */
  replaced_by: string | null;
  /** When its workflow was last known to run. */
  seen_at: Date | null;
}

/** What is known of a run's guards when it is planned. */
export type PlannedGuards = Pick<
  RunGuardsRow,
  | 'run_id'
  | 'trigger_id'
  | 'dedupe_key'
  | 'debounce_key'
  | 'lane_key'
  | 'throttle_key'
  | 'join_key'
  | 'part'
  | 'cycle'
>;

/** An event that waits for the others of a join, or has met them. */
export interface JoinPartRow {
  /** The run whose event was the first. */
  run_id: string;
  part: string;
  event_id: string;
}

/** Which run came first of those with one key. */
export interface RunDedupeRow {
  trigger_id: string;
  key: string;
  run_id: string;
  until: Date;
}

/** When a cycle of a run begins, or began. */
export interface ThrottleSlotRow {
  run_id: string;
  cycle: number;
  trigger_id: string;
  key: string;
  go_at: Date;
  has_begun: boolean;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    run_guards: RunGuardsRow;
    join_parts: JoinPartRow;
    run_dedupes: RunDedupeRow;
    throttle_slots: ThrottleSlotRow;
  }
}
