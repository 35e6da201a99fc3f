import type { Knex } from 'knex';

/** An index for each way in which deliveries are narrowed, and what an endpoint holds back. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index deliveries_of_state on deliveries (tenant_id, state, id);
    create index deliveries_of_type on deliveries (tenant_id, event_type, id);
    create index deliveries_parked on deliveries (endpoint_id, id) where state = 'parked';`);
}

/** Takes the indexes away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw('drop index deliveries_parked, deliveries_of_type, deliveries_of_state');
}
