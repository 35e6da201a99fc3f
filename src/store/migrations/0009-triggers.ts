import type { Knex } from 'knex';

/**
 * Triggers that are saved through the API, that can be held by the platform, and whose definition
 * says more. Definitions of before are brought into the form of today. A replay says by which
 * revision it starts trigger runs again.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table triggers alter column file drop not null, add column quarantine text;
    alter table trigger_revisions add column created_by text;
    alter table trigger_runs add column is_guarded boolean not null default false;
    alter table events add column depth smallint not null default 0;
    alter table replays add column revision text not null default 'as_then';
    update trigger_revisions set definition = definition - 'source' - 'events' || jsonb_build_object(
      'on', jsonb_build_array(jsonb_build_object(
        'source', definition->'source', 'events', definition->'events', 'as', null, 'when', null)),
      'join', null, 'dedupe', null, 'debounce', null, 'concurrency', null, 'throttle', null,
      'timeoutMs', null, 'retry', null, 'mode', 'active')
    where jsonb_exists(definition, 'source');`);
}

/** Takes the columns away again; triggers without a file go, definitions stay in their new form. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    delete from trigger_revisions where trigger_id in (select id from triggers where file is null);
    delete from triggers where file is null;
    alter table triggers alter column file set not null, drop column quarantine;
    alter table trigger_revisions drop column created_by;
    alter table replays drop column revision;
    alter table events drop column depth;
    alter table trigger_runs drop column is_guarded;`);
}
