import type { Knex } from 'knex';

/** What an endpoint may ask for, and what each of its deliveries keeps of it from its birth on. */
export async function up(db: Knex): Promise<void> {
  await db.raw(endpoints);
  await db.raw(deliveries);
}

const endpoints = `
alter table endpoints
  add column filter text,
  add column metadata jsonb not null default '{}',
  add column headers jsonb not null default '{}',
  add column auth jsonb,
  add column auth_sealed bytea,
  add column format text not null default 'standard'
    check (format in ('standard', 'cloudevents-structured', 'cloudevents-binary')),
  add column schedule_ms integer[],
  add column timeout_ms integer,
  add column rate_limit integer,
  add column in_flight_max integer,
  add column order_by text,
  add column on_outage text not null default 'retry' check (on_outage in ('retry', 'park')),
  add column redrives_on_recovery boolean not null default false,
  add column ack_window_ms integer,
  add column state_since timestamptz,
  add column resume_held text check (resume_held in ('deliver', 'discard'));
alter table endpoint_secrets
  add column kind text not null default 'hmac' check (kind in ('hmac', 'ed25519')),
  add column public_key text;`;

// The outbox is without those that wait in line: they may be many, and nobody is to start them yet.
const deliveries = `
alter table deliveries
  add column order_key text,
  add column is_in_line boolean not null default false,
  add column schedule_ms integer[],
  add column replay_of text;
create index deliveries_of_key on deliveries (endpoint_id, order_key, id)
  where order_key is not null and state in ('pending', 'retrying', 'parked');
drop index deliveries_unstarted;
create index deliveries_unstarted on deliveries (start_after)
  where started_at is null and state = 'pending' and not is_in_line;
drop index deliveries_parked;
create index deliveries_waiting on deliveries (endpoint_id, id)
  where state = 'parked' or last_reason = 'endpoint_disabled';`;

/** Takes the columns and the index away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index deliveries_waiting, deliveries_unstarted, deliveries_of_key;
    create index deliveries_parked on deliveries (endpoint_id, id) where state = 'parked';
    alter table deliveries drop column order_key, drop column is_in_line,
      drop column schedule_ms, drop column replay_of;
    create index deliveries_unstarted on deliveries (start_after)
      where started_at is null and state = 'pending';
    alter table endpoint_secrets drop column kind, drop column public_key;
    alter table endpoints drop column filter, drop column metadata, drop column headers,
      drop column auth, drop column auth_sealed, drop column format, drop column schedule_ms,
      drop column timeout_ms, drop column rate_limit, drop column in_flight_max, drop column order_by,
      drop column on_outage, drop column redrives_on_recovery, drop column ack_window_ms,
      drop column state_since, drop column resume_held;`);
}
