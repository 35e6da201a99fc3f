/** The rows of what goes out: to whom, what, and each attempt. */
export interface EndpointRow {
  id: string;
  tenant_id: string;
  url: string;
  description: string | null;
  event_types: string[];
  state: 'enabled' | 'paused' | 'disabled';
  state_reason: string | null;
  /** A CEL expression over the event that must be true; null = every event of its types. */
  filter: string | null;
  /** The customer's own, not ours to read. */
  metadata: Record<string, string>;
  /** Sent with each attempt, by lower-case name. */
  headers: Record<string, string>;
  /** How attempts introduce themselves to the consumer, without what is secret of it; null = not at all. */
  auth: EndpointAuth | null;
  /** What is secret of `auth`: JSON, bound to `<endpoint id>/auth`. */
  auth_sealed: Buffer | null;
  format: EndpointFormat;
  /** Waits before each attempt; null = the platform's. */
  schedule_ms: number[] | null;
  /** How long the consumer has to answer; null = the platform's. */
  timeout_ms: number | null;
  /** POSTs per second at most; null = as many as there are. */
  rate_limit: number | null;
  /** POSTs at one time at most; null = as many as there are. */
  in_flight_max: number | null;
  /** A CEL expression whose value is a delivery's key: those of one key go one after another. */
  order_by: string | null;
  /** What deliveries do while the endpoint does not answer: use up their attempts, or wait. */
  on_outage: 'retry' | 'park';
  /** Whether its open dead letters are redriven when it has recovered. */
  redrives_on_recovery: boolean;
  /** How long after a 202 with `webhook-ack: later` the consumer may say so; null = a 202 is enough. */
  ack_window_ms: number | null;
  /** When it was last `enabled` and ceased to be; null = it is enabled, or nobody knows. */
  state_since: Date | null;
  /** What a resume that is under way does with what was held back; null = none is. */
  resume_held: 'deliver' | 'discard' | null;
  created_at: Date;
  deleted_at: Date | null;
}

export type EndpointFormat = 'standard' | 'cloudevents-structured' | 'cloudevents-binary';

/** What may be shown of an endpoint's auth. */
export type EndpointAuth =
  | { readonly kind: 'basic'; readonly username: string }
  | { readonly kind: 'bearer' }
  | {
      readonly kind: 'oauth2';
      readonly token_url: string;
      readonly client_id: string;
      readonly scope: string | null;
    }
  /** `subject` and `valid_to` (RFC 3339) are the certificate's. */
  | { readonly kind: 'mtls'; readonly subject: string; readonly valid_to: string };

export interface EndpointSecretRow {
  id: string;
  endpoint_id: string;
  /** `hmac` signs in both header families, `ed25519` as `v1a` in `webhook-signature`. */
  kind: 'hmac' | 'ed25519';
  /** Of an `ed25519` one, `whpk_…`; null for the others. */
  public_key: string | null;
  sealed: Buffer;
  created_at: Date;
  expires_at: Date | null;
}

export type DeliveryState =
  | 'pending'
  | 'retrying'
  | 'delivered'
  | 'dead'
  | 'parked'
  | 'cancelled'
  | 'skipped';

export interface DeliveryRow {
  id: string;
  tenant_id: string;
  event_id: string;
  event_type: string;
  endpoint_id: string;
  state: DeliveryState;
  cycle: number;
  attempt_count: number;
  next_attempt_at: Date | null;
  last_status: number | null;
  last_reason: string | null;
  created_at: Date;
  start_after: Date;
  started_at: Date | null;
  ended_at: Date | null;
  /** Those of one endpoint and key go one after another; null = in no order. */
  order_key: string | null;
  /** It waits for its turn among those of its key: nobody starts it until then. */
  is_in_line: boolean;
  /** Waits before each attempt of the current cycle; null = those of who starts it. */
  schedule_ms: number[] | null;
  /** The delivery that a replay sent once more under a new id, or to another endpoint. */
  replay_of: string | null;
}

export interface AttemptRow {
  delivery_id: string;
  /** The delivery's own instant: the day it is filed under, so that its attempts are found by id. */
  delivery_created_at: Date;
  cycle: number;
  /** Counted from 1 in each cycle; the number that Temporal counts too. */
  number: number;
  started_at: Date;
  duration_ms: number;
  /** HTTP status of the answer; null when there was none. */
  status: number | null;
  /** Why it failed; null when it was delivered. */
  reason: string | null;
  response_headers: Record<string, string>;
  response_body: Buffer;
  /** The wait the consumer asked for, if any. */
  retry_after_ms: number | null;
  /** What it said when it refused what it was to acknowledge; absent until then. */
  ack_detail?: string | null;
}

/** The rows of an endpoint's limits and of the deliveries that are held to them. */
export interface EndpointLimitRow {
  endpoint_id: string;
  /** The limits that those who wait were told by: the endpoint's own may have changed since. */
  rate_limit: number | null;
  in_flight_max: number | null;
  /** When the POSTs that were let go are all due at the endpoint's rate: ahead of now after a burst. */
  sent_until: Date | null;
}

/**
 * A cycle of a delivery that waits for its turn, or has a place among those that may POST at one
 * time.
 */
export interface DeliveryTurnRow {
  delivery_id: string;
  cycle: number;
  delivery_created_at: Date;
  endpoint_id: string;
  /** When it first asked: the order in which places are given. */
  asked_at: Date;
  /** The instant that the rate gives it; null = none: it waits for a place, or POSTs. */
  go_at: Date | null;
  /** Until when it has a place, should it never leave; null = it has none. */
  place_until: Date | null;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    endpoints: EndpointRow;
    endpoint_secrets: EndpointSecretRow;
    deliveries: DeliveryRow;
    attempts: AttemptRow;
    endpoint_limits: EndpointLimitRow;
    delivery_turns: DeliveryTurnRow;
  }
}
