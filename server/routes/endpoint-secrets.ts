import { z } from 'zod';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import {
  findEndpoint,
  listAllEndpointSecrets,
  listEndpointSecrets,
  lockEndpoint,
  recordEndpointSecret,
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

const secretSchema = z
  .object({
    id: z.string(),
    created_at: instant,
    expires_at: instant
      .nullable()
      .meta({ description: 'From then on it signs nothing; null = it signs until it is replaced' }),
  })
  .meta({ id: 'EndpointSecret', description: 'A secret of an endpoint, never its value.' });

const newSecretSchema = secretSchema
  .extend({ secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedEndpointSecret', description: 'A new secret of an endpoint.' });

export function endpointSecretRoutes(parts: EndpointParts): MountableRoute[] {
  return [rotateRoute(parts), listRoute(parts)];
}

function rotateRoute({ db, sealer, makeEndpointSecret }: EndpointParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/endpoints/{id}/secrets',
    summary: 'Rotate: make a secret, shown this once; the earlier ones end after the overlap',
    body: z.strictObject({
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
      const secret = makeEndpointSecret();
      const secretId = makeId('sec');
      const row = await db.transaction(async (tx) => {
        found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
        const now = new Date();
        const othersExpireAt = new Date(now.getTime() + body.overlap_hours * hourMs);
        if ((await listEndpointSecrets(tx, id, now)).length >= secretsMax) throw tooMany();
        const detail = { secret_id: secretId, overlap_hours: body.overlap_hours };
        const entry = { action: 'endpoint.rotate_secret', subject: id, detail };
        await recordAudit(tx, auditEntry(call, entry));
        const sealed = sealer.seal(secretId, secret);
        return recordEndpointSecret(tx, { id: secretId, endpoint_id: id, sealed }, othersExpireAt);
      });
      return { ...toSecret(row), secret };
    },
  });
}

function tooMany(): Error {
  const detail = `Has ${secretsMax} valid secrets: wait until one has expired`;
  return invalid([{ pointer: '', detail }]);
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

function toSecret(row: EndpointSecretRow): z.input<typeof secretSchema> {
  const expires_at = row.expires_at?.toISOString() ?? null;
  return { id: row.id, created_at: row.created_at.toISOString(), expires_at };
}
