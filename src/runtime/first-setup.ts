import type { Knex } from 'knex';
import { channelNames, schemes } from '../domain/channel.ts';
import type { ChannelName } from '../domain/channel.ts';
import { findApiKey, recordApiKey } from '../store/api-keys.ts';
import { findFirstIntegration, recordIntegration } from '../store/integrations.ts';
import type { IntegrationWithSecrets } from '../store/integrations.ts';
import { apiKeyIdOf, hashApiKey, makeApiKey } from './api-key.ts';
import { makeId } from './ids.ts';
import { makeIntegrationSecret } from './integration-secret.ts';
import type { Sealer } from './sealing.ts';
import type { SenderSettings } from './senders/sender.ts';

export interface FirstSetupParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** The key of the start before, if it is known. */
  readonly earlierApiKey: string | undefined;
}

/** An integration with its secrets opened: what a sender needs to sign for it. */
export interface FirstIntegration extends SenderSettings {
  readonly id: string;
}

/** The receive id of a WeCom integration that nobody has set up yet: the form of a corp id. */
const exampleReceiveId = 'ww0123456789abcdef';

/** An integration per channel, found again when it is there; secrets opened. */
export async function openIntegrations(
  parts: FirstSetupParts,
  tenantId: string,
): Promise<Record<ChannelName, FirstIntegration>> {
  const opened: [ChannelName, FirstIntegration][] = [];
  for (const channel of channelNames) {
    const found =
      (await findFirstIntegration(parts.db, channel, tenantId)) ??
      (await makeFirst(parts, tenantId, channel));
    opened.push([channel, toFirst(parts.sealer, found)]);
  }
  return Object.fromEntries(opened) as Record<ChannelName, FirstIntegration>;
}

function toFirst(
  sealer: Sealer,
  { integration, secrets }: IntegrationWithSecrets,
): FirstIntegration {
  const { id, mode, scheme, username, receive_id: receiveId } = integration;
  // Newest first: of two secrets of a kind the later entry would win.
  const opened = secrets
    .toReversed()
    .map((row) => [row.kind, sealer.open(row.id, row.sealed)] as const);
  return { id, mode, scheme, username, receiveId, secrets: Object.fromEntries(opened) };
}

/** In the channel's default scheme, with a secret of each kind. */
async function makeFirst(
  { db, sealer }: FirstSetupParts,
  tenantId: string,
  channel: ChannelName,
): Promise<IntegrationWithSecrets> {
  const [{ mode, scheme, kinds, needsReceiveId }] = schemes[channel];
  const secrets = kinds.map((kind) => {
    const id = makeId('sec');
    return { id, kind, sealed: sealer.seal(id, makeIntegrationSecret(kind)), expires_at: null };
  });
  const settings = {
    id: makeId('int'),
    tenant_id: tenantId,
    channel,
    mode,
    scheme,
    username: null,
    receive_id: needsReceiveId === true ? exampleReceiveId : null,
    tolerance_s: null,
    dedupe: null,
    description: null,
  };
  return recordIntegration(db, settings, secrets);
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
