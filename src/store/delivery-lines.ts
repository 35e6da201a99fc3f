import type { Knex } from 'knex';
import type { DeliveryRow } from './delivery-tables.ts';
import { startLeaseMs } from './starts.ts';

/** The deliveries of one endpoint that go one after another, in order of id. */
export type DeliveryLine = Pick<DeliveryRow, 'endpoint_id'> & { readonly order_key: string };

/** Of its line, it is the one whose workflow runs or is about to. */
const isUnderWay = `order_key is not null and (state = 'retrying' or (state = 'pending' and not is_in_line))`;

const isInLine = `is_in_line and state = 'pending'`;

/**
 * Let the first of a line go, unless one of it is under way or the first is held back: a parked one
 * keeps its line waiting. Safe to repeat.
 *
 * To be called when one of the line has ended, or joined it, and that is committed: it waits for
 * others who do the same, and locks the line before any row.
 *
 * @returns the one that may go, to be started by the caller; the sweeper starts it when it did not
 */
export async function advanceLine(db: Knex, line: DeliveryLine): Promise<DeliveryRow | undefined> {
  const { endpoint_id, order_key } = line;
  return db.transaction(async (tx) => {
    // A statement of its own: the next one is to see what the holder before has committed.
    await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
      `${endpoint_id}\n${order_key}`,
    ]);
    const { rows } = await tx.raw<{ rows: DeliveryRow[] }>(
      `update deliveries d
       set is_in_line = false, start_after = now() + ${startLeaseMs} * interval '1 millisecond'
       from (select id, created_at from deliveries
             where endpoint_id = :endpoint_id and order_key = :order_key
               and state in ('pending', 'retrying', 'parked')
             order by id limit 1) as head
       where d.id = head.id and d.created_at = head.created_at and d.${isInLine}
         and not exists (select 1 from deliveries
           where endpoint_id = :endpoint_id and order_key = :order_key and ${isUnderWay})
       returning d.*`,
      { endpoint_id, order_key },
    );
    return rows[0];
  });
}

/** As `advanceLine`, for the lines that deliveries have joined. One query tells those that go on by themselves. */
export async function advanceLines(
  db: Knex,
  joined: readonly DeliveryLine[],
): Promise<DeliveryRow[]> {
  if (joined.length === 0) return [];
  const lines = joined.map(({ endpoint_id, order_key }) => ({ endpoint_id, order_key }));
  // Whoever ends one that is under way here advances its line afterwards, and sees all that joined.
  const { rows } = await db.raw<{ rows: DeliveryLine[] }>(
    `select distinct l.endpoint_id, l.order_key
     from jsonb_to_recordset(?::jsonb) as l(endpoint_id text, order_key text)
     where not exists (select 1 from deliveries
       where endpoint_id = l.endpoint_id and order_key = l.order_key and ${isUnderWay})`,
    [JSON.stringify(lines)],
  );
  return advanceEach(db, rows);
}

/** Where a look at the lines begins, and how many it takes. */
export interface LinePage {
  /** The last line of the look before; null = from the first. */
  readonly after: DeliveryLine | null;
  readonly limit: number;
}

/**
 * As `advanceLine`, for the lines that nobody has advanced: a process died between an end and that,
 * or a person took away what kept them. A line costs the same, however many wait in it.
 *
 * @returns those that may go, and the last line that was looked at; null when there are no more
 */
export async function advanceIdleLines(
  db: Knex,
  { after, limit }: LinePage,
): Promise<{ readonly rows: DeliveryRow[]; readonly last: DeliveryLine | null }> {
  const next = (than: string) => `
    select endpoint_id, order_key from deliveries
    where ${isInLine} and (endpoint_id, order_key) > (${than})
    order by endpoint_id, order_key limit 1`;
  const { rows: lines } = await db.raw<{ rows: (DeliveryLine & { is_idle: boolean })[] }>(
    `with recursive line as (
       (select *, 1 as place from (${next(':endpointId, :orderKey')}) as n)
       union all
       select n.*, line.place + 1 from line,
         lateral (${next('line.endpoint_id, line.order_key')}) as n
       where line.place < :limit)
     select endpoint_id, order_key, not exists (
         select 1 from deliveries d where d.endpoint_id = line.endpoint_id
           and d.order_key = line.order_key and ${isUnderWay})
       and (select ${isInLine} from deliveries d where d.endpoint_id = line.endpoint_id
              and d.order_key = line.order_key and d.state in ('pending', 'retrying', 'parked')
            order by d.id limit 1) as is_idle
     from line`,
    { endpointId: after?.endpoint_id ?? '', orderKey: after?.order_key ?? '', limit },
  );
  const rows = await advanceEach(
    db,
    lines.filter(({ is_idle }) => is_idle),
  );
  return { rows, last: lines.length < limit ? null : (lines.at(-1) ?? null) };
}

/** One at a time: each holds the lock of one line only. */
async function advanceEach(db: Knex, lines: readonly DeliveryLine[]): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = [];
  for (const line of lines) {
    const row = await advanceLine(db, line);
    if (row) rows.push(row);
  }
  return rows;
}
