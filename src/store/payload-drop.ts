import type { Knex } from 'knex';
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
    bare: { response_headers: `'{}'`, response_body: `''` },
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

/**
 * Drop the payloads of a day: its partitions are replaced by ones that hold the rest of the rows, so
 * that the space comes back at once. Safe to repeat.
 *
 * One table after the other: what is exchanged is locked for all its days until the transaction ends,
 * and must not wait for another copy. Events are last, they say that a day is done.
 */
export async function dropPayloads(
  db: Knex,
  day: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<void> {
  for (const table of ['attempts', 'events'] as const) {
    await db.transaction(async (tx) => {
      await tx.raw(limits);
      if (await hasPartition(tx, table, day.startsAt)) await replace(tx, table, day);
    });
  }
}

async function hasPartition(tx: Knex, table: PayloadTable, startsAt: Date): Promise<boolean> {
  const name = partitionOf(table, startsAt);
  const { rows } = await tx.raw<{ rows: { oid: string | null }[] }>(
    'select to_regclass(?) as oid',
    [name],
  );
  return rows[0]?.oid !== null;
}

/**
 * Readers go on until the exchange at the end, which moves no row: the check on the new partition
 * spares PostgreSQL the look at each of them.
 */
async function replace(
  tx: Knex,
  table: PayloadTable,
  { startsAt, endsAt }: Pick<RetainedDay, 'startsAt' | 'endsAt'>,
): Promise<void> {
  const { by, bare } = bareForms[table];
  const name = partitionOf(table, startsAt);
  const made = `${name}_bare`;
  const [from, to] = [startsAt.toISOString(), endsAt.toISOString()];
  const columns = await columnsOf(tx, table);
  const values = columns.map((column) => bare[column] ?? `"${column}"`);
  await tx.raw(`
    lock table ${name} in share row exclusive mode;
    create table ${made} (like ${name} including all);
    alter table ${made} add constraint ${made}_day
      check (${by} is not null and ${by} >= '${from}' and ${by} < '${to}');
    insert into ${made} (${columns.map((column) => `"${column}"`).join(', ')})
      select ${values.join(', ')} from ${name};
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
