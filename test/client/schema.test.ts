import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../server/served-api.ts';
import type { ServedApi } from '../server/served-api.ts';
import { toTypeScript } from '../support/openapi-types.ts';
import type { OpenapiDocument } from '../support/openapi-types.ts';

let api: ServedApi;

beforeAll(async () => {
  api = await serveApi();
});

afterAll(() => api.close());

describe('the typed client', () => {
  test('is what /openapi.json says today; npm run client brings it up to date', async () => {
    const { body } = await api.fetch('/openapi.json');
    const types = toTypeScript(body as unknown as OpenapiDocument);
    await expect(types).toMatchFileSnapshot('../../src/client/schema.ts');
  });
});
