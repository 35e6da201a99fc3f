import type { Knex } from 'knex';
import { idBound } from '../domain/id.ts';
import type { DayHolds } from '../domain/retention.ts';

const dayMs = 86_400_000;

/** What the comment of a partition says when its payloads are gone. */
export const payloadsDropped = 'payloads dropped';

/** A day (UTC) of which something is stored. */
export interface RetainedDay {
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Of its partitions, indexes included. */
  readonly bytes: number;
  readonly arePayloadsDropped: boolean;
}

/** The days of which there are partitions, oldest first. */
export async function listRetainedDays(db: Knex): Promise<RetainedDay[]> {
  const { rows } = await db.raw<{ rows: { day: string; bytes: string; is_dropped: boolean }[] }>(
    `select right(c.relname, 8) as day, sum(pg_total_relation_size(c.oid)) as bytes,
            coalesce(bool_or(obj_description(c.oid, 'pg_class') = '${payloadsDropped}')
              filter (where p.relname = 'events'), false) as is_dropped
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where i.inhparent in ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass)
     group by 1 order by 1`,
  );
  return rows.map(({ day, bytes, is_dropped: arePayloadsDropped }) => {
    const [, year, month, date] = /^(\d{4})(\d\d)(\d\d)$/.exec(day) ?? [];
    const startsAt = new Date(`${year}-${month}-${date}T00:00:00Z`);
    const endsAt = new Date(startsAt.getTime() + dayMs);
    return { startsAt, endsAt, bytes: Number(bytes), arePayloadsDropped };
  });
}

/** The name of a day's partition: `events_20260131`. */
export function partitionOf(table: string, startsAt: Date): string {
  return `${table}_${startsAt.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/**
 * What is open of deliveries, by the indexes that hold only that: of a day that is done they hold
 * nothing, while all of its rows take seconds to look at. One that is tried again was started.
 */
const openConditions = [
  `state in ('pending', 'retrying') and started_at is not null`,
  `state = 'pending' and started_at is null and not is_in_line`,
  `state = 'pending' and is_in_line`,
  `state = 'parked'`,
];

/** Open deliveries of the day or of its events, which an endpoint may have got much later. */
const openDeliveries = openConditions
  .flatMap((isOpen) => [
    `select id from deliveries where ${isOpen} and event_id >= :from and event_id < :to`,
    `select id from deliveries where ${isOpen} and created_at >= :startsAt and created_at < :endsAt`,
  ])
  .join(' union ');

/** One that runs was started. A join has events of other days than its own. */
const openRuns = `
  select id from trigger_runs where state in ('pending', 'running') and started_at is not null
    and event_id >= :from and event_id < :to
  union select id from trigger_runs where state = 'pending' and started_at is null
    and event_id >= :from and event_id < :to
  union select r.id from join_parts p join trigger_runs r on r.id = p.run_id
    where p.event_id >= :from and p.event_id < :to and r.state in ('pending', 'running')`;

/** A delivery that a replay made may be of a later day than its event. */
const openLetters = `
  select id from failed_cycles where state = 'open' and event_id >= :from and event_id < :to
  union select id from failed_cycles
    where state = 'open' and subject_id >= :fromDelivery and subject_id < :toDelivery
  union select f.id from join_parts p join failed_cycles f on f.subject_id = p.run_id
    where p.event_id >= :from and p.event_id < :to and f.state = 'open'`;

/** Those that the day's events opened, and those that are still to be told of one. */
const openSessions = `
  select id from sessions where state = 'active' and event_id >= :from and event_id < :to
  union select s.id from session_entries e join sessions s on s.id = e.session_id
    where e.kind = 'event' and e.told_at is null and e.event_id >= :from and e.event_id < :to
      and s.state = 'active'`;

const openReplays = `
  select id from replays where state in ('pending', 'running', 'paused')
    and (filter->>'from')::timestamptz < :endsAt and (filter->>'to')::timestamptz > :startsAt`;

/**
 * How much of a day is not done yet: what is still to be sent or run of its events, whenever that was
 * planned, what a person has not settled, and what is to be replayed. On indexes: an id carries its
 * instant.
 */
export async function countHolds(
  db: Knex,
  { startsAt, endsAt }: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<DayHolds> {
  const [row] = (
    await db.raw<{ rows: DayHolds[] }>(
      `select (select count(*)::integer from (${openDeliveries}) as o) as deliveries,
              (select count(*)::integer from (${openRuns}) as o) as trigger_runs,
              (select count(*)::integer from (${openLetters}) as o) as dead_letters,
              (select count(*)::integer from (${openSessions}) as o) as sessions,
              (select count(*)::integer from (${openReplays}) as o) as replays`,
      {
        from: idBound('evt', startsAt),
        to: idBound('evt', endsAt),
        fromDelivery: idBound('dlv', startsAt),
        toDelivery: idBound('dlv', endsAt),
        startsAt,
        endsAt,
      },
    )
  ).rows;
  if (!row) throw new Error(`What holds the day ${startsAt.toISOString()} was not counted`);
  return row;
}

/** Note that a pass over everything old has ended. */
export async function setRetentionPassed(db: Knex, endedAt: Date): Promise<void> {
  await db('retention_passes').insert({ id: true, ended_at: endedAt }).onConflict('id').merge();
}

/** When the last pass ended; null = there was none. */
export async function findRetentionPassed(db: Knex): Promise<Date | null> {
  return (await db('retention_passes').first())?.ended_at ?? null;
}
