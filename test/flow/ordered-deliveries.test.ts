import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: '0s,4s,4s,4s,4s' });
});
afterAll(() => world.close());

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const patience = { timeout: 90_000, interval: 100 };

/** An endpoint at a path, for the sessions whose id begins with the path's name. */
async function addEndpoint(name: string, settings: Record<string, unknown>): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/endpoints', {
    url: `${world.consumer.url}/${name}`,
    event_types: ['session.archived'],
    filter: `data.session_id.startsWith("${name}")`,
    ...settings,
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return String(body['id']);
}

/** @returns the ids of the events, in order */
async function publish(...sessionIds: readonly string[]): Promise<string[]> {
  const events = sessionIds.map((session_id) => ({
    type: 'session.archived',
    data: { session_id },
  }));
  const { body } = await world.call('POST', '/v1/events/batch', { events });
  return (body['data'] as { id: string }[]).map(({ id }) => id);
}

/** The events that arrived at a path, in order; repeated attempts count once. */
function eventsAt(path: string): string[] {
  const ids = world.consumer.at(path).map(({ body }) => (JSON.parse(body) as { id: string }).id);
  return ids.filter((id, index) => id !== ids[index - 1]);
}

const arrivals = (path: string, count: number) =>
  vi.waitFor(() => expect(new Set(eventsAt(path)).size).toBe(count), patience);

test('a key whose first delivery fails keeps its order, while another key flows', async () => {
  await addEndpoint('ordered', { order_by: 'data.session_id' });
  let isFailing = true;
  world.consumer.always('/ordered', (response) => {
    const { body = '' } = world.consumer.at('/ordered').at(-1) ?? {};
    response.writeHead(isFailing && body.includes('ordered-a') ? 500 : 200).end();
  });
  const [a1, b1, a2, b2, a3] = await publish(
    'ordered-a',
    'ordered-b',
    'ordered-a',
    'ordered-b',
    'ordered-a',
  );
  await vi.waitFor(
    () => expect(eventsAt('/ordered')).toEqual(expect.arrayContaining([b1, b2])),
    patience,
  );
  expect(eventsAt('/ordered')).not.toEqual(expect.arrayContaining([a2]));
  isFailing = false;
  await arrivals('/ordered', 5);
  const order = eventsAt('/ordered');
  const ofKey = (ids: readonly (string | undefined)[]) => [
    ...new Set(order.filter((id) => ids.includes(id))),
  ];
  expect(ofKey([a1, a2, a3])).toEqual([a1, a2, a3]);
  expect(ofKey([b1, b2])).toEqual([b1, b2]);
  expect(order.lastIndexOf(a1 ?? '')).toBeLessThan(order.indexOf(a2 ?? ''));
});

test('a rate is kept over all that wait, and another endpoint does not wait with them', async () => {
  const endpointId = await addEndpoint('rated', { rate_limit: 5 });
  await addEndpoint('calm', {});
  await publish(...Array.from({ length: 60 }, (_, n) => `rated-${n}`), 'calm-1');
  const waiting = `/v1/deliveries?endpoint_id=${endpointId}&state=pending`;
  await vi.waitFor(async () => {
    const { body } = await world.call('GET', waiting);
    expect(body['data']).toContainEqual(
      expect.objectContaining({ last_reason: 'rate_limited', attempt_count: 0 }),
    );
  }, patience);
  await arrivals('/calm', 1);
  await arrivals('/rated', 60);
  const times = world.consumer.at('/rated').map(({ at }) => at);
  expect(times).toHaveLength(60);
  const last = times.at(-1) ?? 0;
  expect(world.consumer.at('/calm')[0]?.at).toBeLessThan(last);
  // Nothing in the first second but what the limit and its burst allow; later ones may come late together.
  expect(times.filter((at) => at < (times[0] ?? 0) + 1000).length).toBeLessThanOrEqual(11);
  expect(last - (times[0] ?? 0)).toBeGreaterThan(10_700);
});

test('no more are under way at one time than the endpoint takes, and each leaves its place', async () => {
  await addEndpoint('narrow', { in_flight_max: 2 });
  let [underWay, most] = [0, 0];
  const slowly = (response: ServerResponse): void => {
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1; // Before the answer: what comes next may be here before this goes on.
      response.writeHead(200).end();
    }, 200);
  };
  world.consumer.always('/narrow', slowly);
  await publish(...Array.from({ length: 15 }, (_, n) => `narrow-${n}`));
  await arrivals('/narrow', 15);
  expect(most).toBe(2);
  await vi.waitFor(async () => expect(await world.db('delivery_turns')).toEqual([]), patience);
});
