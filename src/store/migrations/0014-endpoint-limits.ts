import type { Knex } from 'knex';

/** What is in order by key, found at once however many wait; and who waits for the limits of an endpoint. */
export async function up(db: Knex): Promise<void> {
  await db.raw(lines);
  await db.raw(limits);
}

// One index has what waits in line, the other what is under way: of each key one at most.
const lines = `
create index deliveries_in_line on deliveries (endpoint_id, order_key, id)
  where is_in_line and state = 'pending';
create index deliveries_out_of_line on deliveries (endpoint_id, order_key)
  where order_key is not null and (state = 'retrying' or (state = 'pending' and not is_in_line));`;

const limits = `
create table endpoint_limits (
  endpoint_id text primary key, rate_limit integer, in_flight_max integer, sent_until timestamptz);
create table delivery_turns (
  delivery_id text not null, cycle integer not null, delivery_created_at timestamptz not null,
  endpoint_id text not null, asked_at timestamptz not null, go_at timestamptz,
  place_until timestamptz, primary key (delivery_id, cycle));
create index delivery_turns_waiting on delivery_turns (endpoint_id, asked_at, delivery_id)
  where go_at is null and place_until is null;
create index delivery_turns_placed on delivery_turns (endpoint_id, place_until)
  where place_until is not null;
create index delivery_turns_planned on delivery_turns (endpoint_id, go_at) where go_at is not null;
create index delivery_turns_by_age on delivery_turns (asked_at);`;

/** Takes the tables and the indexes away again. */
export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table delivery_turns, endpoint_limits;
    drop index deliveries_out_of_line, deliveries_in_line;`);
}
