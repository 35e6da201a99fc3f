import type { Knex } from 'knex';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { EndpointRow, EndpointSecretRow } from './tables.ts';

/** Write an endpoint with its first secret. */
export async function recordEndpoint(
  db: Knex,
  endpoint: Pick<EndpointRow, 'id' | 'tenant_id' | 'url' | 'description' | 'event_types'>,
  secret: Pick<EndpointSecretRow, 'id' | 'sealed'>,
): Promise<EndpointRow> {
  return db.transaction(async (tx) => {
    const [row] = await tx('endpoints')
      .insert({ ...endpoint, state: 'enabled' })
      .returning('*');
    if (!row) throw new Error(`Endpoint "${endpoint.id}" was not written`);
    await tx('endpoint_secrets').insert({ ...secret, endpoint_id: endpoint.id });
    return row;
  });
}

/** One endpoint of a tenant that was not deleted. */
export async function findEndpoint(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<EndpointRow | undefined> {
  return db('endpoints').where({ id, tenant_id: tenantId }).whereNull('deleted_at').first();
}

/** Newest first. */
export async function listEndpoints(
  db: Knex,
  tenantId: string,
  page: Page,
): Promise<EndpointRow[]> {
  return db('endpoints')
    .where({ tenant_id: tenantId })
    .whereNull('deleted_at')
    .modify(newestFirst, page);
}

/** Every endpoint that events of a tenant may go to; disabled ones too: what they miss is recorded. */
export async function listSubscribed(db: Knex, tenantId: string): Promise<EndpointRow[]> {
  return db('endpoints').where({ tenant_id: tenantId }).whereNull('deleted_at').orderBy('id');
}

type EndpointChange = Partial<
  Pick<EndpointRow, 'url' | 'description' | 'event_types' | 'state' | 'state_reason'>
>;

/** Change an endpoint; attempts that are still to come use what it says then. */
export async function setEndpoint(
  db: Knex,
  { id, tenantId }: { id: string; tenantId: string },
  change: EndpointChange,
): Promise<EndpointRow | undefined> {
  const query = db('endpoints').where({ id, tenant_id: tenantId }).whereNull('deleted_at');
  if (Object.keys(change).length === 0) return query.first();
  const [row] = await query.update(change).returning('*');
  return row;
}

/** Deleted endpoints keep their row: deliveries of the past still name them. */
export async function setEndpointDeleted(db: Knex, id: string, tenantId: string): Promise<boolean> {
  const changed = await db('endpoints')
    .where({ id, tenant_id: tenantId })
    .whereNull('deleted_at')
    .update({ deleted_at: db.fn.now() });
  return changed > 0;
}

/** The secrets that sign at this moment, newest first. */
export async function listEndpointSecrets(
  db: Knex,
  endpointId: string,
  now: Date,
): Promise<EndpointSecretRow[]> {
  return db('endpoint_secrets')
    .where({ endpoint_id: endpointId })
    .where((query) => void query.whereNull('expires_at').orWhere('expires_at', '>', now))
    .orderBy('created_at', 'desc');
}
