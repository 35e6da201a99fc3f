import { afterAll, beforeAll, expect, test } from 'vitest';
import { triggerJsonSchema } from '../../src/runtime/trigger-json-schema.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

test('the JSON Schema of trigger files needs no key', async () => {
  const { status, headers, body } = await api.fetch('/trigger.schema.json');
  expect([status, headers.get('Content-Type')]).toEqual([
    200,
    expect.stringContaining('application/schema+json'),
  ]);
  expect(body).toEqual(triggerJsonSchema());
});
