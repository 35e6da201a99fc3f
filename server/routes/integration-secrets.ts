import { z } from 'zod';
import { kindsOf } from '../../src/domain/channel.ts';
import type { ChannelName, Scheme } from '../../src/domain/channel.ts';
import { makeId } from '../../src/runtime/ids.ts';
import {
  makeIntegrationSecret,
  refuseIntegrationSecret,
} from '../../src/runtime/integration-secret.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { recordSecret, setSecretRevoked } from '../../src/store/integration-secrets.ts';
import { findIntegrationOf } from '../../src/store/integrations.ts';
import type { IntegrationSecretRow } from '../../src/store/tables.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
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
    handle: async (call) => {
      const { tenantId, id, body } = call;
      const { integration } = found(
        await findIntegrationOf(parts.db, id, tenantId),
        'integration',
        id,
      );
      const channel = channelSchema.parse(integration.channel);
      const kind = pickKind(body.kind, schemeOf(channel, integration), kindsOf(channel));
      const { row, value } = await rotate(parts, call, { ...body, channel, kind });
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
  call: Call<unknown, unknown>,
  wanted: WantedSecret,
): Promise<{ row: IntegrationSecretRow; value: string }> {
  const { channel, kind, value = makeIntegrationSecret(kind), overlap_s: overlapS } = wanted;
  const why = refuseIntegrationSecret(channel, kind, value);
  if (why !== undefined) throw invalid([{ pointer: '/value', detail: why }]);
  const id = makeId('sec');
  const at = now();
  const row = await db.transaction(async (tx) => {
    const recorded = await recordSecret(tx, call, {
      secret: { id, kind, sealed: sealer.seal(id, value), expires_at: null },
      now: at,
      othersExpireAt: new Date(at.getTime() + overlapS * 1000),
      countMax: secretsMax,
    });
    if (recorded === 'too-many') throw tooMany(kind);
    const detail = { secret_id: id, kind, overlap_s: overlapS };
    const entry = { action: 'integration.rotate_secret', subject: call.id, detail };
    await recordAudit(tx, auditEntry(call, entry));
    return found(recorded, 'integration', call.id);
  });
  return { row, value };
}

function tooMany(kind: string): Error {
  const detail = `Has ${secretsMax} valid secrets of the kind ${kind}: revoke one first`;
  return invalid([{ pointer: '', detail }]);
}

function revokeRoute({ db, now, onIntegrationChange }: IntegrationParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/integrations/{id}/secrets/{secret_id}',
    summary: 'Revoke a secret now; it stays in the list',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { tenantId, id, itemId } = call;
      await db.transaction(async (tx) => {
        const isRevoked = await setSecretRevoked(tx, { id, tenantId, secretId: itemId }, now());
        found(isRevoked ? itemId : undefined, 'secret', itemId);
        const detail = { secret_id: itemId };
        const entry = { action: 'integration.revoke_secret', subject: id, detail };
        await recordAudit(tx, auditEntry(call, entry));
      });
      onIntegrationChange(id);
    },
  });
}
