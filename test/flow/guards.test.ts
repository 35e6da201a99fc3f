import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const triggers = (consumer: string) => ({
  'lane.yaml': `
trigger: lane
on: { source: events, events: [custom.lane] }
concurrency: { limit: 1, on_busy: queue }
do: { forward: "${consumer}/lane" }
with: { n: "\${{ int(body.data.n) }}" }
`,
  'debounce.yaml': `
trigger: debounce
on: { source: events, events: [custom.burst] }
debounce: { key: body.data.pr, for: 20s }
do: { forward: "${consumer}/burst" }
with: { n: "\${{ int(body.data.n) }}" }
`,
  'join.yaml': `
trigger: join
on:
  all:
    - { source: events, events: [custom.mr], as: mr }
    - { source: events, events: [custom.ci], as: ci }
  by: { mr: body.data.sha, ci: body.data.sha }
  within: 1h
when: ci.body.data.status == 'ok'
do: { forward: "${consumer}/join" }
with: { title: "\${{ mr.body.data.title }}", status: "\${{ ci.body.data.status }}" }
`,
});

const laneCount = 20;

/** Counts the posts of the lane that are not answered, and does not answer the sixth before it is told. */
const lane = { open: 0, openMax: 0, sixth: new EventEmitter(), hasHeld: false };

let world: World;
let eventIds: string[];

// All stories meet the same kill -9: a debounce window is open, a queue of 20 is at its sixth, half
// of a join is there. The other half comes while no worker runs.
beforeAll(async () => {
  world = await openWorld({ triggers });
  world.consumer.always('/lane', (response) => {
    lane.open += 1;
    lane.openMax = Math.max(lane.openMax, lane.open);
    const isSixth = !lane.hasHeld && world.consumer.at('/lane').length === 6;
    if (isSixth) {
      lane.hasHeld = true;
      response.once('close', () => (lane.open -= 1));
      lane.sixth.emit('arrived');
      return;
    }
    setTimeout(() => {
      lane.open -= 1;
      response.writeHead(200).end();
    }, 100);
  });
  const sixth = once(lane.sixth, 'arrived');
  await publish('custom.mr', { sha: 'a', title: 'first' });
  eventIds = [];
  for (let n = 1; n <= laneCount; n += 1) {
    eventIds.push(await publish('custom.lane', { n }));
  }
  await sixth;
  for (let n = 1; n <= 3; n += 1) await publish('custom.burst', { n, pr: 7 });
  await vi.waitUntil(async () => (await reasonsOf('debounce')).length === 2, { timeout: 120_000 });
  await world.killWorker();
  await publish('custom.ci', { sha: 'a', status: 'ok' });
  await publish('custom.burst', { n: 4, pr: 7 });
  await world.startWorker();
}, 180_000);
afterAll(() => world.close());

async function publish(type: string, data: Record<string, unknown>): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/events', { type, data });
  expect(status).toBe(202);
  return String(body['id'] ?? body['event_id']);
}

async function reasonsOf(trigger: string): Promise<(string | null)[]> {
  const runs = await world.db('trigger_runs').where({ trigger, state: 'skipped' }).orderBy('id');
  return runs.map(({ reason }) => reason);
}

async function idsOf(trigger: string): Promise<string[]> {
  return (await world.db('trigger_runs').where({ trigger }).orderBy('id')).map(({ id }) => id);
}

async function allEnded(trigger: string): Promise<void> {
  await vi.waitUntil(
    async () => {
      const going = await world.db('trigger_runs').where({ trigger }).whereNull('ended_at');
      return going.length === 0;
    },
    { timeout: 150_000, interval: 200 },
  );
}

test('a debounce window is not lost: the last of a burst acts, once, and the others say so', async () => {
  await allEnded('debounce');
  const bodies = world.consumer.at('/burst').map(({ body }) => JSON.parse(body) as unknown);
  expect(bodies).toEqual([{ n: 4 }]);
  const [, second, third, fourth] = await idsOf('debounce');
  const [first, ...others] = await reasonsOf('debounce');
  expect([second, third]).toContain(/^debounced: (\S+) came later$/.exec(first ?? '')?.[1]);
  expect(others).toEqual([`debounced: ${third} came later`, `debounced: ${fourth} came later`]);
}, 180_000);

test('half of a join is not lost: it is completed by what came while no worker ran', async () => {
  await allEnded('join');
  const [arrival, ...more] = world.consumer.at('/join');
  expect(more).toEqual([]);
  expect(JSON.parse(arrival?.body ?? '')).toEqual({ title: 'first', status: 'ok' });
  const [first] = await idsOf('join');
  expect(await reasonsOf('join')).toEqual([`joined: ${first} was the first`]);
}, 180_000);

test('a queue of 20 keeps its order; none is lost, none twice, never two at once', async () => {
  await allEnded('lane');
  const arrivals = world.consumer.at('/lane').map(({ headers }) => headers['webhook-id']);
  const cut = arrivals.filter((id, index) => id !== arrivals[index - 1]);
  expect(cut).toEqual(eventIds);
  expect(arrivals).toHaveLength(laneCount + 1); // The one under way at the kill was posted again.
  expect(lane.openMax).toBe(1);
  const runs = await world.db('trigger_runs').where({ trigger: 'lane' });
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['succeeded']));
}, 240_000);

test('a join whose condition does not hold is skipped, and says so', async () => {
  await publish('custom.ci', { sha: 'b', status: 'failed' });
  await publish('custom.mr', { sha: 'b', title: 'second' });
  await allEnded('join');
  expect((await reasonsOf('join')).filter((reason) => reason === 'condition_false')).toHaveLength(
    1,
  );
  expect(world.consumer.at('/join')).toHaveLength(1);
}, 90_000);
