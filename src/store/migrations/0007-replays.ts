import type { Knex } from 'knex';

/**
 * Replays that can be paused, have a rate, and know how far they are without counting their items.
 *
 * The index by minute tells the speed of a running replay, the other lists its failures.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table replays
      add column rate integer not null default 20 check (rate between 1 and 500),
      add column created_by text,
      add column paused_at timestamptz,
      add column done integer not null default 0,
      add column failed integer not null default 0,
      add column from_row integer not null default 0,
      drop constraint replays_state_check,
      add constraint replays_state_check
        check (state in ('pending', 'running', 'paused', 'completed', 'cancelled', 'failed'));
    update replays set done = counted.done, failed = counted.failed, from_row = counted.from_row
    from (select replay_id,
                 count(*) filter (where cycle is not null and failure is null) as done,
                 count(*) filter (where failure is not null) as failed,
                 count(*) filter (where origin = 'row' and failure is null) as from_row
          from replay_items group by replay_id) as counted
    where replays.id = counted.replay_id;
    create index replays_of_tenant on replays (tenant_id, id);
    create index replay_items_of_minute on replay_items (replay_id, created_at);
    create index replay_items_failed on replay_items (replay_id, subject_id) where failure is not null;`);
}

/** Takes the columns and indexes away again; a paused replay becomes a running one. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index replays_of_tenant, replay_items_of_minute, replay_items_failed;
    update replays set state = 'running' where state = 'paused';
    alter table replays
      drop constraint replays_state_check,
      add constraint replays_state_check
        check (state in ('pending', 'running', 'completed', 'cancelled', 'failed')),
      drop column rate, drop column created_by, drop column paused_at, drop column done,
      drop column failed, drop column from_row;`);
}
