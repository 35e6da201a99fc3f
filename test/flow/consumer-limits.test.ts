import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: '0s,1h' });
});
afterAll(() => world.close());

async function firstAttempt(endpointId: string): Promise<Record<string, unknown>> {
  const list = async (path: string): Promise<Record<string, unknown>[]> =>
    (await world.call('GET', path)).body['data'] as Record<string, unknown>[];
  return vi.waitUntil(
    async () => {
      const [delivery] = await list(`/v1/deliveries?endpoint_id=${endpointId}`);
      return (await list(`/v1/deliveries/${String(delivery?.['id'])}/attempts`))?.[0];
    },
    { timeout: 90_000, interval: 200 },
  );
}

async function publishTo(path: string): Promise<Record<string, unknown>> {
  const { id } = await world.addEndpoint(path, [`custom${path.replace('/', '.')}`]);
  const type = `custom${path.replace('/', '.')}`;
  await world.call('POST', '/v1/events', { type, data: { a: 1 } });
  return firstAttempt(id);
}

test('a consumer that answers after 10 s is a timeout after two', async () => {
  world.consumer.always('/slow', (response) => {
    setTimeout(() => response.writeHead(200).end(), 10_000).unref();
  });
  const attempt = await publishTo('/slow');
  expect(attempt).toMatchObject({ number: 1, status: null, reason: 'timeout' });
  expect(attempt['duration_ms']).toBeGreaterThanOrEqual(1900);
  expect(attempt['duration_ms']).toBeLessThanOrEqual(4000);
});

test('an endless body is cut off and still counts by its status', async () => {
  world.consumer.always('/endless', (response) => {
    response.writeHead(200);
    const writing = setInterval(() => response.write('x'.repeat(8192)), 1);
    response.once('close', () => clearInterval(writing));
  });
  const attempt = await publishTo('/endless');
  expect(attempt).toMatchObject({ status: 200, reason: null });
  expect(String(attempt['response_body'])).toHaveLength(16 * 1024);
});

test('an address of the cloud’s metadata is blocked', async () => {
  const url = 'http://169.254.169.254/latest';
  const saved = await world.call('POST', '/v1/endpoints', { url, event_types: ['*'] });
  expect(saved).toMatchObject({ status: 422, body: { errors: [{ pointer: '/url' }] } });
  const { id } = await world.addEndpoint('/moved', ['custom.metadata']);
  await world.db('endpoints').where({ id }).update({ url }); // As one that was kept before it was refused.
  await world.call('POST', '/v1/events', { type: 'custom.metadata', data: {} });
  expect(await firstAttempt(id)).toMatchObject({ status: null, reason: 'blocked' });
});
