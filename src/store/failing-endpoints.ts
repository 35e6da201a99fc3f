import type { Knex } from 'knex';
import type { EndpointRow } from './delivery-tables.ts';
import type { FailingEndpointRow } from './endpoint-health-tables.ts';
import { afterOutcome } from './failing-runs.ts';
import type { EndpointOutcome } from './failing-runs.ts';
import { recordNotices } from './operational-notices.ts';

/**
 * Add what attempts say of their endpoints, in the transaction that records them. A delivered one
 * ends a row of failures; where there is none, nothing is written.
 *
 * Two transactions at once can't deadlock: rows that are new are locked first and rows that both see
 * afterwards, each in order of id.
 *
 * @returns the endpoints that are in an outage now: their failed attempts wait for its end
 */
export async function recordOutcomes(
  tx: Knex,
  outcomes: readonly EndpointOutcome[],
): Promise<ReadonlySet<string>> {
  if (outcomes.length === 0) return new Set();
  await recordBegun(tx, outcomes);
  const ids = [...new Set(outcomes.map(({ endpointId }) => endpointId))];
  const rows = await tx('failing_endpoints')
    .whereRaw('endpoint_id = any(?)', [ids])
    .orderBy('endpoint_id')
    .forUpdate();
  if (rows.length === 0) return new Set();
  const inTime = outcomes.toSorted((a, b) => a.endedAt.getTime() - b.endedAt.getTime());
  const after = rows.map((row) => ({
    id: row.endpoint_id,
    row: inTime
      .filter(({ endpointId }) => endpointId === row.endpoint_id)
      .reduce(afterOutcome, row.failures === 0 ? null : row),
  }));
  await deleteRows(
    tx,
    after.filter((each) => each.row === null).map(({ id }) => id),
  );
  const kept = after.flatMap(({ row }) => row ?? []);
  await setRows(tx, kept);
  const out = kept.filter(({ outage_since }) => outage_since !== null);
  return new Set(out.map(({ endpoint_id: id }) => id));
}

/** Rows without a failure yet, for endpoints that have none: a disabled or deleted one is nobody's worry. */
async function recordBegun(tx: Knex, outcomes: readonly EndpointOutcome[]): Promise<void> {
  const failing = outcomes.filter(({ reason }) => reason !== null);
  if (failing.length === 0) return;
  await tx.raw(
    `insert into failing_endpoints (endpoint_id, tenant_id, failing_since, last_failed_at)
     select id, tenant_id, now(), now() from endpoints
     where id = any(?) and state <> 'disabled' and deleted_at is null
     order by id
     on conflict do nothing`,
    [[...new Set(failing.map(({ endpointId }) => endpointId))]],
  );
}

const columns = [
  'failing_since',
  'failures',
  'last_failed_at',
  'last_status',
  'last_reason',
  'stage',
  'told_stage',
  'outage_since',
  'probes',
  'probe_at',
  'probe_id',
  'recovered_at',
  'drained_to',
  'drain_step',
  'drain_left',
  'drain_at',
] as const satisfies readonly (keyof FailingEndpointRow)[];

async function setRows(tx: Knex, rows: readonly FailingEndpointRow[]): Promise<void> {
  if (rows.length === 0) return;
  const set = columns.map((column) => `${column} = r.${column}`).join(', ');
  await tx.raw(
    `update failing_endpoints f set ${set}
     from jsonb_populate_recordset(null::failing_endpoints, ?::jsonb) r
     where f.endpoint_id = r.endpoint_id`,
    [JSON.stringify(rows)],
  );
}

async function deleteRows(tx: Knex, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx('failing_endpoints').whereIn('endpoint_id', ids).delete();
}

/** How an endpoint fails, if it does. */
export async function findFailing(
  db: Knex,
  endpointId: string,
): Promise<FailingEndpointRow | undefined> {
  return db('failing_endpoints').where({ endpoint_id: endpointId }).first();
}

/** Of these endpoints those that fail, by id. */
export async function listFailing(
  db: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FailingEndpointRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db('failing_endpoints').whereIn('endpoint_id', [...ids]);
  return new Map(rows.map((row) => [row.endpoint_id, row]));
}

/**
 * A person says that the endpoint is to be tried now: nothing waits for the end of an outage any
 * more. Called in the transaction that enables the endpoint, before what waits is let go. It still
 * counts as failing: the next failed attempt begins another outage.
 */
export async function endOutage(tx: Knex, endpointId: string): Promise<void> {
  await tx('failing_endpoints').where({ endpoint_id: endpointId }).update({
    outage_since: null,
    probes: 0,
    probe_at: null,
    probe_id: null,
    drained_to: null,
    drain_step: 1,
    drain_left: 0,
    drain_at: null,
  });
}

/**
 * The end of an endpoint that fails, in the transaction that disables it: what was known of its
 * failures goes, and the world is told.
 */
export async function recordDisabled(
  tx: Knex,
  { id, tenant_id, url }: Pick<EndpointRow, 'id' | 'tenant_id' | 'url'>,
  reason: 'gone' | 'failing' | 'operator',
): Promise<void> {
  const [row] = await tx('failing_endpoints').where({ endpoint_id: id }).delete().returning('*');
  const since = row?.failing_since.toISOString() ?? null;
  const data = { endpoint_id: id, url, reason, since, failures: row?.failures ?? 0 };
  await recordNotices(tx, [{ type: 'endpoint.disabled', tenant_id, endpoint_id: id, data }]);
}
