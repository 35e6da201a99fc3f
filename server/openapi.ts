import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import type { ZodOpenApiObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { catalog } from '../src/domain/catalog.ts';
import { agentCalls } from './agent-calls.ts';
import { idempotencyKeyPattern, idNamesOf } from './route.ts';
import type { MountableRoute } from './route.ts';

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'What every answer but a success looks like (RFC 9457).' });

/**
 * The OpenAPI 3.1.1 document of the routes: the schemas in it are those that check requests.
 *
 * @param sessionCookie - the name of the cookie that a browser session is in
 */
export function makeOpenapi(routes: readonly MountableRoute[], sessionCookie: string): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const spec of routes) {
    paths[spec.path] = { ...paths[spec.path], [spec.method]: toOperation(spec) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title: 'Durahook', version: '1', description: 'Webhooks, in and out.' },
    security: [{ apiKey: [] }, { session: [] }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'Of a browser that has opened a login link; from this very origin only',
        },
      },
    },
    paths,
    webhooks: { ...webhooks(), ...agentCalls() },
  };
  return createDocument(document);
}

/** What consumers get at their endpoints: one entry per event type of the catalog. */
function webhooks(): ZodOpenApiPathsObject {
  const entries = Object.entries(catalog).map(([type, { summary, when, data, example }]) => {
    const schema = z.object({
      type: z.literal(type),
      timestamp: z.iso.datetime(),
      data,
      id: z.string().meta({ description: 'Of the event: the same in every attempt' }),
    });
    const body = { type, timestamp: '2026-01-31T12:00:00.000Z', data: example, id: 'evt_1' };
    const post = {
      summary,
      description: `Sent ${when}.`,
      requestBody: { required: true, content: { 'application/json': { schema, example: body } } },
      responses: { '2XX': { description: 'Delivered. Anything else is tried again.' } },
    };
    return [type, { post }];
  });
  return Object.fromEntries(entries) as ZodOpenApiPathsObject;
}

function toOperation(spec: MountableRoute): object {
  const { path, summary, query, body, answer, preview, status, method } = spec;
  const ids = idNamesOf(path).map((name) => [name, z.string()] as const);
  const parameters = {
    ...(ids.length > 0 && { path: z.object(Object.fromEntries(ids)) }),
    ...(query && { query }),
    ...(method === 'post' && { header: keyedHeader }),
  };
  const success = status === 204 ? { description: 'Done' } : inJson('Done', answer);
  return {
    summary,
    ...(spec.isPublic && { security: [] }),
    requestParams: parameters,
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      ...(preview && { 200: inJson('A dry run: nothing is changed', preview) }),
      [status]: success,
      ...(method === 'post' && {
        409: asProblem('`idempotency-key-in-use`, or the state of things does not allow this'),
        422: asProblem('`invalid-request`, `idempotency-key-reused`, or another refusal'),
      }),
      default: asProblem('A problem'),
    },
  };
}

/** What every POST takes. */
const keyedHeader = z.object({
  'Idempotency-Key': z.string().regex(idempotencyKeyPattern).optional().meta({
    description:
      'Sent again with it within 24 hours, the same request gets the same answer and has no other effect',
  }),
});

function asProblem(description: string): object {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } };
}

function inJson(description: string, schema: z.ZodType): object {
  return { description, content: { 'application/json': { schema } } };
}
