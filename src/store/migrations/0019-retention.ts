import type { Knex } from 'knex';

/** When and why the payload of an event was dropped, and when old rows were last looked for. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table events
      add column payload_dropped_at timestamptz,
      add column payload_dropped_for text check (payload_dropped_for in ('age', 'request'));
    create table retention_passes (
      id boolean primary key default true check (id), ended_at timestamptz not null);
    create index join_parts_of_event on join_parts (event_id);`);
}

/** Takes the columns, the table and the index away again; what was dropped stays dropped. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index join_parts_of_event;
    drop table retention_passes;
    alter table events drop column payload_dropped_for, drop column payload_dropped_at;`);
}
