import type { Knex } from 'knex';

/** Imports that ended before they were through: their workflow was ended in Temporal. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table imports
      drop constraint imports_state_check,
      add constraint imports_state_check
        check (state in ('pending', 'completed', 'cancelled', 'failed'));`);
}

/** Takes the states away again; what ended in them waits, as it did before. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    update imports set state = 'pending', ended_at = null where state in ('cancelled', 'failed');
    alter table imports
      drop constraint imports_state_check,
      add constraint imports_state_check check (state in ('pending', 'completed'));`);
}
