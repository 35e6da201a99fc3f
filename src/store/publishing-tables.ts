/** The rows of requests that may be sent again, and of how much is published. */
export interface IdempotencyKeyRow {
  id: string;
  tenant_id: string;
  /** Whose key it is: an API key's id, or `console`. */
  actor: string;
  key: string;
  /** SHA-256 of method, address and body: the same key stands for no other request. */
  fingerprint: Buffer;
  /** How often its request was begun: the first may have died in the middle. */
  try: number;
  created_at: Date;
  /** Until then it is under way; later another try may begin. */
  claimed_until: Date;
  /** Of the answer; null until there is one. */
  status: number | null;
  location: string | null;
  /** The body of the answer, which may show a secret, under `MASTER_KEY` and bound to the id of the row. */
  sealed: Buffer | null;
}

/** What a tenant that has a quota asked to publish within one minute. */
export interface PublishedMinuteRow {
  minute: Date;
  tenant_id: string;
  /** What was refused counts too: it is the number that the next one is held against. */
  asked: number;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    idempotency_keys: IdempotencyKeyRow;
    published_minutes: PublishedMinuteRow;
  }
}
