import type { Knex } from 'knex';

/**
 * An index for each way a list is narrowed: a page costs the same however much is stored.
 *
 * Types and keys are indexed as "C" text: a beginning of them is then a range, whatever the
 * collation of the database.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index events_of_source on events (tenant_id, source, id);
    create index events_of_type on events (tenant_id, type collate "C", id);
    create index events_of_integration on events (integration_id, id) where integration_id is not null;
    create index dedupe_keys_emitted on dedupe_keys (owner, dedupe_id collate "C")
      where owner like 'emit:%';
    create index trigger_runs_of_trigger on trigger_runs (tenant_id, trigger_id, id);
    create index trigger_runs_of_state on trigger_runs (tenant_id, state, id);`);
}

/** Takes the indexes away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index trigger_runs_of_state, trigger_runs_of_trigger, dedupe_keys_emitted,
      events_of_integration, events_of_type, events_of_source;`);
}
