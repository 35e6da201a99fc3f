import type { Knex } from 'knex';

/** Who settled a dead letter and why, and what the statistics count without reading whole tables. */
export async function up(db: Knex): Promise<void> {
  await db.raw(deadLetters);
  await db.raw(statistics);
}

const deadLetters = `
alter table failed_cycles add column settled_by text, add column settled_reason text;
create index failed_cycles_by_state on failed_cycles (tenant_id, state, died_at, id) include (kind);
create index failed_cycles_of_endpoint on failed_cycles (endpoint_id, died_at, id) where endpoint_id is not null;
create index failed_cycles_of_event on failed_cycles (event_id);
create index failed_cycles_open on failed_cycles (tenant_id, event_id) where state = 'open';
create or replace view dead_letters as
  select id, tenant_id, kind, subject_id, cycle, event_id, event_type, endpoint_id, trigger, reason,
         died_at, state, settled_at, settled_by, settled_reason
  from failed_cycles;`;

// What waits or is dead is counted by state, on the indexes of the lists.
const statistics = `
create index deliveries_delivered on deliveries (tenant_id, ended_at) where state = 'delivered';
create index events_by_time on events (tenant_id, received_at) include (direction);
create index rejected_requests_by_time on rejected_requests (tenant_id, received_at) include (state);`;

/** Takes the columns and indexes away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index rejected_requests_by_time, events_by_time, deliveries_delivered,
      failed_cycles_open, failed_cycles_of_event, failed_cycles_of_endpoint, failed_cycles_by_state;
    drop view dead_letters;
    alter table failed_cycles drop column settled_by, drop column settled_reason;
    create view dead_letters as
      select id, tenant_id, kind, subject_id, cycle, event_id, event_type, endpoint_id, trigger, reason,
             died_at, state, settled_at
      from failed_cycles;`);
}
