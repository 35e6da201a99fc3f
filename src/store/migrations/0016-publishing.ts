import type { Knex } from 'knex';

/** Requests that may be sent again under one key, and how much a tenant may publish. */
export async function up(db: Knex): Promise<void> {
  await db.raw(idempotencyKeys);
  await db.raw(quotas);
}

const idempotencyKeys = `
create table idempotency_keys (
  id text primary key, tenant_id text not null, actor text not null, key text not null,
  fingerprint bytea not null, try integer not null default 1,
  created_at timestamptz not null, claimed_until timestamptz not null,
  status smallint, location text, sealed bytea,
  unique (tenant_id, actor, key));
create index idempotency_keys_by_age on idempotency_keys (created_at);`;

// By the minute first: the old ones are at one end of the index.
const quotas = `
alter table tenants add column events_per_minute integer check (events_per_minute >= 0);
create table published_minutes (
  minute timestamptz not null, tenant_id text not null, asked integer not null,
  primary key (minute, tenant_id));`;

/** Takes the tables and the column away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table published_minutes, idempotency_keys;
    alter table tenants drop column events_per_minute;`);
}
