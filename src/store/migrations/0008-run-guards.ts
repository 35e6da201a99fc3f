import type { Knex } from 'knex';

/**
 * What holds trigger runs back. Every question that is asked under a lock reads one key's unfinished
 * runs, so its cost does not grow with what has ended.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table run_guards (
      run_id text primary key, trigger_id text not null, dedupe_key text, debounce_key text,
      lane_key text, throttle_key text, join_key text, part text, cycle integer not null,
      join_until timestamptz, joined_at timestamptz, passed_at timestamptz, lane_at timestamptz,
      admitted_at timestamptz, ended_at timestamptz, replaced_by text, seen_at timestamptz);
    create index run_guards_of_join on run_guards (trigger_id, join_key, run_id)
      where ended_at is null and joined_at is null;
    create index run_guards_of_dedupe on run_guards (trigger_id, dedupe_key, run_id)
      where ended_at is null;
    create index run_guards_of_debounce on run_guards (trigger_id, debounce_key, run_id)
      where ended_at is null;
    create index run_guards_of_lane on run_guards (trigger_id, lane_key, run_id)
      where ended_at is null;
    create index run_guards_of_holder on run_guards (trigger_id, lane_key, run_id)
      where ended_at is null and lane_at is not null;
    create table join_parts (
      run_id text not null, part text not null, event_id text not null, primary key (run_id, part));
    create table run_dedupes (
      trigger_id text not null, key text not null, run_id text not null, until timestamptz not null,
      primary key (trigger_id, key));
    create index run_dedupes_of_run on run_dedupes (run_id);
    create table throttle_slots (
      run_id text not null, cycle integer not null, trigger_id text not null, key text not null,
      go_at timestamptz not null, has_begun boolean not null default false,
      primary key (run_id, cycle));
    create index throttle_slots_of_key on throttle_slots (trigger_id, key, go_at);`);
}

/** Takes the tables away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`drop table throttle_slots, run_dedupes, join_parts, run_guards;`);
}
