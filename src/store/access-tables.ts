/** The rows of who may do what, and of what was done. */
export interface ApiKeyRow {
  id: string;
  tenant_id: string;
  name: string;
  /** SHA-256 of the whole key: it has 32 random bytes, a slow hash would add nothing. */
  hash: Buffer;
  scopes: string[];
  created_at: Date;
  revoked_at: Date | null;
  /** May lag behind by a few seconds. */
  last_used_at: Date | null;
  expires_at: Date | null;
}

/** What a person or a key did to something: written in one transaction with it. */
export interface AuditRow {
  id: string;
  tenant_id: string;
  /** `key_…`, `console` for a logged-in browser, `start` for what a server's start made, `maintenance`, or `operator` for a command. */
  actor: string;
  /** `dead_letter.discard`, … */
  action: string;
  /** The id of what it was done to, or `*` for a filter. */
  subject: string;
  detail: unknown;
  at: Date;
}

/** A link that logs a browser in, once. */
export interface LoginLinkRow {
  id: string;
  /** SHA-256 of the token. */
  hash: Buffer;
  tenant_id: string;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    api_keys: ApiKeyRow;
    audit_log: AuditRow;
    login_links: LoginLinkRow;
  }
}
