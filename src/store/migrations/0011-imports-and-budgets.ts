import type { Knex } from 'knex';

/** Imports, and what tenants spend and may spend. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table imports (
      id text primary key, tenant_id text not null references tenants, source text not null,
      state text not null check (state in ('pending', 'completed')),
      item_count integer not null, taken_count integer not null default 0, error_count integer not null,
      created_at timestamptz not null, start_after timestamptz not null, started_at timestamptz,
      ended_at timestamptz);
    create index imports_of_tenant on imports (tenant_id, id);
    create index imports_of_source on imports (tenant_id, source, id);
    create index imports_pending on imports (tenant_id, id) where state = 'pending';
    create index imports_unstarted on imports (start_after) where started_at is null and state = 'pending';
    create table import_items (
      import_id text not null references imports, position integer not null,
      item jsonb, error text, primary key (import_id, position), check ((item is null) <> (error is null)));
    create table costs (
      session_id text primary key, tenant_id text not null references tenants,
      amount numeric(20, 6) not null, currency text not null, at timestamptz not null);
    create table spending (
      tenant_id text not null references tenants, currency text not null, period_key text not null,
      amount numeric not null, primary key (tenant_id, currency, period_key));
    create table budgets (
      id text primary key, tenant_id text not null references tenants,
      period text not null check (period in ('day', 'month')), currency text not null,
      amount numeric(20, 6) not null, created_at timestamptz not null,
      unique (tenant_id, currency, period, amount));
    create index budgets_of_tenant on budgets (tenant_id, id);
    create table budget_alerts (
      budget_id text not null references budgets on delete cascade, period_key text not null,
      tenant_id text not null, spent numeric not null, exceeded_at timestamptz not null,
      emitted_at timestamptz, primary key (budget_id, period_key));
    create index budget_alerts_unemitted on budget_alerts (tenant_id) where emitted_at is null;`);
}

/** Takes the tables away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`drop table budget_alerts, budgets, spending, costs, import_items, imports;`);
}
