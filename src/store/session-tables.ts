import type { EntryKind, SessionState } from '../domain/session.ts';

/** The rows of sessions. */
export interface SessionRow {
  id: string;
  tenant_id: string;
  /** What kind of session it is: what a trigger's `do.session` names. */
  name: string;
  /** Later events with it reach this session while it is active; null = none do. */
  key: string | null;
  user_id: string;
  /** Which workflow asked for it; null = the API did. */
  opener: string | null;
  /** The trigger run that opened it, and its event; null = the API did. */
  run_id: string | null;
  event_id: string | null;
  /** Of the events that it publishes: how many stand between them and the first of their chain. */
  depth: number;
  input: unknown;
  state: SessionState;
  /** The number of its last entry. */
  entry_count: number;
  /** Exact decimal text, as `currency` and `artifacts` null until it is finished. */
  cost: string | null;
  currency: string | null;
  artifacts: unknown[] | null;
  /** Why it was finished without a result. */
  failure: string | null;
  created_at: Date;
  /** Of its last entry: from then on it is idle. */
  last_active_at: Date;
  finished_at: Date | null;
  archived_at: Date | null;
  /** The events that told the world; null = it is still to be told. */
  created_event_id: string | null;
  finished_event_id: string | null;
  archived_event_id: string | null;
  /** When the agent took its start; null = it was not told, or refused. */
  agent_started_at: Date | null;
  agent_cancelled_at: Date | null;
  /** How often something happened that its workflow must look at. */
  pokes: number;
  start_after: Date;
  /** When Temporal was told of the last poke; null = it is still to be told. */
  started_at: Date | null;
}

/** What a session was told, did and came to, in the order in which it was committed. */
export interface SessionEntryRow {
  session_id: string;
  /** From 1, without gaps. */
  number: number;
  kind: EntryKind;
  /** Which workflow handed the event on. */
  opener: string | null;
  /** The agent's own id of what it reported. */
  report_id: string | null;
  /** The event that reached the session, or the one that it published. */
  event_id: string | null;
  data: unknown;
  at: Date;
  /** Of an event: when the agent took or refused it. */
  told_at: Date | null;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    sessions: SessionRow;
    session_entries: SessionEntryRow;
  }
}
