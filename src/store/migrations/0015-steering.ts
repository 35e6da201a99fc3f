import type { Knex } from 'knex';

/** Deliveries that are to be told to look at their row, and what a consumer said when it refused one. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table delivery_pokes (
      delivery_id text not null, cycle integer not null, pokes integer not null default 1,
      after_number integer, due_at timestamptz not null, primary key (delivery_id, cycle));
    create index delivery_pokes_due on delivery_pokes (due_at);
    alter table attempts add column ack_detail text;`);
}

/** Takes the table and the column away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table attempts drop column ack_detail;
    drop table delivery_pokes;`);
}
