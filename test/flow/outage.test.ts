import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { PROBE_INTERVAL: '4s' } });
}, 120_000);
afterAll(() => world.close());

async function publish(): Promise<void> {
  const { status } = await world.call('POST', '/v1/events', {
    type: 'session.archived',
    data: { session_id: 'ses_1' },
  });
  expect(status).toBe(202);
}

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly attempt_count: number;
}

async function deliveriesOf(endpointId: string, state: string): Promise<Listed[]> {
  const query = `endpoint_id=${endpointId}&state=${state}&limit=200`;
  const { body } = await world.call('GET', `/v1/deliveries?${query}`);
  return (body['data'] as Listed[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const within = (timeout: number, check: () => Promise<void>) =>
  vi.waitFor(check, { timeout, interval: 200 });

const idsAt = (path: string, from: number) =>
  world.consumer
    .at(path)
    .slice(from)
    .map(({ headers }) => String(headers['webhook-id']));

test('what an endpoint misses while it is down waits, is sent in order when it is back, and others are told', async () => {
  const { id } = await world.addEndpoint('/down', ['session.archived', 'endpoint.*']);
  await world.addEndpoint('/told', ['endpoint.*']);
  const wishes = { on_outage: 'park', redrives_on_recovery: true };
  await world.call('PATCH', `/v1/endpoints/${id}`, wishes);
  world.consumer.always('/down', 503);

  await publish(); // Five failed attempts: it dies before the outage begins.
  await within(120_000, async () => expect(await deliveriesOf(id, 'dead')).toHaveLength(1));
  for (let index = 0; index < 5; index += 1) await publish();
  await within(120_000, async () => {
    const { body } = await world.call('GET', `/v1/endpoints/${id}`);
    expect(body['health']).toMatchObject({
      stage: 1,
      failing_since: expect.any(String) as string,
      outage: { since: expect.any(String) as string },
    });
  });
  for (let index = 0; index < 30; index += 1) await publish();
  await within(120_000, async () => expect(await deliveriesOf(id, 'parked')).toHaveLength(35));
  const parked = await deliveriesOf(id, 'parked');
  expect(parked.slice(-30).map(({ attempt_count: count }) => count)).toEqual(Array(30).fill(0));
  const before = world.consumer.at('/down').length;
  world.consumer.always('/down', 200);

  await within(150_000, async () => {
    expect(await deliveriesOf(id, 'delivered')).toHaveLength(36);
  });
  const arrived = idsAt('/down', before);
  expect(new Set(arrived).size, 'each arrives once').toBe(arrived.length);
  expect(arrived).toHaveLength(36);
  const waited = parked.map((each) => each.id);
  const drained = arrived.filter((each) => waited.includes(each));
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [2, 4],
    [4, 8],
    [8, 16],
    [16, 32],
    [32, 35],
  ]) {
    expect(drained.slice(from, to).toSorted()).toEqual(waited.slice(from, to));
  }
  await within(120_000, async () => {
    const told = world.consumer.at('/told').map(({ body: text }) => JSON.parse(text) as object);
    expect(told).toMatchObject([
      { type: 'endpoint.failing', data: { endpoint_id: id, stage: 1, last_status: 503 } },
      { type: 'endpoint.recovered', data: { endpoint_id: id } },
    ]);
  });
  const healthy = await world.call('GET', `/v1/endpoints/${id}`);
  expect(healthy.body['health']).toMatchObject({ stage: 0, outage: null, recovering: false });
}, 600_000);
