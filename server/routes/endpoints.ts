import type { Knex } from 'knex';
import { z } from 'zod';
import { makeId } from '../../src/runtime/ids.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import {
  countParked,
  findEndpointHealth,
  listEndpointActivity,
} from '../../src/store/endpoint-health.ts';
import {
  findEndpoint,
  listEndpoints,
  recordEndpoint,
  setEndpoint,
  setEndpointDeleted,
} from '../../src/store/endpoints.ts';
import { setParkedCancelled } from '../../src/store/parked-deliveries.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, pageOf, pageQuery, toPage } from './answers.ts';
import {
  checkUrl,
  endpointSchema,
  endpointStateSchema,
  healthyEndpointSchema,
  listedEndpointSchema,
  toEndpoint,
  toHealth,
  toListedEndpoint,
} from './endpoint-answer.ts';
import type { RefuseUrl } from './endpoint-answer.ts';
import { refuseEventTypes } from './event-types.ts';

const createdSchema = endpointSchema
  .extend({ secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedEndpoint', description: 'An endpoint with its first secret.' });

const urlSchema = z.string().min(1).max(2048);
const eventTypesSchema = z.array(z.string().min(1).max(200)).min(1, 'Name at least one').max(100);
const descriptionSchema = z
  .string()
  .max(1000)
  .refine((text) => !text.includes('\0'), 'Must not contain U+0000')
  .nullable();

const newEndpointSchema = z.strictObject({
  url: urlSchema,
  event_types: eventTypesSchema,
  description: descriptionSchema.optional(),
});

const changeSchema = z.strictObject({
  url: urlSchema.optional(),
  event_types: eventTypesSchema.optional(),
  description: descriptionSchema.optional(),
});

export interface EndpointParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly refuseUrl: RefuseUrl;
  readonly makeEndpointSecret: () => string;
}

export function endpointRoutes(parts: EndpointParts): MountableRoute[] {
  return [createRoute(parts), changeRoute(parts), ...readRoutes(parts.db), deleteRoute(parts.db)];
}

function createRoute({ db, sealer, refuseUrl, makeEndpointSecret }: EndpointParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/endpoints',
    summary: 'Make an endpoint; its secret is shown this once',
    body: newEndpointSchema,
    answer: createdSchema,
    status: 201,
    handle: async (call) => {
      const { url, event_types, description = null } = call.body;
      checkUrl(refuseUrl, url);
      refuseEventTypes(event_types);
      const secret = makeEndpointSecret();
      const secretId = makeId('sec');
      const id = makeId('ep');
      const row = await db.transaction(async (tx) => {
        const detail = { url, event_types };
        await recordAudit(tx, auditEntry(call, { action: 'endpoint.create', subject: id, detail }));
        return recordEndpoint(
          tx,
          { id, tenant_id: call.tenantId, url, description, event_types },
          { id: secretId, sealed: sealer.seal(secretId, secret) },
        );
      });
      return { ...toEndpoint(row, 0), secret };
    },
    head: ({ id }) => ({ status: 201, location: `/v1/endpoints/${id}` }),
  });
}

function changeRoute({ db, refuseUrl }: EndpointParts): MountableRoute {
  return route({
    method: 'patch',
    path: '/v1/endpoints/{id}',
    summary: 'Change an endpoint; attempts that are still to come use the new values',
    body: changeSchema,
    answer: endpointSchema,
    handle: async (call) => {
      const { id, tenantId, body } = call;
      if (body.url !== undefined) checkUrl(refuseUrl, body.url);
      if (body.event_types !== undefined) refuseEventTypes(body.event_types);
      const change = given(body);
      const row = await db.transaction(async (tx) => {
        const changed = found(await setEndpoint(tx, { id, tenantId }, change), 'endpoint', id);
        const entry = { action: 'endpoint.change', subject: id, detail: change };
        if (Object.keys(change).length > 0) await recordAudit(tx, auditEntry(call, entry));
        return changed;
      });
      return toEndpoint(row, await countParked(db, id));
    },
  });
}

/** Only what was given: knex refuses undefined. */
function given({
  url,
  event_types,
  description,
}: z.output<typeof changeSchema>): Parameters<typeof setEndpoint>[2] {
  return {
    ...(url !== undefined && { url }),
    ...(event_types !== undefined && { event_types }),
    ...(description !== undefined && { description }),
  };
}

function readRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/endpoints',
      summary: 'List endpoints with what they hold back and what came of them lately',
      query: z.strictObject({
        ...pageQuery,
        state: endpointStateSchema.optional(),
        text: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .meta({ description: 'Anywhere in URL, description or id, in any case' }),
      }),
      answer: pageOf(listedEndpointSchema),
      handle: async ({ tenantId, query: { limit, cursor, state, text } }) => {
        const filter = { state, text };
        const { data, next_cursor } = await toPage(
          { limit, cursor },
          (page) => listEndpoints(db, tenantId, { filter, page }),
          (row) => row,
        );
        const ids = data.map(({ id }) => id);
        const activity = await listEndpointActivity(db, ids);
        return {
          data: data.map((row) => toListedEndpoint(row, activity.get(row.id))),
          next_cursor,
        };
      },
    }),
    route({
      method: 'get',
      path: '/v1/endpoints/{id}',
      summary: 'Read an endpoint and how it does',
      answer: healthyEndpointSchema,
      handle: async ({ tenantId, id }) => {
        const row = found(await findEndpoint(db, id, tenantId), 'endpoint', id);
        const health = await findEndpointHealth(db, id, tenantId);
        return { ...toEndpoint(row, await countParked(db, id)), health: toHealth(health) };
      },
    }),
  ];
}

function deleteRoute(db: Knex): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/endpoints/{id}',
    summary:
      'Delete an endpoint; its deliveries stay readable, those it held back end as cancelled',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { id, tenantId } = call;
      await db.transaction(async (tx) => {
        const isDeleted = await setEndpointDeleted(tx, id, tenantId);
        found(isDeleted ? id : undefined, 'endpoint', id);
        const entry = { action: 'endpoint.delete', subject: id, detail: {} };
        await recordAudit(tx, auditEntry(call, entry));
      });
      await setParkedCancelled(db, id);
    },
  });
}
