import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { findApiKey, recordApiKey } from '../store/api-keys.ts';
import { findFirstIntegration, recordIntegration } from '../store/integrations.ts';
import { apiKeyIdOf, hashApiKey, makeApiKey } from './api-key.ts';
import { makeId } from './ids.ts';
import type { Sealer } from './sealing.ts';

export interface FirstSetupParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** The key of the start before, if it is known. */
  readonly earlierApiKey: string | undefined;
}

/** The channels that have an integration from the first start, with the kind of their secret. */
const channels = [
  { channel: 'github', mode: 'native', kind: 'secret' },
  { channel: 'generic', mode: 'platform', kind: 'platform' },
] as const;

/** An integration per channel, found again when it is there; secrets opened. */
export async function openIntegrations(
  parts: FirstSetupParts,
  tenantId: string,
): Promise<Record<string, { id: string; secret: string }>> {
  const integrations: Record<string, { id: string; secret: string }> = {};
  for (const item of channels) {
    integrations[item.channel] = await openFirstIntegration(parts, tenantId, item);
  }
  return integrations;
}

async function openFirstIntegration(
  { db, sealer }: FirstSetupParts,
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

/** An API key for everything: the earlier one while it is known, else a new one. */
export async function openApiKey(
  { db, earlierApiKey }: FirstSetupParts,
  tenant_id: string,
): Promise<string> {
  if (earlierApiKey !== undefined) {
    const known = await findApiKey(db, apiKeyIdOf(earlierApiKey) ?? '');
    if (known?.tenant_id === tenant_id && known.hash.equals(hashApiKey(earlierApiKey))) {
      return earlierApiKey;
    }
  }
  const { id, key } = makeApiKey();
  await recordApiKey(db, {
    id,
    tenant_id,
    name: 'first setup',
    hash: hashApiKey(key),
    scopes: ['read', 'write'],
  });
  return key;
}
