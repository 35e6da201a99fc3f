import type { Knex } from 'knex';

/** Nothing yet. */
export async function up(db: Knex): Promise<void> {
  await db.raw('select 1');
}

/** Nothing yet. */
export async function down(db: Knex): Promise<void> {
  await db.raw('select 1');
}
