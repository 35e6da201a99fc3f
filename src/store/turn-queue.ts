import type { Knex } from 'knex';
import type { EndpointRow } from './delivery-tables.ts';

/** The cycle of a delivery that waits for its turn. */
export interface TurnCycle {
  readonly id: string;
  readonly cycle: number;
}

/** The limits of an endpoint. */
export type Limits = Pick<EndpointRow, 'id' | 'rate_limit' | 'in_flight_max'>;

/** The time in milliseconds since 1970: one clock for all workers. */
export type Clock = (tx: Knex) => Promise<number>;

/** How long a place is kept for one that was called; one whose workflow is gone leaves it unused so long. */
const callMs = 5000;

/** How many that will never come are taken away at a time. */
const staleMax = 500;

/**
 * Lock the turns of an endpoint for the rest of the transaction: before any of their rows, so that
 * two can't deadlock.
 *
 * @returns when what was let go is due at the endpoint's rate, in milliseconds since 1970
 */
export async function lockLimits(
  tx: Knex,
  { id, rate_limit, in_flight_max }: Limits,
): Promise<number> {
  const lock = async (): Promise<{ until: number | null } | undefined> =>
    tx('endpoint_limits')
      .where({ endpoint_id: id })
      .forUpdate()
      .first(tx.raw(`${ms('sent_until')} as until`));
  const found = await lock();
  if (found) return found.until ?? 0;
  await tx('endpoint_limits')
    .insert({ endpoint_id: id, rate_limit, in_flight_max })
    .onConflict('endpoint_id')
    .ignore();
  return (await lock())?.until ?? 0;
}

/**
 * Give back what deliveries were given, and their places to the next. Safe to repeat.
 *
 * @returns those that have a place now, and are to be told
 */
export async function leaveTurns(
  db: Knex,
  leaving: readonly TurnCycle[],
  clock: Clock = databaseClock,
): Promise<readonly TurnCycle[]> {
  const own: (TurnCycle & { endpoint_id: string })[] = await db('delivery_turns')
    .whereIn(['delivery_id', 'cycle'], leaving.map(keyOf))
    .select('delivery_id as id', 'cycle', 'endpoint_id');
  const called: TurnCycle[] = [];
  for (const id of new Set(own.map((turn) => turn.endpoint_id))) {
    const turns = own.filter((turn) => turn.endpoint_id === id);
    called.push(...(await leaveEndpoint(db, { id, turns, clock })));
  }
  return called;
}

async function leaveEndpoint(
  db: Knex,
  { id, turns, clock }: { id: string; turns: readonly TurnCycle[]; clock: Clock },
): Promise<readonly TurnCycle[]> {
  const endpoint = await db('endpoints').where({ id }).first('id', 'rate_limit', 'in_flight_max');
  if (!endpoint || endpoint.in_flight_max === null) {
    await remove(db, turns);
    return [];
  }
  const max = endpoint.in_flight_max;
  return db.transaction(async (tx) => {
    await lockLimits(tx, endpoint);
    await remove(tx, turns);
    const now = await clock(tx);
    const { rows } = await tx.raw<{ rows: [{ taken: number }] }>(
      `select count(*)::integer as taken from delivery_turns
       where endpoint_id = ? and place_until > ${at('?')}`,
      [id, now],
    );
    return callWaiting(tx, { endpointId: id, free: max - rows[0].taken, now });
  });
}

export const databaseClock: Clock = async (tx) => {
  const { rows } = await tx.raw<{ rows: [{ now: number }] }>(
    `select ${ms('clock_timestamp()')} as now`,
  );
  return rows[0].now;
};

interface Calling {
  readonly endpointId: string;
  /** How many places there are to give. */
  readonly free: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Give free places to those that wait, in the order of arrival. One whose cycle has ended without it
 * is taken away.
 *
 * @returns those that have a place now
 */
export async function callWaiting(
  tx: Knex,
  { endpointId, free, now }: Calling,
): Promise<readonly TurnCycle[]> {
  if (free <= 0) return [];
  let waiting = await listWaiting(tx, endpointId, free);
  while (waiting.some(({ is_live }) => !is_live)) {
    await remove(
      tx,
      waiting.filter(({ is_live }) => !is_live),
    );
    waiting = await listWaiting(tx, endpointId, Math.max(free, staleMax));
  }
  const first = waiting.slice(0, free);
  if (first.length === 0) return [];
  await tx('delivery_turns')
    .whereIn(['delivery_id', 'cycle'], first.map(keyOf))
    .update({ place_until: new Date(now + callMs) });
  return first;
}

async function listWaiting(
  tx: Knex,
  endpointId: string,
  limit: number,
): Promise<(TurnCycle & { readonly is_live: boolean })[]> {
  const { rows } = await tx.raw<{ rows: (TurnCycle & { is_live: boolean })[] }>(
    `select t.delivery_id as id, t.cycle,
       coalesce(d.cycle = t.cycle and d.state in ('pending', 'retrying'), false) as is_live
     from delivery_turns t
     left join deliveries d on d.id = t.delivery_id and d.created_at = t.delivery_created_at
     where t.endpoint_id = ? and t.go_at is null and t.place_until is null
     order by t.asked_at, t.delivery_id limit ?`,
    [endpointId, limit],
  );
  return rows;
}

/** Locked in order first, so that two who take away the same can't deadlock. */
async function remove(db: Knex, turns: readonly TurnCycle[]): Promise<void> {
  await db.raw(
    `delete from delivery_turns t
     using (select t.delivery_id, t.cycle from delivery_turns t
            join json_to_recordset(?) as r(id text, cycle integer)
              on t.delivery_id = r.id and t.cycle = r.cycle
            order by t.delivery_id, t.cycle for update of t) as gone
     where t.delivery_id = gone.delivery_id and t.cycle = gone.cycle`,
    [JSON.stringify(turns)],
  );
}

function keyOf({ id, cycle }: TurnCycle): [string, number] {
  return [id, cycle];
}

/** An instant as milliseconds since 1970, with their fractions: a step of a rate may be shorter. */
export function ms(instant: string): string {
  return `cast(extract(epoch from ${instant}) * 1000 as float8)`;
}

/** The other way round. */
export function at(milliseconds: string): string {
  return `to_timestamp(cast(${milliseconds} as float8) / 1000)`;
}
