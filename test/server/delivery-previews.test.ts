import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDelivery, addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

test.each([
  ['redrive', 'delivered'],
  ['cancel', 'retrying'],
  ['hold', 'retrying'],
  ['attempt-now', 'retrying'],
] as const)('a dry run of %s says where each goes', async (verb, state) => {
  const endpoint_id = await addEndpoint(api);
  const id = await addDelivery(api, { endpoint_id, state });
  const wanted = { id, endpoint_id, endpoint_url: 'https://example.com/hook' };
  const reason = verb === 'cancel' || verb === 'hold' ? { reason: 'To look' } : {};
  const ask = async (named: object) =>
    (await api.call('POST', `/v1/deliveries/${verb}`, { ...named, ...reason, dry_run: true })).body;
  expect(await ask({ filter: { endpoint_id } })).toMatchObject({ matched: 1, sample: [wanted] });
  expect(await ask({ ids: [id] })).toMatchObject({ matched: 1, sample: [wanted] });
});
