import type { Knex } from 'knex';

/** Who did what, and links that log a browser in. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table audit_log (
      id text primary key, tenant_id text not null references tenants, actor text not null,
      action text not null, subject text not null, detail jsonb not null, at timestamptz not null);
    create index audit_log_of_tenant on audit_log (tenant_id, id);
    create index audit_log_of_action on audit_log (tenant_id, action, id);
    create index audit_log_of_subject on audit_log (tenant_id, subject, id);
    create table login_links (
      id text primary key, hash bytea not null unique, tenant_id text not null references tenants,
      created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz);
    alter table api_keys add column last_used_at timestamptz, add column expires_at timestamptz;
    create index api_keys_of_tenant on api_keys (tenant_id, id);`);
}

/** Takes the tables and columns away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index api_keys_of_tenant;
    alter table api_keys drop column last_used_at, drop column expires_at;
    drop table login_links;
    drop table audit_log;`);
}
