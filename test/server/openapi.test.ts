import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let document: Record<string, unknown>;
beforeAll(async () => {
  api = await serveApi();
  document = (await api.fetch('/openapi.json')).body;
});
afterAll(async () => api.close());

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: unknown }> }>>;
}

function schemaOf(path: string, status: number): unknown {
  const paths = document['paths'] as Record<string, { post: Operation }>;
  return paths[path]?.post.responses[status]?.content?.['application/json']?.schema;
}

describe('GET /openapi.json', () => {
  test('names both ways to prove who calls: the key, or the cookie that a login sets', async () => {
    const [name = ''] = (await api.logIn()).split('=');
    expect(document).toMatchObject({
      security: [{ apiKey: [] }, { session: [] }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name },
        },
      },
    });
  });

  test('has what a dry run answers under the status that it comes with', async () => {
    const dryRun = { dry_run: true, filter: {} };
    expect((await api.call('POST', '/v1/dead-letters/redrive', dryRun)).status).toBe(200);
    expect(schemaOf('/v1/dead-letters/redrive', 200)).toEqual({
      $ref: '#/components/schemas/DeadLetterPreview',
    });
    expect(schemaOf('/v1/dead-letters/redrive', 202)).toEqual({
      $ref: '#/components/schemas/Redrive',
    });
    expect(schemaOf('/v1/replays', 200)).toEqual({ $ref: '#/components/schemas/ReplayPreview' });
    expect(schemaOf('/v1/replays', 202)).toMatchObject({
      required: ['id', 'planned', 'planned_is_estimate', 'estimated_s', 'revision', 'state'],
    });
    expect(schemaOf('/v1/api-keys', 200)).toBeUndefined();
  });
});
