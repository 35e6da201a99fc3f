import type { Knex } from 'knex';

/** One row per endpoint whose attempts fail, and what is still to be told of the platform itself. */
export async function up(db: Knex): Promise<void> {
  await db.raw(failingEndpoints);
  await db.raw(notices);
}

// No foreign key: it would lock the endpoint's row with each failed attempt.
const failingEndpoints = `
create table failing_endpoints (
  endpoint_id text primary key,
  tenant_id text not null,
  failing_since timestamptz not null,
  failures integer not null default 0,
  last_failed_at timestamptz not null,
  last_status integer,
  last_reason text not null default '',
  stage smallint not null default 0,
  told_stage smallint not null default 0,
  outage_since timestamptz,
  probes integer not null default 0,
  probe_at timestamptz,
  probe_id text,
  recovered_at timestamptz,
  drained_to text,
  drain_step integer not null default 1,
  drain_left integer not null default 0,
  drain_at timestamptz
) with (fillfactor = 70)`;

const notices = `
create table operational_notices (
  id text primary key default gen_random_uuid()::text,
  tenant_id text not null,
  type text not null,
  endpoint_id text,
  data jsonb not null,
  created_at timestamptz not null default clock_timestamp()
);
create index operational_notices_oldest on operational_notices (created_at)`;

/** Takes the tables away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw('drop table operational_notices, failing_endpoints');
}
