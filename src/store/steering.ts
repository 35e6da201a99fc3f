import type { Knex } from 'knex';
import { datedIds, instantOf } from '../domain/id.ts';
import { steeredStates } from '../domain/steering.ts';
import type { SteeringMove } from '../domain/steering.ts';
import { closeAckWindows } from './acks.ts';
import { openNextCycles } from './cycles.ts';
import { matchingDeliveries } from './deliveries.ts';
import type { DeliveryFilter } from './deliveries.ts';
import type { DeliveryRow } from './delivery-tables.ts';
import { setProbes } from './outages.ts';
import { recordPokes } from './pokes.ts';
import { listRedriveNotes } from './redrive-notes.ts';

/** The deliveries of a filter that a move is possible for. */
export interface Steerable {
  readonly move: SteeringMove;
  readonly filter: DeliveryFilter;
  /** Only those with a later id; absent = all. */
  readonly after?: string | undefined;
}

/** How many there are. */
export async function countSteerable(
  db: Knex,
  tenantId: string,
  wanted: Steerable,
): Promise<number> {
  let sum = 0;
  // One after another: in a transaction they have one connection.
  for (const state of statesOf(wanted)) {
    const query = inState(db, tenantId, { ...wanted, state });
    const rows: { count: string }[] = await query.count({ count: '*' });
    sum += Number(rows[0]?.count ?? 0);
  }
  return sum;
}

/** Their rows, oldest first. Each state is read by its own index, so that a few are found among millions. */
export async function listSteerable(
  db: Knex,
  tenantId: string,
  { limit, ...wanted }: Steerable & { readonly limit: number },
): Promise<DeliveryRow[]> {
  const listed: DeliveryRow[] = [];
  for (const state of statesOf(wanted)) {
    const query = inState(db, tenantId, { ...wanted, state });
    listed.push(...(await query.select<DeliveryRow[]>('*').orderBy('id').limit(limit)));
  }
  return listed.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
}

function statesOf({ move, filter }: Steerable): readonly DeliveryRow['state'][] {
  const states: readonly DeliveryRow['state'][] = steeredStates[move];
  return filter.state === undefined ? states : states.filter((state) => state === filter.state);
}

function inState(
  db: Knex,
  tenantId: string,
  { move, filter, after, state }: Steerable & { readonly state: DeliveryRow['state'] },
): Knex.QueryBuilder {
  const query = db('deliveries').modify(matchingDeliveries, tenantId, { ...filter, state });
  if (after !== undefined) {
    void query.where('id', '>', after).where('created_at', '>=', instantOf(after) ?? new Date(0));
  }
  if (move === 'attempt_now' && state === 'parked') {
    void query.whereRaw(`last_reason is distinct from 'endpoint_paused'`);
  } else if (move === 'attempt_now') void query.where({ is_in_line: false });
  return query;
}

/** Lock the named deliveries of a tenant for the rest of the transaction, oldest first, whatever their state. */
export async function claimDeliveries(
  tx: Knex,
  tenantId: string,
  ids: readonly string[],
): Promise<DeliveryRow[]> {
  return named(tx, tenantId, ids).orderBy('id').forUpdate();
}

/** The same without a lock. */
export async function listNamedDeliveries(
  db: Knex,
  tenantId: string,
  ids: readonly string[],
): Promise<DeliveryRow[]> {
  return named(db, tenantId, ids).orderBy('id');
}

function named(db: Knex, tenantId: string, wanted: readonly string[]) {
  const { ids, first, last } = datedIds(wanted);
  return db('deliveries')
    .where({ tenant_id: tenantId })
    .whereRaw('id = any(?)', [ids])
    .whereBetween('created_at', [first, last]);
}

/**
 * What waits before it in its order: the oldest of its endpoint and key that has not ended.
 *
 * @returns undefined when none is left: its turn comes in this moment
 */
export async function findAhead(
  db: Knex,
  { id, endpoint_id, order_key }: DeliveryRow,
): Promise<string | undefined> {
  if (order_key === null) return undefined;
  const row = await db('deliveries')
    .where({ endpoint_id, order_key })
    .whereIn('state', [...steeredStates.cancel])
    .where('id', '<', id)
    .orderBy('id')
    .first('id');
  return row?.id;
}

/**
 * Make the next attempt of locked deliveries due. What is under way is poked, what was not started is
 * started at once, what is held back is let go: in its next cycle when it was ever started, because
 * Temporal does not start an id twice.
 */
export async function setDue(tx: Knex, rows: readonly DeliveryRow[]): Promise<void> {
  const started = rows.filter((row) => row.state !== 'parked' && row.started_at !== null);
  await closeAckWindows(tx, started);
  await change(tx, started, 'next_attempt_at = now()');
  await recordPokes(
    tx,
    started.map((row) => ({ ...row, afterNumber: row.attempt_count })),
  );
  const unstarted = rows.filter((row) => row.state !== 'parked' && row.started_at === null);
  await change(tx, unstarted, 'start_after = now()');
  const parked = rows.filter(({ state }) => state === 'parked');
  await change(
    tx,
    parked,
    `state = 'pending', cycle = case when d.started_at is null then d.cycle else d.cycle + 1 end,
     attempt_count = 0, last_reason = null, next_attempt_at = null, started_at = null,
     ended_at = null, start_after = now(), is_in_line = d.order_key is not null,
     schedule_ms = (select schedule_ms from endpoints e where e.id = d.endpoint_id)`,
  );
  await setProbes(tx, parked);
}

/** End the cycle of locked deliveries: nothing more is sent of it. */
export async function setCancelledByOperator(
  tx: Knex,
  rows: readonly DeliveryRow[],
): Promise<void> {
  await closeAckWindows(tx, rows);
  await change(
    tx,
    rows,
    `state = 'cancelled', last_reason = 'operator', next_attempt_at = null, ended_at = now()`,
  );
  await pokeUnderWay(tx, rows);
}

/**
 * Hold locked deliveries back until somebody lets go of each, without using up an attempt.
 *
 * `started_at` is set, but of what waits in line: it may be being started in this moment.
 */
export async function setHeld(tx: Knex, rows: readonly DeliveryRow[]): Promise<void> {
  await closeAckWindows(tx, rows);
  await change(
    tx,
    rows,
    `state = 'parked', last_reason = 'held', next_attempt_at = null,
     started_at = case when d.is_in_line then d.started_at else coalesce(d.started_at, now()) end`,
  );
  await pokeUnderWay(tx, rows);
}

/** Their workflows end when they look at their rows. */
async function pokeUnderWay(tx: Knex, rows: readonly DeliveryRow[]): Promise<void> {
  const underWay = rows.filter((row) => row.state !== 'parked' && row.started_at !== null);
  await recordPokes(
    tx,
    underWay.map((row) => ({ ...row, afterNumber: null })),
  );
}

async function change(tx: Knex, rows: readonly DeliveryRow[], set: string): Promise<void> {
  if (rows.length === 0) return;
  await tx.raw(
    `update deliveries d set ${set}
     where d.id = any(:ids) and d.created_at between :first and :last`,
    datedIds(rows.map(({ id }) => id)),
  );
}

/**
 * Open the next cycle of deliveries that have ended, with their dead letters, which are locked first:
 * so is everywhere, else two deadlock. What could only end without an attempt is left as it is.
 *
 * @returns the ids of those that were opened, and what there is to say of some; others went on meanwhile
 */
export async function setRedrivenDeliveries(
  tx: Knex,
  rows: readonly DeliveryRow[],
  { by, reason }: { readonly by: string; readonly reason: string | undefined },
): Promise<{
  readonly redriven: ReadonlySet<string>;
  readonly notes: ReadonlyMap<string, string>;
}> {
  const subjectIds = rows.map(({ id }) => id);
  await tx('failed_cycles')
    .whereIn('subject_id', subjectIds)
    .where({ state: 'open' })
    .orderBy(['died_at', 'id'])
    .select('id')
    .forUpdate();
  const { refused, waiting } = await listRedriveNotes(tx, rows);
  const sendable = rows.filter(({ id }) => !refused.has(id));
  const redriven = await openNextCycles(
    tx,
    sendable.map(({ id, cycle: from }) => ({ id, from })),
  );
  await tx('failed_cycles')
    .whereIn('subject_id', [...redriven])
    .where({ state: 'open' })
    .update({
      state: 'redriven',
      settled_at: tx.fn.now(),
      settled_by: by,
      settled_reason: reason ?? null,
    });
  return { redriven, notes: new Map([...refused, ...waiting]) };
}
