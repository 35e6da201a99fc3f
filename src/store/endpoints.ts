import type { Knex } from 'knex';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { EndpointRow, EndpointSecretRow } from './delivery-tables.ts';

/** Write an endpoint with its first secret. */
export async function recordEndpoint(
  db: Knex,
  endpoint: Pick<EndpointRow, 'id' | 'tenant_id' | 'url' | 'event_types'> & EndpointSettings,
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

export interface EndpointFilter {
  readonly state?: EndpointRow['state'] | undefined;
  /** Anywhere in its URL, description or id, in any case. */
  readonly text?: string | undefined;
  /** Only those that fail badly enough to be told of. */
  readonly isFailing?: boolean | undefined;
}

/** Newest first. */
export async function listEndpoints(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: EndpointFilter; page: Page },
): Promise<EndpointRow[]> {
  const { state, text, isFailing } = filter;
  const query = db('endpoints').where({ tenant_id: tenantId }).whereNull('deleted_at');
  if (state !== undefined) void query.where({ state });
  if (isFailing === true) {
    const failing = db('failing_endpoints').where('stage', '>', 0).whereNull('recovered_at');
    void query.whereIn('id', failing.select('endpoint_id'));
  }
  if (text !== undefined) {
    const all = `lower(url || ' ' || coalesce(description, '') || ' ' || id)`;
    void query.whereRaw(`position(lower(?) in ${all}) > 0`, [text]);
  }
  return query.modify(newestFirst, page);
}

/** Every endpoint that events of each tenant may go to; disabled ones too: what they miss is recorded. */
export async function listSubscribed(
  db: Knex,
  tenantIds: readonly string[],
): Promise<EndpointRow[][]> {
  const rows = await db('endpoints')
    .whereIn('tenant_id', [...new Set(tenantIds)])
    .whereNull('deleted_at')
    .orderBy('id');
  const byTenant = new Map<string, EndpointRow[]>(tenantIds.map((id) => [id, []]));
  for (const row of rows) byTenant.get(row.tenant_id)?.push(row);
  return tenantIds.map((id) => byTenant.get(id) ?? []);
}

/** What a person sets of an endpoint; absent = as it was, or the column's default. */
export type EndpointSettings = Partial<
  Omit<
    EndpointRow,
    | 'id'
    | 'tenant_id'
    | 'state'
    | 'state_reason'
    | 'state_since'
    | 'resume_held'
    | 'created_at'
    | 'deleted_at'
  >
>;

type EndpointChange = EndpointSettings &
  Partial<Pick<EndpointRow, 'state' | 'state_reason' | 'resume_held'>>;

/**
 * Change an endpoint; attempts that are still to come use what it says then. With a state, a resume
 * that is under way ends, unless the change names it.
 */
export async function setEndpoint(
  db: Knex,
  { id, tenantId }: { id: string; tenantId: string },
  change: EndpointChange,
): Promise<EndpointRow | undefined> {
  const query = db('endpoints').where({ id, tenant_id: tenantId }).whereNull('deleted_at');
  if (Object.keys(change).length === 0) return query.first();
  const [row] = await query.update({ ...movedBy(db, change), ...change }).returning('*');
  return row;
}

/** What a resume is to let go is told by `state_since`: it stays until that is done. */
function movedBy(db: Knex, { state, resume_held: held }: EndpointChange): object {
  if (state === undefined) return {};
  if (state !== 'enabled') {
    return { resume_held: null, state_since: db.raw('coalesce(state_since, now())') };
  }
  return held ? {} : { resume_held: null, state_since: null };
}

/** Deleted endpoints keep their row: deliveries of the past still name them. */
export async function setEndpointDeleted(db: Knex, id: string, tenantId: string): Promise<boolean> {
  const changed = await db('endpoints')
    .where({ id, tenant_id: tenantId })
    .whereNull('deleted_at')
    .update({ deleted_at: db.fn.now() });
  return changed > 0;
}

/** An endpoint with the state it had before; its row stays locked until the transaction ends. */
export async function lockEndpoint(
  tx: Knex,
  id: string,
  tenantId: string,
): Promise<EndpointRow | undefined> {
  return tx('endpoints')
    .where({ id, tenant_id: tenantId })
    .whereNull('deleted_at')
    .forUpdate()
    .first();
}

/** Any endpoint of a tenant that is kept, deleted ones too: deliveries of the past name them. */
export async function findKeptEndpoint(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<EndpointRow | undefined> {
  return db('endpoints').where({ id, tenant_id: tenantId }).first();
}

/** Add a secret to an endpoint; those of its kind that are valid now end at `othersExpireAt` at the latest. */
export async function recordEndpointSecret(
  tx: Knex,
  secret: Pick<EndpointSecretRow, 'id' | 'endpoint_id' | 'kind' | 'public_key' | 'sealed'>,
  othersExpireAt: Date,
): Promise<EndpointSecretRow> {
  await tx('endpoint_secrets')
    .where({ endpoint_id: secret.endpoint_id, kind: secret.kind })
    .where((query) => void query.whereNull('expires_at').orWhere('expires_at', '>', othersExpireAt))
    .update({ expires_at: othersExpireAt });
  const [row] = await tx('endpoint_secrets').insert(secret).returning('*');
  if (!row) throw new Error(`Secret "${secret.id}" was not written`);
  return row;
}

/**
 * End a secret at once. The last one that is shared stays: an endpoint without any could not be
 * verified by its consumer.
 */
export async function setEndpointSecretEnded(
  tx: Knex,
  { id, endpointId, now }: { readonly id: string; readonly endpointId: string; readonly now: Date },
): Promise<'ended' | 'unknown' | 'last'> {
  const valid = await listEndpointSecrets(tx, endpointId, now);
  const wanted = valid.find((secret) => secret.id === id);
  if (!wanted) return 'unknown';
  const others = valid.filter(({ kind }) => kind === 'hmac').filter((each) => each !== wanted);
  if (wanted.kind === 'hmac' && others.length === 0) return 'last';
  await tx('endpoint_secrets').where({ id }).update({ expires_at: now });
  return 'ended';
}

/** A page of an endpoint's secrets, expired ones too, newest first. */
export async function listAllEndpointSecrets(
  db: Knex,
  endpointId: string,
  page: Page,
): Promise<EndpointSecretRow[]> {
  return db('endpoint_secrets').where({ endpoint_id: endpointId }).modify(newestFirst, page);
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
