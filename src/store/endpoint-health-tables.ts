/** The rows of endpoints that fail, and of what the platform has to say about itself. */
export interface FailingEndpointRow {
  endpoint_id: string;
  tenant_id: string;
  /** When the first of the failed attempts in a row was made. */
  failing_since: Date;
  /** Failed attempts since the last that was delivered; of one that has recovered, how many there were. */
  failures: number;
  last_failed_at: Date;
  /** HTTP status of the last failed attempt; null when there was no answer. */
  last_status: number | null;
  last_reason: string;
  /** How bad it is, 0 to 3, and how bad the world was told that it is. */
  stage: number;
  told_stage: number;
  /** Since when its deliveries wait instead of using up their attempts; null = they don't. */
  outage_since: Date | null;
  /** Probes of this outage that failed. */
  probes: number;
  /** When the next probe is due; null = it is still to be set. */
  probe_at: Date | null;
  /** The delivery that was let go alone. */
  probe_id: string | null;
  /** When an attempt was delivered again; there is still something to be let go or to be told. */
  recovered_at: Date | null;
  /** While what an outage held back is let go: up to which delivery; null = nothing is. */
  drained_to: string | null;
  /** How many the next step lets go. */
  drain_step: number;
  /** Of the step before, those of which nothing is known yet. */
  drain_left: number;
  /** When the step before was made. */
  drain_at: Date | null;
}

/** An operational event that is to be published. */
export interface OperationalNoticeRow {
  id: string;
  tenant_id: string;
  type: string;
  /** The endpoint that it is about, which does not get it. */
  endpoint_id: string | null;
  data: Record<string, unknown>;
  created_at: Date;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    failing_endpoints: FailingEndpointRow;
    operational_notices: OperationalNoticeRow;
  }
}
