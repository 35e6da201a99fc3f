import type { Knex } from 'knex';
import { workflowIdOf } from '../domain/cycle.ts';
import { datedIds } from '../domain/id.ts';
import type { DeliveryPokeRow } from './poke-tables.ts';

/** How long a poke belongs to the process that took it before another may deliver it. */
const pokeLeaseMs = 10_000;

/**
 * How many one process takes at a time: what it can't deliver waits for a lease. Told 32 at once and
 * for 2 s at most, they are told within it: another process would tell them a second time.
 */
const takenMax = 128;

/** The cycle of a delivery whose workflow is to look at its row. */
export interface PokedCycle {
  readonly id: string;
  readonly cycle: number;
  /** Not needed once an attempt of a higher number is recorded; null = needed in any case. */
  readonly afterNumber: number | null;
}

/** Note pokes in the transaction that changes the rows; the sweeper delivers them. Safe to repeat. */
export async function recordPokes(tx: Knex, cycles: readonly PokedCycle[]): Promise<void> {
  if (cycles.length === 0) return;
  await tx.raw(
    `insert into delivery_pokes (delivery_id, cycle, after_number, due_at)
     select p.id, p.cycle, p.after_number, now()
     from jsonb_to_recordset(?::jsonb) as p(id text, cycle integer, after_number integer)
     order by p.id, p.cycle -- Else two that note the same deadlock.
     on conflict (delivery_id, cycle) do update
     set pokes = delivery_pokes.pokes + 1, after_number = excluded.after_number, due_at = now()`,
    [
      JSON.stringify(
        cycles.map(({ id, cycle, afterNumber }) => ({ id, cycle, after_number: afterNumber })),
      ),
    ],
  );
}

/** A poke that the caller is to deliver within its lease. */
export type ClaimedPoke = DeliveryPokeRow & {
  /** What it was noted for has happened by itself. */
  readonly is_over: boolean;
};

/** Take pokes that are due, oldest first. Those that another process is taking are left alone. */
export async function claimPokes(db: Knex): Promise<ClaimedPoke[]> {
  const { rows } = await db.raw<{ rows: DeliveryPokeRow[] }>(
    `update delivery_pokes as p set due_at = now() + ${pokeLeaseMs} * interval '1 millisecond'
     from (select delivery_id, cycle from delivery_pokes where due_at <= now()
           order by due_at limit ${takenMax} for update skip locked) as taken
     where p.delivery_id = taken.delivery_id and p.cycle = taken.cycle
     returning p.*`,
  );
  const over = await listOver(db, rows);
  return rows.map((row) => ({
    ...row,
    is_over: over.has(workflowIdOf(row.delivery_id, row.cycle)),
  }));
}

/** The workflow ids of the cycles whose next attempt was made since their poke was noted. */
async function listOver(db: Knex, pokes: readonly DeliveryPokeRow[]): Promise<ReadonlySet<string>> {
  const bound = pokes.flatMap(({ delivery_id: id, cycle, after_number: after }) =>
    after === null ? [] : [{ id, cycle, after }],
  );
  if (bound.length === 0) return new Set();
  const { rows } = await db.raw<{ rows: { id: string; cycle: number }[] }>(
    `select p.id, p.cycle from deliveries d
     join jsonb_to_recordset(:bound::jsonb) as p(id text, cycle integer, after integer) on d.id = p.id
     where d.id = any(:ids) and d.created_at between :first and :last
       and (d.cycle > p.cycle or d.attempt_count > p.after)`,
    { bound: JSON.stringify(bound), ...datedIds(bound.map(({ id }) => id)) },
  );
  return new Set(rows.map(({ id, cycle }) => workflowIdOf(id, cycle)));
}

/** Their workflows were told, or have ended. What was noted again meanwhile stays. */
export async function setPoked(db: Knex, pokes: readonly DeliveryPokeRow[]): Promise<void> {
  if (pokes.length === 0) return;
  const keys = pokes.map(({ delivery_id, cycle, pokes: seen }) => [delivery_id, cycle, seen]);
  const told = db('delivery_pokes')
    .whereIn(['delivery_id', 'cycle', 'pokes'], keys)
    .select('delivery_id', 'cycle')
    .forUpdate()
    .skipLocked(); // Somebody notes it again.
  await db('delivery_pokes').whereIn(['delivery_id', 'cycle'], told).delete();
}
