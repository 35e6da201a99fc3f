import type { Knex } from 'knex';

/** An index for each way in which dead letters are narrowed: also for what few or none of them are. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index failed_cycles_of_kind on failed_cycles (tenant_id, kind, died_at, id);
    create index failed_cycles_of_reason on failed_cycles (tenant_id, reason, died_at, id);
    create index failed_cycles_of_type on failed_cycles (tenant_id, event_type, died_at, id);
    create index failed_cycles_of_trigger on failed_cycles (tenant_id, trigger, died_at, id)
      where trigger is not null;`);
}

/** Takes the indexes away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index failed_cycles_of_trigger, failed_cycles_of_type, failed_cycles_of_reason,
      failed_cycles_of_kind;`);
}
