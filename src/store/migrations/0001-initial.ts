import type { Knex } from 'knex';

/**
 * The whole first schema. events, deliveries and attempts are partitioned by day, so that cost per
 * event does not grow with what is stored and old days are dropped, not deleted.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(access);
  await db.raw(triggers);
  await db.raw(events);
  await db.raw(endpoints);
  await db.raw(endings);
}

const access = `
create table tenants (
  id text primary key, name text not null unique, created_at timestamptz not null default now());
create table api_keys (
  id text primary key, tenant_id text not null references tenants, name text not null,
  hash bytea not null unique, scopes text[] not null, created_at timestamptz not null default now(),
  revoked_at timestamptz);
create table integrations (
  id text primary key, tenant_id text not null references tenants, channel text not null,
  mode text not null check (mode in ('native', 'platform', 'token')), scheme text, username text,
  receive_id text, tolerance_s integer, dedupe text check (dedupe in ('hash')),
  created_at timestamptz not null default now());
create index integrations_of_tenant on integrations (tenant_id, channel, created_at);
create table integration_secrets (
  id text primary key, integration_id text not null references integrations on delete cascade,
  kind text not null, sealed bytea not null, created_at timestamptz not null default now(),
  expires_at timestamptz);
create index integration_secrets_of on integration_secrets (integration_id);`;

const triggers = `
create table triggers (
  id text primary key, tenant_id text not null references tenants, name text not null,
  file text not null, revision integer not null, problem text, is_active boolean not null default true,
  created_at timestamptz not null default now(), unique (tenant_id, name));
create table trigger_revisions (
  trigger_id text not null references triggers, revision integer not null, text text not null,
  definition jsonb not null, created_at timestamptz not null default now(),
  primary key (trigger_id, revision));`;

// Ids carry their instant, and it is the partition key: a row is found by its id in one partition.
// headers is json, not jsonb: jsonb refuses U+0000, which a sender may well send.
const events = `
create table events (
  id text not null, tenant_id text not null, direction text not null check (direction in ('inbound', 'outbound')),
  source text not null, type text not null, integration_id text, dedupe_id text, content_type text,
  headers json not null, query text not null, body bytea not null, traceparent text,
  received_at timestamptz not null, primary key (id, received_at)) partition by range (received_at);
create index events_of_tenant on events (tenant_id, id);
create table dedupe_keys (
  owner text not null, dedupe_id text not null, event_id text not null,
  accepted_at timestamptz not null, primary key (owner, dedupe_id));
create table trigger_runs (
  id text primary key, tenant_id text not null, event_id text not null, event_type text not null,
  trigger_id text not null, trigger text not null, revision integer not null,
  state text not null check (state in ('pending', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
  reason text, cycle integer not null default 1, created_at timestamptz not null,
  start_after timestamptz not null, started_at timestamptz, ended_at timestamptz);
create index trigger_runs_of_event on trigger_runs (event_id);
create index trigger_runs_of_tenant on trigger_runs (tenant_id, id);
create index trigger_runs_unstarted on trigger_runs (start_after) where started_at is null and state = 'pending';`;

const endpoints = `
create table endpoints (
  id text primary key, tenant_id text not null references tenants, url text not null, description text,
  event_types text[] not null, state text not null check (state in ('enabled', 'paused', 'disabled')),
  state_reason text, created_at timestamptz not null default now(), deleted_at timestamptz);
create index endpoints_of_tenant on endpoints (tenant_id, id);
create table endpoint_secrets (
  id text primary key, endpoint_id text not null references endpoints, sealed bytea not null,
  created_at timestamptz not null default now(), expires_at timestamptz);
create index endpoint_secrets_of on endpoint_secrets (endpoint_id);
create table deliveries (
  id text not null, tenant_id text not null, event_id text not null, event_type text not null,
  endpoint_id text not null, state text not null
    check (state in ('pending', 'retrying', 'delivered', 'dead', 'parked', 'cancelled', 'skipped')),
  cycle integer not null default 1, attempt_count integer not null default 0,
  next_attempt_at timestamptz, last_status integer, last_reason text, created_at timestamptz not null,
  start_after timestamptz not null, started_at timestamptz, ended_at timestamptz,
  primary key (id, created_at)) partition by range (created_at);
create index deliveries_of_event on deliveries (event_id);
create index deliveries_of_tenant on deliveries (tenant_id, id);
create index deliveries_of_endpoint on deliveries (endpoint_id, id);
create index deliveries_unstarted on deliveries (start_after) where started_at is null and state = 'pending';
create table attempts (
  delivery_id text not null, delivery_created_at timestamptz not null, cycle integer not null,
  number integer not null, started_at timestamptz not null, duration_ms integer not null,
  status integer, reason text, response_headers json not null, response_body bytea not null,
  retry_after_ms integer,
  primary key (delivery_id, cycle, number, delivery_created_at)) partition by range (delivery_created_at);`;

const endings = `
create table failed_cycles (
  id text primary key, tenant_id text not null, kind text not null check (kind in ('delivery', 'trigger_run')),
  subject_id text not null, cycle integer not null, event_id text not null, event_type text not null,
  endpoint_id text, trigger text, reason text not null, died_at timestamptz not null default now(),
  state text not null default 'open' check (state in ('open', 'redriven', 'discarded')),
  settled_at timestamptz);
create index failed_cycles_of_tenant on failed_cycles (tenant_id, died_at, id);
create index failed_cycles_of_subject on failed_cycles (subject_id);
create view dead_letters as
  select id, tenant_id, kind, subject_id, cycle, event_id, event_type, endpoint_id, trigger, reason,
         died_at, state, settled_at
  from failed_cycles;
create table replays (
  id text primary key, tenant_id text not null, filter jsonb not null,
  state text not null check (state in ('pending', 'running', 'completed', 'cancelled', 'failed')),
  planned integer not null, created_at timestamptz not null default now(),
  start_after timestamptz not null default now(), started_at timestamptz, ended_at timestamptz);
create index replays_unstarted on replays (start_after) where started_at is null;
create table replay_items (
  replay_id text not null references replays, subject_id text not null, cycle integer,
  origin text check (origin in ('history', 'row')), failure text,
  created_at timestamptz not null default now(), primary key (replay_id, subject_id));
create table issues (
  tenant_id text not null, source text not null, repository text not null, number integer not null,
  title text not null, state text not null, url text not null, updated_at timestamptz not null,
  primary key (tenant_id, source, repository, number));`;

/** Takes everything away again, data included. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop view dead_letters;
    drop table issues, replay_items, replays, failed_cycles, attempts, deliveries, endpoint_secrets,
      endpoints, trigger_runs, dedupe_keys, events, trigger_revisions, triggers,
      integration_secrets, integrations, api_keys, tenants;`);
}
