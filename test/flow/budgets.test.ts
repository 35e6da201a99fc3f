import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function setBudget(amount: number, currency: string): Promise<Record<string, unknown>> {
  const { body } = await world.call('PUT', '/v1/budgets', { period: 'month', amount, currency });
  return body;
}

async function finishSession(cost: number, currency: string): Promise<void> {
  const request = { name: 'expensive', user_id: 'lwei' };
  const { body } = await world.call('POST', '/v1/sessions', request);
  const path = `/v1/sessions/${String(body['id'])}/finish`;
  expect((await world.call('POST', path, { cost, currency })).status).toBe(200);
}

/** What a path was told of budgets in a currency. */
function toldAt(path: string, inCurrency: string): unknown[] {
  const told = world.consumer.at(path).map(({ body }) => JSON.parse(body) as { data: Told });
  return told.map(({ data }) => data).filter(({ currency }) => currency === inCurrency);
}

interface Told {
  readonly currency: string;
}

test('sessions that finish at once tell of each threshold that they exceed once', async () => {
  await world.addEndpoint('/exceeded', ['cost.*']);
  await setBudget(1, 'USD');
  await setBudget(2, 'USD');
  await setBudget(6, 'USD');
  const period = new Date().toISOString().slice(0, 7);
  await Promise.all(Array.from({ length: 8 }, () => finishSession(0.75, 'USD')));

  const { tenantId: tenant_id } = world.tenant;
  await vi.waitUntil(() => toldAt('/exceeded', 'USD').length >= 2, { timeout: 100_000 });
  const { body } = await world.call('GET', '/v1/budgets');
  expect(body['data']).toMatchObject([
    { amount: 6, spent: 6, current_period: period, exceeded_at: null },
    { amount: 2, spent: 6, exceeded_at: expect.any(String) as string },
    { amount: 1, spent: 6, exceeded_at: expect.any(String) as string },
  ]);
  const rest = { tenant_id, period, currency: 'USD' };
  await vi.waitUntil(async () => (await eventsOf('session.finished')).length === 8, {
    timeout: 90_000,
    interval: 200,
  });
  expect(await eventsOf('cost.threshold_exceeded')).toHaveLength(2);
  expect(toldAt('/exceeded', 'USD')).toHaveLength(2);
  expect(toldAt('/exceeded', 'USD')).toContainEqual({ ...rest, amount: 1.5, threshold: 1 });
  expect(toldAt('/exceeded', 'USD')).toContainEqual({ ...rest, amount: 2.25, threshold: 2 });
}, 180_000);

test('a budget that is exceeded when it is set is told of at once', async () => {
  await world.addEndpoint('/late', ['cost.threshold_exceeded']);
  await finishSession(3, 'EUR');
  const { exceeded_at } = await setBudget(2.5, 'EUR');
  expect(exceeded_at).toEqual(expect.any(String));
  await vi.waitUntil(() => toldAt('/late', 'EUR').length > 0, { timeout: 90_000 });
  expect(toldAt('/late', 'EUR')).toMatchObject([{ amount: 3, threshold: 2.5, currency: 'EUR' }]);
});

async function eventsOf(type: string): Promise<unknown[]> {
  const { body } = await world.call('GET', `/v1/events?direction=outbound&type=${type}&limit=200`);
  return body['data'] as unknown[];
}
