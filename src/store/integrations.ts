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
  return withSecrets(db, await db('integrations').where({ id, channel }).first());
}

/** The first integration of a tenant's channel: the one behind the address without an id. */
export async function findFirstIntegration(
  db: Knex,
  channel: string,
  tenantId: string,
): Promise<IntegrationWithSecrets | undefined> {
  const row = await db('integrations')
    .where({ tenant_id: tenantId, channel })
    .orderBy(['created_at', 'id'])
    .first();
  return withSecrets(db, row);
}

/** One integration of a tenant. */
export async function findIntegrationOf(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<IntegrationWithSecrets | undefined> {
  return withSecrets(db, await db('integrations').where({ id, tenant_id: tenantId }).first());
}

/** Newest first; of one channel when it is named. */
export async function listIntegrations(
  db: Knex,
  tenantId: string,
  { channel, ...page }: Page & { readonly channel?: string | undefined },
): Promise<IntegrationWithSecrets[]> {
  const rows: IntegrationRow[] = await db('integrations')
    .where({ tenant_id: tenantId, ...(channel !== undefined && { channel }) })
    .modify(newestFirst, page);
  const secrets = await db('integration_secrets')
    .whereIn(
      'integration_id',
      rows.map(({ id }) => id),
    )
    .orderBy([...newestSecretFirst]);
  return rows.map((integration) => ({
    integration,
    secrets: secrets.filter((secret) => secret.integration_id === integration.id),
  }));
}

/** Two secrets of one statement have the same instant: the id keeps their order. */
const newestSecretFirst = [
  { column: 'created_at', order: 'desc' },
  { column: 'id', order: 'desc' },
] as const;

async function withSecrets(
  db: Knex,
  integration: IntegrationRow | undefined,
): Promise<IntegrationWithSecrets | undefined> {
  if (!integration) return undefined;
  const secrets = await db('integration_secrets')
    .where({ integration_id: integration.id })
    .orderBy([...newestSecretFirst]);
  return { integration, secrets };
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
    const row = await tx('integrations')
      .where({ id, tenant_id: tenantId })
      .forNoKeyUpdate()
      .first();
    const current = await withSecrets(tx, row);
    if (!current) return undefined;
    const change = changeOf(current);
    if (Object.keys(change).length === 0) return current;
    const [integration] = await tx('integrations').where({ id }).update(change).returning('*');
    return integration && { ...current, integration };
  });
}

/** Its secrets and refused requests go with it; its events stay. */
export async function deleteIntegration(db: Knex, id: string, tenantId: string): Promise<boolean> {
  return (await db('integrations').where({ id, tenant_id: tenantId }).delete()) > 0;
}
