import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addDead } from './dead-letter-rows.ts';
import { addDelivery, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';
import { steeredRows } from './steered-rows.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
const { audited, addRetrying } = steeredRows(() => api);
beforeEach(async () => void (await api.db('trigger_runs').delete()));

const reason = 'Their certificate is renewed';

/** Each way to send one again, with one more to send and the name in the audit log. */
const singles: readonly (readonly [string, () => Promise<string>, string])[] = [
  ['/v1/deliveries/{id}/redrive', () => addDead(api), 'delivery.redrive'],
  ['/v1/deliveries/{id}/attempt-now', () => addRetrying(), 'delivery.attempt_now'],
  ['/v1/trigger-runs/{id}/redrive', () => addRun(api), 'trigger_run.redrive'],
];

describe.each(singles)('POST %s', (path, add, action) => {
  const send = async (id: string, body?: unknown) =>
    api.call('POST', path.replace('{id}', id), body);

  test('keeps why in the audit log, and does without', async () => {
    const [said, silent, empty] = [await add(), await add(), await add()];
    expect((await send(said, { reason })).status).toBe(202);
    expect((await send(silent)).status).toBe(202);
    expect((await send(empty, {})).status).toBe(202);
    const entries = await audited();
    expect(entries).toMatchObject([
      { action, subject: said, detail: { reason } },
      { action, subject: silent },
      { action, subject: empty },
    ]);
    for (const { detail } of entries.slice(1)) expect(detail).not.toHaveProperty('reason');
  });

  test.each([
    ['a reason that is empty', { reason: '' }],
    ['a reason of 501 characters', { reason: 'a'.repeat(501) }],
    ['a reason with U+0000', { reason: 'a\0' }],
    ['another field', { why: 'x' }],
  ])('refuses %s and changes nothing', async (_, body) => {
    const id = await add();
    expect((await send(id, body)).status).toBe(422);
    expect(await audited()).toEqual([]);
    expect((await send(id, { reason: 'a'.repeat(500) })).status).toBe(202);
  });
});

test('/openapi.json says which bodies may be left out', async () => {
  const { paths } = (await api.fetch('/openapi.json')).body as { paths: Paths };
  const isNeeded = (path: string) => paths[path]?.post.requestBody.required ?? false;
  const optional = [...singles.map(([path]) => path), '/v1/deliveries/{id}/cancel'];
  expect(optional.map(isNeeded)).toEqual(optional.map(() => false));
  expect(isNeeded('/v1/deliveries/redrive')).toBe(true);
});

type Paths = Record<string, { post: { requestBody: { required?: boolean } } }>;

describe.each([
  ['attempt-now', () => addRetrying(), 'delivery.attempt_now'],
  ['redrive', () => addDead(api), 'delivery.redrive'],
] as const)('POST /v1/deliveries/%s', (move, add, action) => {
  test.each(['ids', 'filter'])('by %s keeps why in the audit log', async (naming) => {
    const id = await add();
    const which = naming === 'ids' ? { ids: [id] } : { filter: {} };
    const { status } = await api.call('POST', `/v1/deliveries/${move}`, { ...which, reason });
    expect(status).toBe(202);
    expect(await audited()).toMatchObject([{ action, detail: { reason } }]);
  });

  test('refuses a reason that is empty', async () => {
    const { status, body } = await api.call('POST', `/v1/deliveries/${move}`, {
      filter: {},
      reason: '',
    });
    expect([status, body['errors']]).toMatchObject([422, [{ pointer: '/reason' }]]);
  });
});

describe('the dead letter of what is redriven as a delivery or run', () => {
  const letterOf = async (id: string) => (await api.call('GET', `/v1/dead-letters/${id}`)).body;

  test('keeps why, too', async () => {
    const [single, many] = [await addDead(api), await addDead(api)];
    await api.call('POST', `/v1/deliveries/${single}/redrive`, { reason });
    await api.call('POST', '/v1/deliveries/redrive', { ids: [many], reason });
    for (const id of [single, many]) {
      expect(await letterOf(id)).toMatchObject({ state: 'redriven', settled_reason: reason });
    }
    const silent = await addDead(api);
    await api.call('POST', `/v1/deliveries/${silent}/redrive`);
    expect(await letterOf(silent)).toMatchObject({ state: 'redriven', settled_reason: null });
  });

  test('of a delivery that never died there is none', async () => {
    const id = await addDelivery(api, { state: 'delivered' });
    expect((await api.call('POST', `/v1/deliveries/${id}/redrive`, { reason })).status).toBe(202);
    expect(await api.db('failed_cycles')).toEqual([]);
  });
});
