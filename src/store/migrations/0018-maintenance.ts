import type { Knex } from 'knex';

/**
 * What maintenance reads and where it stands, and what accounting holds against each other.
 *
 * The indexes hold what Temporal is said to work on: they are as small as that, however much has
 * ended.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table maintenance_positions (task text primary key, position text not null);
    create index deliveries_under_way on deliveries (id)
      where state in ('pending', 'retrying') and started_at is not null;
    create index trigger_runs_under_way on trigger_runs (id)
      where state in ('pending', 'running') and started_at is not null;
    create index sessions_under_way on sessions (id)
      where state <> 'archived' and started_at is not null;
    create index replays_under_way on replays (id)
      where state in ('pending', 'running', 'paused') and started_at is not null;
    create index imports_under_way on imports (id)
      where state = 'pending' and started_at is not null;
    alter table events add column planned_count integer;
    alter table failed_cycles add column has_workflow boolean not null default true;
    update failed_cycles f set has_workflow = false from trigger_runs r
      where r.id = f.subject_id and r.cycle = f.cycle and r.state = 'failed' and r.started_at is null;`);
}

/** Takes the table, the indexes and the column away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table failed_cycles drop column has_workflow;
    alter table events drop column planned_count;
    drop index imports_under_way, replays_under_way, sessions_under_way, trigger_runs_under_way,
      deliveries_under_way;
    drop table maintenance_positions;`);
}
