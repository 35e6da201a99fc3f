import { z } from 'zod';
import { kindsOf } from '../../src/domain/channel.ts';
import type { ChannelName, Scheme } from '../../src/domain/channel.ts';
import { makeId } from '../../src/runtime/ids.ts';
import {
  makeIntegrationSecret,
  refuseIntegrationSecret,
} from '../../src/runtime/integration-secret.ts';
import { recordSecret, setSecretRevoked } from '../../src/store/integration-secrets.ts';
import { findIntegrationOf } from '../../src/store/integrations.ts';
import type { IntegrationSecretRow } from '../../src/store/tables.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { channelSchema, createdSecretSchema, toSecretAnswer } from './integration-answer.ts';
import { schemeOf } from './integration-settings.ts';
import type { IntegrationParts } from './integrations.ts';

/** Every request is tried with each of them: more would be work for nothing. */
const secretsMax = 10;

const newSecretSchema = z.strictObject({
  kind: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Needed where the scheme has several kinds' }),
  value: z.string().optional().meta({ description: 'Generated when it is not given' }),
  overlap_s: z
    .int()
    .min(0)
    .max(604_800)
    .default(86_400)
    .meta({ description: 'How long the earlier secrets of the kind stay valid' }),
});

export function integrationSecretRoutes(parts: IntegrationParts): MountableRoute[] {
  return [addRoute(parts), revokeRoute(parts)];
}

function addRoute(parts: IntegrationParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/integrations/{id}/secrets',
    summary: 'Rotate: add a secret, shown this once; the others of its kind end after the overlap',
    body: newSecretSchema,
    answer: createdSecretSchema,
    status: 201,
    handle: async ({ tenantId, id, body }) => {
      const { integration } = found(
        await findIntegrationOf(parts.db, id, tenantId),
        'integration',
        id,
      );
      const channel = channelSchema.parse(integration.channel);
      const kind = pickKind(body.kind, schemeOf(channel, integration), kindsOf(channel));
      const { row, value } = await rotate(parts, { id, tenantId }, { ...body, channel, kind });
      parts.onIntegrationChange(id);
      return { ...toSecretAnswer(row, [], parts.now()), value };
    },
  });
}

/** @throws Problem `invalid-request` that names the kinds to choose from */
function pickKind(wanted: string | undefined, { kinds }: Scheme, known: string[]): string {
  const [only] = kinds;
  if (wanted === undefined && only !== undefined && kinds.length === 1) return only;
  if (wanted !== undefined && known.includes(wanted)) return wanted;
  const choice = wanted === undefined ? kinds : known;
  throw invalid([{ pointer: '/kind', detail: `Name one of: ${choice.join(', ')}` }]);
}

interface WantedSecret {
  readonly channel: ChannelName;
  readonly kind: string;
  readonly value?: string | undefined;
  readonly overlap_s: number;
}

async function rotate(
  { db, sealer, now }: IntegrationParts,
  owner: { readonly id: string; readonly tenantId: string },
  wanted: WantedSecret,
): Promise<{ row: IntegrationSecretRow; value: string }> {
  const { channel, kind, value = makeIntegrationSecret(kind), overlap_s: overlapS } = wanted;
  const why = refuseIntegrationSecret(channel, kind, value);
  if (why !== undefined) throw invalid([{ pointer: '/value', detail: why }]);
  const id = makeId('sec');
  const at = now();
  const recorded = await recordSecret(db, owner, {
    secret: { id, kind, sealed: sealer.seal(id, value), expires_at: null },
    now: at,
    othersExpireAt: new Date(at.getTime() + overlapS * 1000),
    countMax: secretsMax,
  });
  if (recorded === 'too-many') {
    const detail = `Has ${secretsMax} valid secrets of the kind ${kind}: revoke one first`;
    throw invalid([{ pointer: '', detail }]);
  }
  return { row: found(recorded, 'integration', owner.id), value };
}

function revokeRoute({ db, now, onIntegrationChange }: IntegrationParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/integrations/{id}/secrets/{secret_id}',
    summary: 'Revoke a secret now; it stays in the list',
    answer: z.void(),
    status: 204,
    handle: async ({ tenantId, id, itemId }) => {
      const isRevoked = await setSecretRevoked(db, { id, tenantId, secretId: itemId }, now());
      found(isRevoked ? itemId : undefined, 'secret', itemId);
      onIntegrationChange(id);
    },
  });
}
