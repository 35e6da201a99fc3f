import type { Knex } from 'knex';
import { disabledAfter } from '../domain/endpoint-health.ts';
import type { EndpointRow } from './delivery-tables.ts';
import { setEndpoint, lockEndpoint } from './endpoints.ts';
import type { FailingEndpointRow } from './endpoint-health-tables.ts';
import { recordDisabled } from './failing-endpoints.ts';
import { recordNotices } from './operational-notices.ts';
import { setParkedCancelled } from './parked-deliveries.ts';

/** Whether there is anything to look after: nothing fails, and nothing is to be told. */
export async function isAllWell(db: Knex): Promise<boolean> {
  const { rows } = await db.raw<{ rows: { is_well: boolean }[] }>(
    `select not exists (select 1 from failing_endpoints)
        and not exists (select 1 from operational_notices) as is_well`,
  );
  return rows[0]?.is_well === true;
}

/**
 * Forget how endpoints failed that are deleted or disabled: nobody sends to them. What an outage holds
 * back of a disabled one is sent by a resume; of a deleted one it ends, also what was parked after the
 * deletion by an attempt that had read the endpoint before. From here on nothing more is. Safe to repeat.
 */
export async function deleteUnused(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { id: string; is_deleted: boolean }[] }>(
    `delete from failing_endpoints f
     using (select e.id, e.deleted_at is not null as is_deleted
            from failing_endpoints f join endpoints e on e.id = f.endpoint_id
            where e.deleted_at is not null or e.state = 'disabled'
            order by f.endpoint_id for update of f skip locked) as unused
     where f.endpoint_id = unused.id
     returning unused.id, unused.is_deleted`,
  );
  for (const { id, is_deleted: isDeleted } of rows) {
    if (isDeleted) await setParkedCancelled(db, id);
  }
}

type NamedRow = FailingEndpointRow & Pick<EndpointRow, 'url'>;

/** Note what is to be told of endpoints that fail worse than was told. Each stage once. */
export async function recordStages(db: Knex): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.raw<{ rows: NamedRow[] }>(
      `select f.*, e.url from failing_endpoints f join endpoints e on e.id = f.endpoint_id
       where f.stage > f.told_stage and f.recovered_at is null
       order by f.endpoint_id for update of f skip locked`,
    );
    if (rows.length === 0) return;
    await recordNotices(tx, rows.map(failingNotice));
    await tx('failing_endpoints')
      .whereIn(
        'endpoint_id',
        rows.map((row) => row.endpoint_id),
      )
      .update({ told_stage: tx.ref('stage') as unknown as number });
  });
}

function failingNotice({ endpoint_id, tenant_id, url, stage, ...row }: NamedRow) {
  const data = {
    endpoint_id,
    url,
    stage,
    since: row.failing_since.toISOString(),
    failures: row.failures,
    reason: row.last_reason,
    last_status: row.last_status,
  };
  return { type: 'endpoint.failing', tenant_id, endpoint_id, data };
}

/** Disable endpoints that have failed for days, unless their deliveries wait for them. */
export async function disableFailing(db: Knex): Promise<void> {
  const { failures, lastingMs } = disabledAfter;
  const { rows } = await db.raw<{ rows: Pick<EndpointRow, 'id' | 'tenant_id'>[] }>(
    `select e.id, e.tenant_id from failing_endpoints f join endpoints e on e.id = f.endpoint_id
     where e.state = 'enabled' and e.on_outage = 'retry' and f.recovered_at is null
       and f.failures >= ? and f.last_failed_at - f.failing_since >= ? * interval '1 millisecond'`,
    [failures, lastingMs],
  );
  for (const { id, tenant_id: tenantId } of rows) {
    await db.transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, id, tenantId);
      const row = await tx('failing_endpoints').where({ endpoint_id: id }).forUpdate().first();
      if (endpoint?.state !== 'enabled' || !row || row.recovered_at !== null) return;
      await setEndpoint(tx, { id, tenantId }, { state: 'disabled', state_reason: 'failing' });
      await recordDisabled(tx, endpoint, 'failing');
    });
  }
}

/** An endpoint that has recovered, with what it wishes for then. */
export type RecoveredRow = NamedRow & Pick<EndpointRow, 'redrives_on_recovery'>;

/** Endpoints that have recovered, and for which nothing waits any more. */
export async function listRecovered(db: Knex): Promise<RecoveredRow[]> {
  return db('failing_endpoints as f')
    .join('endpoints as e', 'e.id', 'f.endpoint_id')
    .whereNotNull('f.recovered_at')
    .whereNull('f.drained_to')
    .select('f.*', 'e.url', 'e.redrives_on_recovery');
}

/** This instant on the clock that also dates deaths. */
export async function findNow(db: Knex): Promise<string> {
  const { rows } = await db.raw<{ rows: [{ at: string }] }>(`select clock_timestamp()::text as at`);
  return rows[0].at;
}

/** Between two redrives of a delivery: an endpoint that comes and goes must not get it every few seconds. */
const redrivenEvery = '1 hour';

/** Of what dead letters are of, those that a recovery has redriven lately. */
export async function listRedrivenLately(
  tx: Knex,
  subjectIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx('failed_cycles')
    .whereIn('subject_id', [...subjectIds])
    .where({ settled_by: 'recovery' })
    .whereRaw(`settled_at > now() - interval '${redrivenEvery}'`)
    .select('subject_id');
  return new Set(rows.map(({ subject_id: id }) => id));
}

/** Forget how an endpoint failed and note that it does not any more. It may fail again meanwhile. */
export async function setRecovered(db: Knex, { url, endpoint_id }: RecoveredRow): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx('failing_endpoints')
      .where({ endpoint_id })
      .whereNotNull('recovered_at')
      .whereNull('drained_to')
      .delete()
      .returning('*');
    if (!row || row.told_stage === 0) return;
    const data = {
      endpoint_id,
      url,
      since: row.failing_since.toISOString(),
      recovered_at: row.recovered_at?.toISOString(),
      failures: row.failures,
    };
    const { tenant_id } = row;
    await recordNotices(tx, [{ type: 'endpoint.recovered', tenant_id, endpoint_id, data }]);
  });
}
