import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import type { ZodOpenApiObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { idNamesOf } from './route.ts';
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

/** The OpenAPI 3.1.1 document of the routes: the schemas in it are those that check requests. */
export function makeOpenapi(routes: readonly MountableRoute[]): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const spec of routes) {
    paths[spec.path] = { ...paths[spec.path], [spec.method]: toOperation(spec) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title: 'Durahook', version: '1', description: 'Webhooks, in and out.' },
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
  return createDocument(document);
}

function toOperation({ path, summary, query, body, answer, status }: MountableRoute): object {
  const ids = idNamesOf(path).map((name) => [name, z.string()] as const);
  const parameters = {
    ...(ids.length > 0 && { path: z.object(Object.fromEntries(ids)) }),
    ...(query && { query }),
  };
  const success =
    status === 204
      ? { description: 'Done' }
      : { description: 'Done', content: { 'application/json': { schema: answer } } };
  const problem = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: problemSchema } },
  };
  return {
    summary,
    requestParams: parameters,
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: { [status]: success, default: problem },
  };
}
