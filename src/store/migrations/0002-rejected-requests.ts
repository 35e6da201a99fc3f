import type { Knex } from 'knex';

/** What an operator needs of the ingress: settings to change, secrets to rotate, rejections to look at. */
export async function up(db: Knex): Promise<void> {
  await db.raw(integrations);
  await db.raw(rejectedRequests);
}

// used_count is a float because a driver reads it as a number: whole up to 2^53, which is enough.
const integrations = `
alter table integrations
  add column description text,
  add column state text not null default 'enabled' check (state in ('enabled', 'disabled'));
alter table integration_secrets
  add column used_count double precision not null default 0,
  add column last_used_at timestamptz,
  add column revoked_at timestamptz;`;

// The request itself lies sealed: it can carry a secret, and is needed byte for byte to be released.
const rejectedRequests = `
create table rejected_requests (
  id text primary key, tenant_id text not null references tenants,
  integration_id text not null references integrations on delete cascade, channel text not null,
  trigger_id text, received_at timestamptz not null, reason text not null, status integer not null,
  detail text not null, skew_s double precision, received_signature text, computed_signatures text[] not null,
  method text not null, headers json not null, query text not null, body bytea not null,
  body_bytes integer not null, sealed bytea,
  state text not null default 'kept' check (state in ('kept', 'released')),
  event_id text, released_at timestamptz);
create index rejected_requests_of_tenant on rejected_requests (tenant_id, id);
create index rejected_requests_of_integration on rejected_requests (integration_id, id);`;

/** Takes the columns and the refusals away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table rejected_requests;
    alter table integration_secrets drop column used_count, drop column last_used_at, drop column revoked_at;
    alter table integrations drop column description, drop column state;`);
}
