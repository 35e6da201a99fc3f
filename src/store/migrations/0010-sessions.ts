import type { Knex } from 'knex';

/**
 * Sessions, what was said to them, and what they did.
 *
 * What others say is kept as `json`, not `jsonb`: that can't hold every text, and here it must come
 * back as it was.
 *
 * Steps are most of a session, so an index by kind would not help to find them; and PostgreSQL,
 * while its statistics are old, would take it to look for one report and read all steps.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table sessions (
      id text primary key, tenant_id text not null references tenants, name text not null, key text,
      user_id text not null, opener text, run_id text, event_id text,
      depth smallint not null default 0, input json not null,
      state text not null check (state in ('active', 'finished', 'archived')),
      entry_count integer not null default 0,
      cost numeric, currency text, artifacts json, failure text,
      created_at timestamptz not null, last_active_at timestamptz not null,
      finished_at timestamptz, archived_at timestamptz,
      created_event_id text, finished_event_id text, archived_event_id text,
      agent_started_at timestamptz, agent_cancelled_at timestamptz,
      pokes integer not null default 1, start_after timestamptz not null, started_at timestamptz);
    create unique index sessions_active on sessions (tenant_id, name, key)
      where state = 'active' and key is not null;
    create unique index sessions_opener on sessions (opener) where opener is not null;
    create index sessions_of_tenant on sessions (tenant_id, id);
    create index sessions_of_state on sessions (tenant_id, state, id);
    create index sessions_of_name on sessions (tenant_id, name, id);
    create index sessions_of_key on sessions (tenant_id, key, id) where key is not null;
    create index sessions_of_event on sessions (event_id) where event_id is not null;
    create index sessions_of_run on sessions (run_id) where run_id is not null;
    create index sessions_unstarted on sessions (start_after) where started_at is null;
    create table session_entries (
      session_id text not null references sessions, number integer not null,
      kind text not null
        check (kind in ('event', 'step', 'tool', 'finish', 'archive', 'error')),
      opener text, report_id text, event_id text, data json not null, at timestamptz not null,
      told_at timestamptz, primary key (session_id, number));
    create unique index session_entries_opener on session_entries (opener) where opener is not null;
    create unique index session_entries_report on session_entries (session_id, kind, report_id)
      where report_id is not null;
    create index session_entries_of_kind on session_entries (session_id, kind, number)
      where kind <> 'step';
    create index session_entries_untold on session_entries (session_id, number)
      where kind = 'event' and told_at is null;`);
}

/** Takes the tables away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`drop table session_entries, sessions;`);
}
