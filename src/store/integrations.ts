import type { Knex } from 'knex';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { IntegrationRow, IntegrationSecretRow } from './tables.ts';

export interface IntegrationWithSecrets {
  readonly integration: IntegrationRow;
  /** Newest first; those that have run out too. */
  readonly secrets: readonly IntegrationSecretRow[];
}

/** A secret to be written. */
export type NewSecret = Pick<IntegrationSecretRow, 'id' | 'kind' | 'sealed' | 'expires_at'>;

/** The integration that an address names, whatever its tenant: the address is all a sender has. */
export async function findIntegration(
  db: Knex,
  channel: string,
  id: string,
): Promise<IntegrationWithSecrets | undefined> {
  return findOne(db, (query) => void query.where({ id, channel }));
}

/** The first integration of a tenant's channel. */
export async function findFirstIntegration(
  db: Knex,
  channel: string,
  tenantId: string,
): Promise<IntegrationWithSecrets | undefined> {
  return findOne(db, (query) => void query.where({ channel, tenant_id: tenantId }));
}

/** The first integration of the channel of that tenant: the one behind the address without an id. */
export async function findIntegrationOfTenantNamed(
  db: Knex,
  channel: string,
  tenantName: string,
): Promise<IntegrationWithSecrets | undefined> {
  const tenant = db('tenants').where({ name: tenantName }).select('id');
  return findOne(db, (query) => void query.where({ channel }).where('tenant_id', tenant));
}

/** The first integration of the channel of a trigger's tenant, while the trigger may fire. */
export async function findIntegrationOfTrigger(
  db: Knex,
  channel: string,
  triggerId: string,
): Promise<IntegrationWithSecrets | undefined> {
  const tenant = db('triggers').where({ id: triggerId, is_active: true }).select('tenant_id');
  return findOne(db, (query) => void query.where({ channel }).where('tenant_id', tenant));
}

/** One integration of a tenant. */
export async function findIntegrationOf(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<IntegrationWithSecrets | undefined> {
  return findOne(db, (query) => void query.where({ id, tenant_id: tenantId }));
}

/** Newest first; of one channel when it is named. */
export async function listIntegrations(
  db: Knex,
  tenantId: string,
  { channel, ...page }: Page & { readonly channel?: string | undefined },
): Promise<IntegrationWithSecrets[]> {
  return findAll(db, (query) => {
    void query.where({ tenant_id: tenantId, ...(channel !== undefined && { channel }) });
    newestFirst(query, page);
  });
}

type Choose = (query: Knex.QueryBuilder) => void;

/** The first made of those that are chosen. */
async function findOne(db: Knex, choose: Choose): Promise<IntegrationWithSecrets | undefined> {
  const [first] = await findAll(db, (query) => {
    choose(query);
    void query.orderBy(['created_at', 'id']).limit(1);
  });
  return first;
}

/** Integrations and their secrets in one query: a second one would tell by its time that there are any. */
async function findAll(db: Knex, choose: Choose): Promise<IntegrationWithSecrets[]> {
  const rows = await db('integrations')
    .modify(choose)
    .select<(IntegrationRow & { secrets: SecretInJson[] })[]>(
      'integrations.*',
      db.raw(`(${secretsInJson}) as secrets`),
    );
  return rows.map(({ secrets, ...integration }) => ({
    integration,
    secrets: secrets.map(fromJson),
  }));
}

/** Two secrets of one statement have the same instant: the id keeps their order. */
export const newestSecretFirst = [
  { column: 'created_at', order: 'desc' },
  { column: 'id', order: 'desc' },
] as const;

const secretsInJson = `
  select coalesce(
    json_agg(
      to_jsonb(s) || jsonb_build_object('sealed', encode(s.sealed, 'hex'))
      order by s.created_at desc, s.id desc),
    '[]')
  from integration_secrets s where s.integration_id = integrations.id`;

/** JSON has neither bytes nor instants: the bytes come in hex, the instants in ISO 8601. */
interface SecretInJson extends Omit<
  IntegrationSecretRow,
  'sealed' | 'created_at' | 'expires_at' | 'last_used_at' | 'revoked_at'
> {
  readonly sealed: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

function fromJson(secret: SecretInJson): IntegrationSecretRow {
  return {
    ...secret,
    sealed: Buffer.from(secret.sealed, 'hex'),
    created_at: new Date(secret.created_at),
    expires_at: toInstant(secret.expires_at),
    last_used_at: toInstant(secret.last_used_at),
    revoked_at: toInstant(secret.revoked_at),
  };
}

function toInstant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

/** Write an integration with its secrets. */
export async function recordIntegration(
  db: Knex,
  integration: Omit<IntegrationRow, 'created_at' | 'state'>,
  secrets: readonly NewSecret[],
): Promise<IntegrationWithSecrets> {
  return db.transaction(async (tx) => {
    const [row] = await tx('integrations').insert(integration).returning('*');
    if (!row) throw new Error(`Integration "${integration.id}" was not written`);
    const rows = secrets.map((secret) => ({ ...secret, integration_id: integration.id }));
    if (rows.length === 0) return { integration: row, secrets: [] };
    return {
      integration: row,
      secrets: await tx('integration_secrets').insert(rows).returning('*'),
    };
  });
}

export type IntegrationChange = Partial<
  Omit<IntegrationRow, 'id' | 'tenant_id' | 'channel' | 'created_at'>
>;

/**
 * Change an integration. Nobody else changes it or its secrets between the look and the change.
 *
 * @param changeOf - what to change, from what is there; what it throws leaves everything as it was
 */
export async function setIntegration(
  db: Knex,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  changeOf: (current: IntegrationWithSecrets) => IntegrationChange,
): Promise<IntegrationWithSecrets | undefined> {
  return db.transaction(async (tx) => {
    // A query of its own: what it waited for would not be in what it sees of the secrets.
    await tx('integrations').where({ id, tenant_id: tenantId }).forNoKeyUpdate().first('id');
    const current = await findIntegrationOf(tx, id, tenantId);
    if (!current) return undefined;
    const change = changeOf(current);
    if (Object.keys(change).length === 0) return current;
    const [integration] = await tx('integrations').where({ id }).update(change).returning('*');
    return integration && { ...current, integration };
  });
}

/** Its secrets and rejected requests go with it; its events stay. */
export async function deleteIntegration(db: Knex, id: string, tenantId: string): Promise<boolean> {
  return (await db('integrations').where({ id, tenant_id: tenantId }).delete()) > 0;
}
