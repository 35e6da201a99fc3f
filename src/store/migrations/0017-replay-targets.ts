import type { Knex } from 'knex';

/** Replays that send to another endpoint, or again under new ids: such an item has a delivery of its own. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table replays
      add column target_endpoint_id text,
      add column ids text not null default 'keep' check (ids in ('keep', 'new')),
      add column is_estimated boolean not null default false;
    alter table replay_items add column delivery_id text;`);
}

/** Takes the columns away again; what such replays have sent stays. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table replays drop column target_endpoint_id, drop column ids, drop column is_estimated;
    alter table replay_items drop column delivery_id;`);
}
