import type { Knex } from 'knex';
import { lockFreeDay } from './day-locks.ts';
import type { RetainedDay } from './retained-days.ts';
import { partitionOf, payloadsDropped } from './retained-days.ts';

/** What is left of a table's rows when their payload is gone, and the column that files them by day. */
const bareForms: Readonly<Record<'attempts' | 'events', BareForm>> = {
  events: {
    by: 'received_at',
    bare: {
      headers: `'{}'`,
      query: `''`,
      body: `''`,
      payload_dropped_at: 'coalesce(payload_dropped_at, now())',
      payload_dropped_for: `coalesce(payload_dropped_for, 'age')`,
    },
  },
  attempts: {
    by: 'delivery_created_at',
    bare: { response_headers: `'{}'`, response_body: `''`, ack_detail: 'null' },
  },
};

type PayloadTable = keyof typeof bareForms;

interface BareForm {
  readonly by: string;
  /** Expressions of the columns that do not stay as they are. */
  readonly bare: Readonly<Record<string, string>>;
}

/** Copying a day may take minutes; waiting for its locks may not: everything else would wait behind. */
const limits = `set local statement_timeout = '10min'; set local lock_timeout = '2s'`;

type Day = Pick<RetainedDay, 'startsAt' | 'endsAt'>;

/**
 * Drop the payloads of a day, unless something of it is open: its partitions are replaced by ones that
 * hold the rest of the rows, so that the space comes back at once. Safe to repeat.
 *
 * What is exchanged is locked for all its days until the transaction ends, so all is copied before.
 *
 * @returns false when something is open: nothing was dropped
 * @throws when the day is busy
 */
export async function dropPayloads(db: Knex, day: Day): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.raw(limits);
    const tables: PayloadTable[] = [];
    for (const table of ['attempts', 'events'] as const) {
      if (await hasPartition(tx, table, day.startsAt)) tables.push(table);
    }
    for (const table of tables) await copy(tx, table, day);
    const isFree = await lockFreeDay(tx, day, tables); // What was opened during the copy is seen.
    for (const table of tables) {
      if (isFree) await exchange(tx, table, day);
      else await tx.raw('drop table ??', [copyOf(table, day)]);
    }
    return isFree;
  });
}

async function hasPartition(tx: Knex, table: PayloadTable, startsAt: Date): Promise<boolean> {
  const name = partitionOf(table, startsAt);
  const { rows } = await tx.raw<{ rows: { oid: string | null }[] }>(
    'select to_regclass(?) as oid',
    [name],
  );
  return rows[0]?.oid !== null;
}

function copyOf(table: PayloadTable, { startsAt }: Day): string {
  return `${partitionOf(table, startsAt)}_bare`;
}

/** Readers go on; who would write into the day waits. */
async function copy(tx: Knex, table: PayloadTable, day: Day): Promise<void> {
  const { by, bare } = bareForms[table];
  const name = partitionOf(table, day.startsAt);
  const made = copyOf(table, day);
  const [from, to] = [day.startsAt.toISOString(), day.endsAt.toISOString()];
  const columns = await columnsOf(tx, table);
  const values = columns.map((column) => bare[column] ?? `"${column}"`);
  await tx.raw(`
    lock table ${name} in share row exclusive mode;
    create table ${made} (like ${name} including all);
    alter table ${made} add constraint ${made}_day
      check (${by} is not null and ${by} >= '${from}' and ${by} < '${to}');
    insert into ${made} (${columns.map((column) => `"${column}"`).join(', ')})
      select ${values.join(', ')} from ${name};`);
}

/** Moves no row: the check on the new partition spares PostgreSQL the look at each of them. */
async function exchange(tx: Knex, table: PayloadTable, day: Day): Promise<void> {
  const name = partitionOf(table, day.startsAt);
  const made = copyOf(table, day);
  const [from, to] = [day.startsAt.toISOString(), day.endsAt.toISOString()];
  await tx.raw(`
    alter table ${table} detach partition ${name};
    drop table ${name};
    alter table ${made} rename to ${name};
    alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}');
    alter table ${name} drop constraint ${made}_day;
    comment on table ${name} is '${payloadsDropped}';`);
}

async function columnsOf(tx: Knex, table: PayloadTable): Promise<string[]> {
  const { rows } = await tx.raw<{ rows: { name: string }[] }>(
    `select attname as name from pg_attribute
     where attrelid = ?::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}
