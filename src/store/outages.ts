import type { Knex } from 'knex';
import {
  drainPatienceMs,
  drainStepMax,
  drainStepMs,
  probeWaitMs,
} from '../domain/endpoint-health.ts';
import { deliveryKey } from './deliveries.ts';
import type { DeliveryRow, EndpointRow } from './delivery-tables.ts';
import type { FailingEndpointRow } from './endpoint-health-tables.ts';
import { setParkedPending } from './parked-deliveries.ts';
import { letGo } from './waiting-deliveries.ts';

/**
 * Hold a delivery back because its endpoint does not answer, or lets go of others before it: its
 * cycle ends without a POST and without using up an attempt.
 *
 * Locks the row of the outage, so that its end comes either before it or after it: none is forgotten.
 *
 * @returns false when the delivery may go: nothing was changed
 */
export async function setParkedInOutage(
  db: Knex,
  { id, cycle, endpointId }: { id: string; cycle: number; endpointId: string },
): Promise<boolean> {
  const outage = db('failing_endpoints')
    .where({ endpoint_id: endpointId })
    .whereRaw(
      `case when outage_since is null then drained_to < ? else probe_id is distinct from ? end`,
      [id, id],
    )
    .select('endpoint_id')
    .forShare();
  const changed = await db('deliveries')
    .where({ ...deliveryKey(id), cycle })
    .whereIn('state', ['pending', 'retrying'])
    .whereIn('endpoint_id', outage)
    .update({
      state: 'parked',
      last_reason: 'outage',
      next_attempt_at: null,
      started_at: db.raw('coalesce(started_at, now())'),
    });
  return changed > 0;
}

/**
 * A person lets deliveries go that an outage holds back, in the transaction that does it: the oldest
 * of an endpoint is its probe, the others wait again.
 */
export async function setProbes(tx: Knex, rows: readonly DeliveryRow[]): Promise<void> {
  const ids = rows.map(({ endpoint_id: id }) => id);
  const out = await tx('failing_endpoints')
    .whereIn('endpoint_id', ids)
    .whereNotNull('outage_since')
    .orderBy('endpoint_id')
    .forUpdate();
  for (const row of out) {
    const own = rows.filter(({ endpoint_id: id }) => id === row.endpoint_id).map(({ id }) => id);
    await setRow(tx, row, { probe_id: own.toSorted()[0] ?? null });
  }
}

/** How many deliveries an outage holds back. */
export async function countInOutage(db: Knex, endpointId: string): Promise<number> {
  const parked = { endpoint_id: endpointId, state: 'parked', last_reason: 'outage' } as const;
  const [row] = await db('deliveries').where(parked).count({ count: '*' });
  return Number(row?.count ?? 0);
}

/** Endpoints of whose outage or drain the next step may be due. */
export async function listDueOutages(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select e.id from failing_endpoints f join endpoints e on e.id = f.endpoint_id
     where e.state = 'enabled' and e.deleted_at is null and case
       when f.outage_since is null
       then f.drained_to is not null and coalesce(f.drain_at < now() - ${drainStepMs} * interval '1 millisecond', true)
       else e.on_outage = 'retry' or coalesce(f.probe_at <= now(), true) end`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Take the next step of an endpoint's outage, if it is due: let go one delivery as a probe, or of what
 * was held back the next few. Any number of servers may do so at once.
 *
 * @param probeIntervalMs - before the first probe
 * @returns how many deliveries were let go
 */
export async function stepOutage(
  db: Knex,
  endpointId: string,
  probeIntervalMs: number,
): Promise<number> {
  return db.transaction(async (tx) => {
    const row = await tx('failing_endpoints')
      .where({ endpoint_id: endpointId })
      .forUpdate()
      .skipLocked()
      .first();
    const endpoint = await tx('endpoints').where({ id: endpointId }).first();
    if (!row || endpoint?.state !== 'enabled') return 0;
    if (row.outage_since === null) return row.drained_to === null ? 0 : stepDrain(tx, row);
    if (endpoint.on_outage === 'retry') return endWaiting(tx, row);
    return stepProbe(tx, row, { endpoint, probeIntervalMs });
  });
}

/** Nobody wishes any more that its deliveries wait. */
async function endWaiting(tx: Knex, row: FailingEndpointRow): Promise<number> {
  const change = { outage_since: null, probes: 0, probe_at: null, probe_id: null };
  await setRow(tx, row, { ...change, drained_to: '' });
  return 0;
}

/** One delivery alone, that is the first of its order. */
async function stepProbe(
  tx: Knex,
  row: FailingEndpointRow,
  { endpoint, probeIntervalMs }: { endpoint: EndpointRow; probeIntervalMs: number },
): Promise<number> {
  const probe_at = new Date(Date.now() + probeWaitMs(probeIntervalMs, row.probes));
  const isDue = row.probe_at !== null && row.probe_at.getTime() <= Date.now();
  if (!isDue) {
    if (row.probe_at === null) await setRow(tx, row, { probe_at });
    return 0;
  }
  if (row.probe_id !== null && (await isStillToBeMade(tx, row.probe_id))) {
    await setRow(tx, row, { probe_at });
    return 0;
  }
  const probe_id = await letProbeGo(tx, endpoint);
  await setRow(tx, row, probe_id === null ? { probe_id } : { probe_id, probe_at });
  return probe_id === null ? 0 : 1;
}

/** Of a delivery `d`: none of its key goes before it. */
const isFirst = `(d.order_key is null or not exists (
  select 1 from deliveries before
  where before.endpoint_id = d.endpoint_id and before.order_key = d.order_key
    and before.id < d.id and before.state in ('pending', 'retrying', 'parked')))`;

/** One that is in line behind another is not waited for: that one may be held back. */
async function isStillToBeMade(tx: Knex, id: string): Promise<boolean> {
  const { rows } = await tx.raw<{ rows: unknown[] }>(
    `select from deliveries d where d.id = :id and d.created_at = :created_at and d.attempt_count = 0
       and d.state in ('pending', 'retrying') and ${isFirst}`,
    { ...deliveryKey(id) },
  );
  return rows.length > 0;
}

/**
 * The oldest in its first cycle, else the one with the fewest: a probe in vain leaves a delivery in a
 * later one, and one that the consumer can't take must not keep all others back.
 *
 * @returns its id; null when none is held back that could be sent without overtaking another
 */
async function letProbeGo(tx: Knex, endpoint: EndpointRow): Promise<string | null> {
  const untried = await letOneGo(tx, endpoint, 'd.cycle = 1 order by d.id');
  return untried ?? letOneGo(tx, endpoint, 'd.cycle > 1 order by d.cycle, d.id');
}

async function letOneGo(tx: Knex, { id }: EndpointRow, which: string): Promise<string | null> {
  const { rows } = await tx.raw<{ rows: { id: string }[] }>(
    `with taken as materialized (
       select d.id, d.created_at, e.schedule_ms, 1000 as place
       from deliveries d join endpoints e on e.id = d.endpoint_id
       where d.endpoint_id = ? and d.state = 'parked' and d.last_reason = 'outage'
         and ${isFirst} and ${which} limit 1 for update of d skip locked)
     update deliveries d set ${letGo.set} from taken
     where d.id = taken.id and d.created_at = taken.created_at
     returning d.id`,
    [id],
  );
  return rows[0]?.id ?? null;
}

/** Twice as many as in the step before, once that has been heard of; at the end nothing is left to wait for. */
async function stepDrain(tx: Knex, row: FailingEndpointRow): Promise<number> {
  const { endpoint_id: endpointId, drain_at: at, drain_left: left, drain_step: limit } = row;
  const agoMs = at === null ? Infinity : Date.now() - at.getTime();
  if (agoMs < (left > 0 ? drainPatienceMs : drainStepMs)) return 0;
  const [last] = await tx('deliveries')
    .where({ endpoint_id: endpointId, state: 'parked', last_reason: 'outage' })
    .orderBy('id')
    .limit(limit)
    .select('id')
    .then((rows) => rows.slice(-1));
  if (!last) {
    await setRow(tx, row, { drained_to: null, drain_step: 1, drain_left: 0, drain_at: null });
    return 0;
  }
  const count = await setParkedPending(tx, endpointId, { reasons: ['outage'], limit });
  await setRow(tx, row, {
    drained_to: last.id,
    drain_step: Math.min(limit * 2, drainStepMax),
    drain_left: count,
    drain_at: new Date(),
  });
  return count;
}

async function setRow(
  tx: Knex,
  { endpoint_id }: FailingEndpointRow,
  change: Partial<FailingEndpointRow>,
): Promise<void> {
  await tx('failing_endpoints').where({ endpoint_id }).update(change);
}
