import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeSigningKey } from '../../src/runtime/signature.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import {
  findEndpoint,
  listAllEndpointSecrets,
  listEndpointSecrets,
  lockEndpoint,
  recordEndpointSecret,
  setEndpointSecretEnded,
} from '../../src/store/endpoints.ts';
import type { EndpointSecretRow } from '../../src/store/delivery-tables.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import type { EndpointParts } from './endpoints.ts';

/** Each valid secret is one more signature in two headers of every attempt. */
const secretsMax = 10;

const hourMs = 3_600_000;

/** What the kind of a secret makes of it. */
const kinds = {
  hmac: (shared: () => string) => ({ secret: shared(), publicKey: null }),
  ed25519: () => makeSigningKey(),
} as const;

const kindSchema = z.enum(['hmac', 'ed25519']).meta({
  description: '`hmac` is shared with the consumer; of `ed25519` it gets the public key alone',
});

const secretSchema = z
  .object({
    id: z.string(),
    kind: kindSchema,
    public_key: z
      .string()
      .nullable()
      .meta({ description: '`whpk_…`: verifies `v1a` in `webhook-signature`; null for `hmac`' }),
    created_at: instant,
    expires_at: instant
      .nullable()
      .meta({ description: 'From then on it signs nothing; null = it signs until it is replaced' }),
  })
  .meta({ id: 'EndpointSecret', description: 'A secret of an endpoint, never its value.' });

const newSecretSchema = secretSchema
  .extend({
    secret: z
      .string()
      .nullable()
      .meta({ description: 'Shown this once; null for `ed25519`: nobody needs it but us' }),
  })
  .meta({ id: 'CreatedEndpointSecret', description: 'A new secret of an endpoint.' });

export function endpointSecretRoutes(parts: EndpointParts): MountableRoute[] {
  return [rotateRoute(parts), listRoute(parts), endRoute(parts)];
}

function rotateRoute({ db, sealer, makeEndpointSecret }: EndpointParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/endpoints/{id}/secrets',
    summary:
      'Rotate: make a secret, shown this once; the earlier ones of its kind end after the overlap',
    body: z.strictObject({
      kind: kindSchema.default('hmac'),
      overlap_hours: z
        .number()
        .min(0, 'Must be 0 to 168')
        .max(168, 'Must be 0 to 168')
        .default(24)
        .meta({ description: 'How long the earlier secrets sign too' }),
    }),
    answer: newSecretSchema,
    status: 201,
    handle: async (call) => {
      const { id, tenantId, body } = call;
      const { kind } = body;
      const { secret, publicKey } = kinds[kind](makeEndpointSecret);
      const secretId = makeId('sec');
      const row = await db.transaction(async (tx) => {
        found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
        const now = new Date();
        const othersExpireAt = new Date(now.getTime() + body.overlap_hours * hourMs);
        const valid = await listEndpointSecrets(tx, id, now);
        const staying = valid.filter((each) => each.kind !== kind || othersExpireAt > now);
        if (staying.length >= secretsMax) throw tooMany();
        const detail = { secret_id: secretId, kind, overlap_hours: body.overlap_hours };
        const entry = { action: 'endpoint.rotate_secret', subject: id, detail };
        await recordAudit(tx, auditEntry(call, entry));
        const sealed = sealer.seal(secretId, secret);
        const kept = { id: secretId, endpoint_id: id, kind, public_key: publicKey, sealed };
        return recordEndpointSecret(tx, kept, othersExpireAt);
      });
      return { ...toSecret(row), secret: kind === 'hmac' ? secret : null };
    },
  });
}

function tooMany(): Error {
  const detail = `Has ${secretsMax} valid secrets: wait until one has expired, or send 0 to end those of its kind`;
  return invalid([{ pointer: '/overlap_hours', detail }]);
}

function listRoute({ db }: EndpointParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/endpoints/{id}/secrets',
    summary: 'List the secrets of an endpoint, without their values',
    query: z.strictObject(pageQuery),
    answer: pageOf(secretSchema),
    handle: async ({ tenantId, id, query }) => {
      found(await findEndpoint(db, id, tenantId), 'endpoint', id);
      return toPage(query, (page) => listAllEndpointSecrets(db, id, page), toSecret);
    },
  });
}

function endRoute({ db }: EndpointParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/endpoints/{id}/secrets/{secret_id}',
    summary: 'End a secret at once; the last shared one stays',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { id, itemId, tenantId } = call;
      await db.transaction(async (tx) => {
        found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
        const secret = { id: itemId, endpointId: id, now: new Date() };
        const outcome = await setEndpointSecretEnded(tx, secret);
        if (outcome === 'unknown') {
          throw new Problem('not-found', `No secret "${itemId}" of endpoint "${id}" is valid`);
        }
        if (outcome === 'last') {
          throw new Problem(
            'last-secret',
            'It is the only shared secret: make another one first, with "overlap_hours": 0 to end this one',
          );
        }
        const detail = { secret_id: itemId };
        const entry = { action: 'endpoint.end_secret', subject: id, detail };
        await recordAudit(tx, auditEntry(call, entry));
      });
    },
  });
}

function toSecret(row: EndpointSecretRow): z.input<typeof secretSchema> {
  const { id, kind, public_key } = row;
  const expires_at = row.expires_at?.toISOString() ?? null;
  return { id, kind, public_key, created_at: row.created_at.toISOString(), expires_at };
}
