import type { ChannelName, RejectionReason } from '../domain/channel.ts';

/** The rows, as PostgreSQL returns them. Knex reads this to type every query. */
export interface TenantRow {
  id: string;
  name: string;
  /** Its own quota; 0 = no limit, null = the quota of all. */
  events_per_minute: number | null;
  created_at: Date;
}

export interface IntegrationRow {
  id: string;
  tenant_id: string;
  channel: string;
  mode: 'native' | 'platform' | 'token';
  scheme: string | null;
  username: string | null;
  receive_id: string | null;
  tolerance_s: number | null;
  dedupe: 'hash' | null;
  description: string | null;
  /** A disabled one answers like one that does not exist. */
  state: 'enabled' | 'disabled';
  created_at: Date;
}

export interface IntegrationSecretRow {
  id: string;
  integration_id: string;
  kind: string;
  /** AES-256-GCM under `MASTER_KEY`, bound to the id of the row. */
  sealed: Buffer;
  created_at: Date;
  expires_at: Date | null;
  /** Requests it has verified; may lag behind by a second or so. */
  used_count: number;
  last_used_at: Date | null;
  /** When a person took it away before its time. */
  revoked_at: Date | null;
}

/** A request that was not verified or not understood, kept for an operator. */
export interface RejectedRequestRow {
  id: string;
  tenant_id: string;
  integration_id: string;
  channel: ChannelName;
  /** The trigger whose own address it came to. */
  trigger_id: string | null;
  received_at: Date;
  /** Without those of requests whose body is not read: they are not kept. */
  reason: Exclude<RejectionReason, 'method_not_allowed' | 'body_too_large'>;
  status: number;
  /** What to change. */
  detail: string;
  /** Our clock minus the sender's timestamp, in seconds. */
  skew_s: number | null;
  /** First characters; likewise of each that would have matched. */
  received_signature: string | null;
  computed_signatures: string[];
  method: string;
  /** Redacted, as is the query and the body, of which the beginning is kept. */
  headers: Record<string, string>;
  query: string;
  body: Buffer;
  /** Of the whole body. */
  body_bytes: number;
  /** The whole request as it came, sealed; null when it was too large to be kept. */
  sealed: Buffer | null;
  state: 'kept' | 'released';
  event_id: string | null;
  released_at: Date | null;
}

export interface TriggerRow {
  id: string;
  tenant_id: string;
  name: string;
  /** The file it comes from, relative to `TRIGGERS_DIR`; null = it is saved through the API. */
  file: string | null;
  revision: number;
  /** What is wrong with the file as it is now; the revision before stays active. */
  problem: string | null;
  /** False once its file is gone, or a person has disabled it. */
  is_active: boolean;
  /** Why the platform holds it, until its next revision or a person's word; null = it does not. */
  quarantine: string | null;
  created_at: Date;
}

export interface TriggerRevisionRow {
  trigger_id: string;
  revision: number;
  text: string;
  definition: unknown;
  /** As the actor of the audit log; null = its file. */
  created_by: string | null;
  created_at: Date;
}

export interface EventRow {
  id: string;
  tenant_id: string;
  direction: 'inbound' | 'outbound';
  source: string;
  type: string;
  integration_id: string | null;
  dedupe_id: string | null;
  content_type: string | null;
  /** JSON text of the header map; the body stays bytes. */
  headers: Record<string, string>;
  query: string;
  body: Buffer;
  traceparent: string | null;
  /** How many events stand between it and the first of its chain: a loop is told by it. */
  depth: number;
  received_at: Date;
  /** When headers, query and body were dropped; null = they are as they came. */
  payload_dropped_at: Date | null;
  /** Because it was old, or because a person asked for it. */
  payload_dropped_for: 'age' | 'request' | null;
}

/** What makes a second arrival a duplicate: one row per owner (integration or emitter) and id. */
export interface DedupeKeyRow {
  owner: string;
  dedupe_id: string;
  event_id: string;
  accepted_at: Date;
}

export interface TriggerRunRow {
  id: string;
  tenant_id: string;
  event_id: string;
  event_type: string;
  trigger_id: string;
  trigger: string;
  revision: number;
  state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
  reason: string | null;
  /** Whether it asks its guards (`run_guards`) before it begins. */
  is_guarded: boolean;
  cycle: number;
  created_at: Date;
  /** Until then the process that wrote the row starts it; later the sweeper may. */
  start_after: Date;
  /** When Temporal took the current cycle; null = still to be started. */
  started_at: Date | null;
  ended_at: Date | null;
}

/** A cycle that ended in failure: the same thing as a failed workflow in Temporal. */
export interface FailedCycleRow {
  /** The id of the failed workflow. */
  id: string;
  tenant_id: string;
  kind: 'delivery' | 'trigger_run';
  /** The delivery or trigger run. */
  subject_id: string;
  cycle: number;
  event_id: string;
  event_type: string;
  endpoint_id: string | null;
  trigger: string | null;
  reason: string;
  died_at: Date;
  state: 'open' | 'redriven' | 'discarded';
  settled_at: Date | null;
  /** A key's id, or `console`; null when a replay did it. */
  settled_by: string | null;
  /** Why it was settled, in the words of who did it. */
  settled_reason: string | null;
  /** False of a run that was born failed: there is no workflow of its id. */
  has_workflow: boolean;
}

/** The view `dead_letters`. */
export type DeadLetterRow = Omit<FailedCycleRow, 'has_workflow'>;

/** The one row that says when old rows were last looked for. */
export interface RetentionPassRow {
  id: true;
  ended_at: Date;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    tenants: TenantRow;
    integrations: IntegrationRow;
    integration_secrets: IntegrationSecretRow;
    rejected_requests: RejectedRequestRow;
    triggers: TriggerRow;
    trigger_revisions: TriggerRevisionRow;
    events: EventRow;
    dedupe_keys: DedupeKeyRow;
    trigger_runs: TriggerRunRow;
    failed_cycles: FailedCycleRow;
    dead_letters: DeadLetterRow;
    retention_passes: RetentionPassRow;
  }
}
