import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { hashApiKey, makeApiKey } from '../runtime/api-key.ts';
import { makeId } from '../runtime/ids.ts';
import type { Sealer } from '../runtime/sealing.ts';
import { makeEndpointSecret } from '../runtime/signature.ts';
import { recordApiKey } from '../store/api-keys.ts';
import {
  listEndpoints,
  listEndpointSecrets,
  recordEndpoint,
  setEndpoint,
} from '../store/endpoints.ts';
import { findFirstIntegration, recordIntegration } from '../store/integrations.ts';
import { defaultTenantName, ensureTenant } from '../store/tenants.ts';

/** What the development stack sets up, and keeps between starts. */
export interface DemoTenant {
  readonly tenantId: string;
  readonly apiKey: string;
  /** By channel. */
  readonly integrations: Readonly<Record<string, { readonly id: string; readonly secret: string }>>;
  readonly endpointId: string;
  readonly endpointSecret: string;
}

export interface DemoTenantParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** The key of the start before, if it is known. */
  readonly earlierApiKey: string | undefined;
  readonly receiverUrl: string;
}

/** The channels that have an integration from the first start, with the kind of their secret. */
const channels = [
  { channel: 'github', mode: 'native', kind: 'secret' },
  { channel: 'generic', mode: 'platform', kind: 'platform' },
] as const;

/** What the demo endpoint is called; it is found by it at the next start. */
const endpointDescription = 'Demo receiver of the development stack';

/** Make, or find again, the tenant `default` with its integrations, an API key and the demo endpoint. */
export async function openDemoTenant(parts: DemoTenantParts): Promise<DemoTenant> {
  const { db } = parts;
  const { id: tenantId } = await ensureTenant(db, defaultTenantName, makeId('ten'));
  const integrations: Record<string, { id: string; secret: string }> = {};
  for (const item of channels) {
    integrations[item.channel] = await openDemoIntegration(parts, tenantId, item);
  }
  const apiKey = await openApiKey(parts, tenantId);
  return { tenantId, apiKey, integrations, ...(await openDemoEndpoint(parts, tenantId)) };
}

async function openDemoIntegration(
  { db, sealer }: DemoTenantParts,
  tenantId: string,
  { channel, mode, kind }: (typeof channels)[number],
): Promise<{ id: string; secret: string }> {
  const found = await findFirstIntegration(db, channel, tenantId);
  const [row] = found?.secrets ?? [];
  if (found && row) return { id: found.integration.id, secret: sealer.open(row.id, row.sealed) };
  const id = makeId('int');
  const secretId = makeId('sec');
  const secret = randomBytes(24).toString('base64url');
  const settings = {
    scheme: null,
    username: null,
    receive_id: null,
    tolerance_s: null,
    dedupe: null,
  };
  await recordIntegration(db, { id, tenant_id: tenantId, channel, mode, ...settings }, [
    { id: secretId, kind, sealed: sealer.seal(secretId, secret), expires_at: null },
  ]);
  return { id, secret };
}

async function openApiKey(
  { db, earlierApiKey }: DemoTenantParts,
  tenant_id: string,
): Promise<string> {
  const hash = earlierApiKey === undefined ? undefined : hashApiKey(earlierApiKey);
  const known = hash && (await db('api_keys').where({ hash, tenant_id }).first());
  if (known && earlierApiKey !== undefined) return earlierApiKey;
  const { id, key } = makeApiKey();
  await recordApiKey(db, {
    id,
    tenant_id,
    name: 'development',
    hash: hashApiKey(key),
    scopes: ['read', 'write'],
  });
  return key;
}

async function openDemoEndpoint(
  { db, sealer, receiverUrl }: DemoTenantParts,
  tenantId: string,
): Promise<{ endpointId: string; endpointSecret: string }> {
  const known = await listEndpoints(db, tenantId, { limit: 200 });
  const found = known.find(({ description }) => description === endpointDescription);
  if (found) {
    const [row] = await listEndpointSecrets(db, found.id, new Date());
    if (!row) throw new Error(`Endpoint "${found.id}" has no valid secret`);
    await setEndpoint(db, { id: found.id, tenantId }, { url: receiverUrl, state: 'enabled' });
    return { endpointId: found.id, endpointSecret: sealer.open(row.id, row.sealed) };
  }
  const endpointId = makeId('ep');
  const secretId = makeId('sec');
  const endpointSecret = makeEndpointSecret();
  await recordEndpoint(
    db,
    {
      id: endpointId,
      tenant_id: tenantId,
      url: receiverUrl,
      description: endpointDescription,
      event_types: ['*'],
    },
    { id: secretId, sealed: sealer.seal(secretId, endpointSecret) },
  );
  return { endpointId, endpointSecret };
}
