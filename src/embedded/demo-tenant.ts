import type { ChannelName } from '../domain/channel.ts';
import { openApiKey, openIntegrations } from '../runtime/first-setup.ts';
import type { FirstIntegration, FirstSetupParts } from '../runtime/first-setup.ts';
import { makeId } from '../runtime/ids.ts';
import { makeEndpointSecret } from '../runtime/signature.ts';
import {
  listEndpoints,
  listEndpointSecrets,
  recordEndpoint,
  setEndpoint,
} from '../store/endpoints.ts';
import { setParkedPending } from '../store/parked-deliveries.ts';
import { defaultTenantName, ensureTenant } from '../store/tenants.ts';

/** What the development stack sets up, and keeps between starts. */
export interface DemoTenant {
  readonly tenantId: string;
  readonly apiKey: string;
  /** By channel. */
  readonly integrations: Readonly<Record<ChannelName, FirstIntegration>>;
  readonly endpointId: string;
  readonly endpointSecret: string;
}

export interface DemoTenantParts extends FirstSetupParts {
  readonly receiverUrl: string;
}

/** What the demo endpoint is called; it is found by it at the next start. */
const endpointDescription = 'Demo receiver of the development stack';

/** Make, or find again, the tenant `default` with its integrations, an API key and the demo endpoint. */
export async function openDemoTenant(parts: DemoTenantParts): Promise<DemoTenant> {
  const { db } = parts;
  const { id: tenantId } = await ensureTenant(db, defaultTenantName, makeId('ten'));
  const integrations = await openIntegrations(parts, tenantId);
  const apiKey = await openApiKey(parts, tenantId);
  return { tenantId, apiKey, integrations, ...(await openDemoEndpoint(parts, tenantId)) };
}

async function openDemoEndpoint(
  { db, sealer, receiverUrl }: DemoTenantParts,
  tenantId: string,
): Promise<{ endpointId: string; endpointSecret: string }> {
  const known = await listEndpoints(db, tenantId, { filter: {}, page: { limit: 200 } });
  const found = known.find(({ description }) => description === endpointDescription);
  if (found) {
    const [row] = await listEndpointSecrets(db, found.id, new Date());
    if (!row) throw new Error(`Endpoint "${found.id}" has no valid secret`);
    await setEndpoint(db, { id: found.id, tenantId }, { url: receiverUrl, state: 'enabled' });
    await setParkedPending(db, found.id); // Enabled, it holds nothing back.
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
