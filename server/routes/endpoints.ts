import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { Sealer } from '../../src/runtime/sealing.ts';
import {
  findEndpoint,
  listEndpoints,
  recordEndpoint,
  setEndpoint,
  setEndpointDeleted,
} from '../../src/store/endpoints.ts';
import type { EndpointRow } from '../../src/store/tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import { refuseEventTypes } from './event-types.ts';

const endpointSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    event_types: z.array(z.string()),
    state: z.enum(['enabled', 'paused', 'disabled']),
    state_reason: z.string().nullable(),
    description: z.string().nullable(),
    created_at: instant,
  })
  .meta({ id: 'Endpoint', description: "A customer's URL with its secret and state." });

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
  state: z.enum(['enabled', 'disabled']).optional(),
});

export interface EndpointParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** Why a URL can't be an endpoint's, or `undefined`. */
  readonly refuseUrl: (raw: string) => string | undefined;
  readonly makeEndpointSecret: () => string;
}

export function endpointRoutes(parts: EndpointParts): MountableRoute[] {
  return [createRoute(parts), changeRoute(parts), ...otherRoutes(parts.db)];
}

function createRoute({ db, sealer, refuseUrl, makeEndpointSecret }: EndpointParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/endpoints',
    summary: 'Make an endpoint; its secret is shown this once',
    body: newEndpointSchema,
    answer: createdSchema,
    status: 201,
    handle: async ({ tenantId, body: { url, event_types, description = null } }) => {
      checkUrl(refuseUrl, url);
      refuseEventTypes(event_types);
      const secret = makeEndpointSecret();
      const secretId = makeId('sec');
      const row = await recordEndpoint(
        db,
        { id: makeId('ep'), tenant_id: tenantId, url, description, event_types },
        { id: secretId, sealed: sealer.seal(secretId, secret) },
      );
      return { ...toAnswer(row), secret };
    },
    head: ({ id }) => ({ status: 201, location: `/v1/endpoints/${id}` }),
  });
}

function changeRoute({ db, refuseUrl }: EndpointParts): MountableRoute {
  return route({
    method: 'patch',
    path: '/v1/endpoints/{id}',
    summary: 'Change an endpoint; attempts still to come use what it says then',
    body: changeSchema,
    answer: endpointSchema,
    handle: async ({ tenantId, id, body }) => {
      if (body.url !== undefined) checkUrl(refuseUrl, body.url);
      if (body.event_types !== undefined) refuseEventTypes(body.event_types);
      const row = await setEndpoint(db, { id, tenantId }, toChange(body));
      return toAnswer(found(row, 'endpoint', id));
    },
  });
}

/** Only what was given; a state that an operator sets has the operator as its reason. */
function toChange({
  url,
  event_types,
  description,
  state,
}: z.output<typeof changeSchema>): Parameters<typeof setEndpoint>[2] {
  const state_reason = state === 'disabled' ? 'operator' : null;
  return {
    ...(url !== undefined && { url }),
    ...(event_types !== undefined && { event_types }),
    ...(description !== undefined && { description }),
    ...(state !== undefined && { state, state_reason }),
  };
}

function otherRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/endpoints',
      summary: 'List endpoints',
      query: z.strictObject(pageQuery),
      answer: pageOf(endpointSchema),
      handle: async ({ tenantId, query }) =>
        toPage(query, (page) => listEndpoints(db, tenantId, page), toAnswer),
    }),
    route({
      method: 'get',
      path: '/v1/endpoints/{id}',
      summary: 'Read an endpoint',
      answer: endpointSchema,
      handle: async ({ tenantId, id }) =>
        toAnswer(found(await findEndpoint(db, id, tenantId), 'endpoint', id)),
    }),
    route({
      method: 'delete',
      path: '/v1/endpoints/{id}',
      summary: 'Delete an endpoint; its deliveries stay readable',
      answer: z.void(),
      status: 204,
      handle: async ({ tenantId, id }) => {
        const isDeleted = await setEndpointDeleted(db, id, tenantId);
        found(isDeleted ? id : undefined, 'endpoint', id);
      },
    }),
  ];
}

function checkUrl(refuseUrl: EndpointParts['refuseUrl'], url: string): void {
  const why = refuseUrl(url);
  if (why !== undefined) throw new Problem('url-refused', why, [{ pointer: '/url', detail: why }]);
}

function toAnswer(row: EndpointRow): z.input<typeof endpointSchema> {
  const { id, url, event_types, state, state_reason, description } = row;
  const created_at = row.created_at.toISOString();
  return { id, url, event_types, state, state_reason, description, created_at };
}
