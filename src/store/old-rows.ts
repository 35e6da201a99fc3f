import type { Knex } from 'knex';
import { endedRunStates } from '../domain/cycle.ts';
import { idBound } from '../domain/id.ts';
import { lockFreeDay } from './day-locks.ts';
import { dedupeHours } from './dedupe-keys.ts';
import { listRetainedDays, partitionOf } from './retained-days.ts';
import type { RetainedDay } from './retained-days.ts';

/** How many rows one statement deletes: it holds no lock for long. */
const batchRows = 5000;

const dayTables = ['attempts', 'deliveries', 'events'] as const;

/**
 * Drop the partitions of a day with everything in them, and the settled dead letters of its deliveries,
 * unless something of it is open. Safe to repeat.
 *
 * @returns false when something is open: nothing was dropped
 * @throws when the day is busy
 */
export async function dropDay(
  db: Knex,
  day: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<boolean> {
  const tx = await db.transaction();
  try {
    await tx.raw(`set local statement_timeout = '5min'`);
    await deleteLetters(tx, day);
    const isFree = await lockFreeDay(tx, day, dayTables);
    if (isFree) await dropPartitions(tx, day);
    await (isFree ? tx.commit() : tx.rollback());
    return isFree;
  } catch (error) {
    await tx.rollback();
    throw error;
  }
}

async function dropPartitions(
  tx: Knex,
  day: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<void> {
  await deleteLetters(tx, day); // The few that were settled meanwhile.
  for (const table of dayTables) {
    await tx.raw('drop table if exists ??', [partitionOf(table, day.startsAt)]);
  }
}

async function deleteLetters(
  tx: Knex,
  { startsAt, endsAt }: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<void> {
  await tx('failed_cycles')
    .where('subject_id', '>=', idBound('dlv', startsAt))
    .where('subject_id', '<', idBound('dlv', endsAt))
    .whereNot({ state: 'open' })
    .delete();
}

/**
 * Delete what is not filed by day and belongs to events before an instant: ended runs with their
 * settled dead letters and what their guards kept, ended sessions, imports and replays. What is open
 * stays, and what belongs to the events of a day that is still there.
 *
 * @param before - the beginning of a day: what happened on it is kept as long as its events
 * @returns how many rows
 */
export async function deleteRowsBefore(db: Knex, before: Date): Promise<number> {
  const kept = (await listRetainedDays(db)).filter(({ startsAt }) => startsAt < before);
  const bindings = {
    before,
    event: idBound('evt', before),
    keptFrom: kept.map(({ startsAt }) => idBound('evt', startsAt)),
    keptTo: kept.map(({ endsAt }) => idBound('evt', endsAt)),
    batch: batchRows,
  };
  let deleted = 0;
  for (const statement of statements) deleted += await inBatches(db, statement, bindings);
  return deleted;
}

/** Its event is of a day that is gone. */
const isOld = `event_id < :event and not exists (
  select from unnest(:keptFrom::text[], :keptTo::text[]) as kept (first, past)
  where event_id >= first and event_id < past)`;

/** Those without a rule of their own would go on as orphans: what belongs to a row goes first. */
const statements = [
  `delete from failed_cycles where id in (
     select id from failed_cycles
     where kind = 'trigger_run' and state <> 'open' and ${isOld} limit :batch)`,
  `with gone as (
     delete from trigger_runs where id in (
       select id from trigger_runs r
       where ${isOld} and state in (${endedRunStates.map((state) => `'${state}'`).join(', ')})
         and not exists (select from failed_cycles f where f.subject_id = r.id) limit :batch
       for update skip locked)
     returning id),
   guards as (delete from run_guards where run_id in (select id from gone)),
   parts as (delete from join_parts where run_id in (select id from gone)),
   dedupes as (delete from run_dedupes where run_id in (select id from gone)),
   slots as (delete from throttle_slots where run_id in (select id from gone))
   select id from gone`,
  `delete from session_entries where (session_id, number) in (
     select e.session_id, e.number from sessions s join session_entries e on e.session_id = s.id
     where s.archived_at < :before limit :batch)`,
  `delete from sessions where id in (
     select id from sessions s where archived_at < :before
       and not exists (select from session_entries e where e.session_id = s.id) limit :batch)`,
  `delete from import_items where (import_id, position) in (
     select t.import_id, t.position from imports i join import_items t on t.import_id = i.id
     where i.ended_at < :before limit :batch)`,
  `delete from imports where id in (
     select id from imports i where ended_at < :before
       and not exists (select from import_items t where t.import_id = i.id) limit :batch)`,
  `delete from replay_items where (replay_id, subject_id) in (
     select t.replay_id, t.subject_id from replays r join replay_items t on t.replay_id = r.id
     where r.ended_at < :before limit :batch)`,
  `delete from replays where id in (
     select id from replays r where ended_at < :before
       and not exists (select from replay_items t where t.replay_id = r.id) limit :batch)`,
  // One that holds for ever is of no use when nothing of its event is left.
  `delete from dedupe_keys where (owner, dedupe_id) in (
     select owner, dedupe_id from dedupe_keys
     where accepted_at < now() - interval '${dedupeHours} hours'
       or (accepted_at = 'infinity' and ${isOld}) limit :batch)`,
  `delete from run_dedupes where (trigger_id, key) in (
     select trigger_id, key from run_dedupes where until < now() - interval '1 day' limit :batch)`,
] as const;

async function inBatches(
  db: Knex,
  statement: string,
  bindings: Readonly<Record<string, Knex.Value | readonly string[]>>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const rowCount = await db.transaction(async (tx) => {
      // Not all have an index by age, which every write would pay for: a look at all of them takes longer.
      await tx.raw(`set local statement_timeout = '5min'`);
      return (await tx.raw<{ rowCount: number }>(statement, bindings)).rowCount;
    });
    total += rowCount;
    if (rowCount === 0) return total;
  }
}
