import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: '0s,1s,4s,1s,1s' });
});
afterAll(() => world.close());

async function deliveryAt(endpointId: string, states: readonly string[]) {
  return vi.waitUntil(
    async () => {
      const { body } = await world.call('GET', `/v1/deliveries?endpoint_id=${endpointId}`);
      const [delivery] = body['data'] as Record<string, unknown>[];
      return delivery && states.includes(String(delivery['state'])) ? delivery : undefined;
    },
    { timeout: 90_000, interval: 200 },
  );
}

async function numbersOf(deliveryId: unknown): Promise<unknown[]> {
  const { body } = await world.call('GET', `/v1/deliveries/${String(deliveryId)}/attempts`);
  return (body['data'] as Record<string, unknown>[]).map(({ number, reason }) => [number, reason]);
}

test('kill -9 of the worker between attempts 2 and 3 keeps the rest of the schedule', async () => {
  const { id } = await world.addEndpoint('/between', ['session.archived']);
  world.consumer.always('/between', 500);
  await world.call('POST', '/v1/events', { type: 'session.archived', data: { session_id: 's' } });
  await vi.waitUntil(
    async () => {
      const { body } = await world.call('GET', `/v1/deliveries?endpoint_id=${id}`);
      return (body['data'] as Record<string, unknown>[])[0]?.['attempt_count'] === 2;
    },
    { timeout: 90_000, interval: 100 },
  );
  await world.killWorker();
  await world.startWorker();

  const delivery = await deliveryAt(id, ['dead']);
  const arrivals = world.consumer.at('/between');
  expect(arrivals.map(({ headers }) => headers['x-webhook-attempt'])).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
  ]);
  expect((arrivals[2]?.at ?? 0) - (arrivals[1]?.at ?? 0)).toBeGreaterThanOrEqual(4000);
  expect(await numbersOf(delivery['id'])).toEqual(
    [1, 2, 3, 4, 5].map((number) => [number, 'status']),
  );
}, 90_000);

test('kill -9 of the worker while an attempt is under way loses nothing', async () => {
  const { id } = await world.addEndpoint('/during', ['session.created']);
  const killed = new Promise<void>((resolve) => {
    world.consumer.plan('/during', 500, () => resolve()); // The second is never answered.
  });
  const data = { session_id: 's', tenant_id: 't', user_id: 'u' };
  await world.call('POST', '/v1/events', { type: 'session.created', data });
  await killed;
  await world.killWorker();
  await world.startWorker();

  const delivery = await deliveryAt(id, ['delivered', 'dead']);
  expect(delivery).toMatchObject({ state: 'delivered', attempt_count: 3 });
  expect(await numbersOf(delivery['id'])).toEqual([
    [1, 'status'],
    [2, 'interrupted'],
    [3, null],
  ]);
}, 90_000);
