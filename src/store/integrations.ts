import type { Knex } from 'knex';
import type { IntegrationRow, IntegrationSecretRow } from './tables.ts';

export interface IntegrationWithSecrets {
  readonly integration: IntegrationRow;
  readonly secrets: readonly IntegrationSecretRow[];
}

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

async function withSecrets(
  db: Knex,
  integration: IntegrationRow | undefined,
): Promise<IntegrationWithSecrets | undefined> {
  if (!integration) return undefined;
  const secrets = await db('integration_secrets')
    .where({ integration_id: integration.id })
    .orderBy('created_at', 'desc');
  return { integration, secrets };
}

/** Write an integration with its secrets. */
export async function recordIntegration(
  db: Knex,
  integration: Omit<IntegrationRow, 'created_at'>,
  secrets: readonly Omit<IntegrationSecretRow, 'created_at' | 'integration_id'>[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx('integrations').insert(integration);
    const rows = secrets.map((secret) => ({ ...secret, integration_id: integration.id }));
    if (rows.length > 0) await tx('integration_secrets').insert(rows);
  });
}
