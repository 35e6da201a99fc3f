import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const triggers = (consumer: string) => ({
  'replace.yaml': `
trigger: replace
on: { source: events, events: [custom.replace] }
concurrency: { key: body.data.key, limit: 1, on_busy: replace }
do: { forward: "${consumer}/replace" }
`,
  'queue.yaml': `
trigger: queue
on: { source: events, events: [custom.queue] }
concurrency: { limit: 1, on_busy: queue }
do: { forward: "${consumer}/queue" }
`,
  'waiting.yaml': `
trigger: waiting
on: { source: events, events: [custom.waiting] }
concurrency: { limit: 1, on_busy: queue }
do: { forward: "${consumer}/waiting" }
`,
  'slow.yaml': `
trigger: slow
on: { source: events, events: [custom.slow] }
do: { forward: "${consumer}/slow" }
timeout: 2s
retry: { attempts: 2, backoff: 1s }
`,
  'dedupe.yaml': `
trigger: dedupe
on: { source: events, events: [custom.dedupe] }
dedupe: { key: body.data.sha, for: 1h }
do: { forward: "${consumer}/dedupe" }
`,
});

let world: World;
beforeAll(async () => {
  world = await openWorld({ triggers });
});
afterAll(() => world.close());

async function publish(type: string, data: Record<string, unknown> = {}): Promise<void> {
  expect((await world.call('POST', '/v1/events', { type, data })).status).toBe(202);
}

async function runsOf(trigger: string) {
  return world.db('trigger_runs').where({ trigger }).orderBy('id');
}

async function statesOf(trigger: string): Promise<string[]> {
  return (await runsOf(trigger)).map(({ state }) => state);
}

async function untilStates(trigger: string, states: readonly string[]) {
  await vi.waitFor(async () => expect(await statesOf(trigger)).toEqual(states), {
    timeout: 80_000,
    interval: 200,
  });
  return runsOf(trigger);
}

function unanswered(): void {
  // The consumer takes the request and says nothing.
}

test('a later event replaces the run that is under way, and says so in both', async () => {
  world.consumer.plan('/replace', unanswered, 200);
  await publish('custom.replace', { key: 'a' });
  await vi.waitUntil(() => world.consumer.at('/replace').length === 1, { timeout: 60_000 });
  await publish('custom.replace', { key: 'a' });
  const [first, second] = await untilStates('replace', ['cancelled', 'succeeded']);
  expect(first?.reason).toBe(`replaced by ${second?.id}`);
}, 150_000);

test('a run that is cancelled in Temporal says so, and the next of its lane begins', async () => {
  world.consumer.plan('/queue', unanswered, 200);
  await publish('custom.queue');
  await vi.waitUntil(() => world.consumer.at('/queue').length === 1, { timeout: 60_000 });
  await publish('custom.queue');
  const [holder] = await runsOf('queue');
  await world.client.workflow.getHandle(holder?.id ?? '').cancel();
  const [first] = await untilStates('queue', ['cancelled', 'succeeded']);
  expect(first?.reason).toBe('cancelled in Temporal');
}, 150_000);

test('a run that is terminated in Temporal is cancelled and does not block its lane', async () => {
  world.consumer.plan('/queue', unanswered, 200);
  await publish('custom.queue');
  await vi.waitUntil(() => world.consumer.at('/queue').length === 3, { timeout: 60_000 });
  await publish('custom.queue');
  const [, , holder] = await runsOf('queue');
  await world.client.workflow.getHandle(holder?.id ?? '').terminate();
  const states = ['cancelled', 'succeeded', 'cancelled', 'succeeded'];
  const [, , terminated] = await untilStates('queue', states);
  expect(terminated?.reason).toBe('terminated in Temporal');
  const { body } = await world.call('GET', '/v1/dead-letters?trigger=queue');
  expect(body['data']).toEqual([]);
}, 180_000);

test('one that is terminated while it waits is passed over when the one before it ends', async () => {
  let answer = unanswered;
  world.consumer.plan('/waiting', (response) => {
    answer = () => void response.writeHead(200).end();
  });
  for (let n = 1; n <= 3; n += 1) await publish('custom.waiting');
  await vi.waitUntil(() => world.consumer.at('/waiting').length === 1, { timeout: 60_000 });
  const [, second] = await runsOf('waiting');
  const { workflow } = world.client;
  await vi.waitFor(() => workflow.getHandle(second?.id ?? '').terminate(), { timeout: 60_000 });
  answer();
  const states = ['succeeded', 'cancelled', 'succeeded'];
  const [, terminated] = await untilStates('waiting', states);
  expect(terminated?.reason).toBe('terminated in Temporal');
}, 180_000);

test('an action has its time and its attempts, and the failure says which time', async () => {
  world.consumer.always('/slow', unanswered);
  await publish('custom.slow');
  const [run] = await untilStates('slow', ['failed']);
  expect(run?.reason).toBe('timed out after 2s');
  expect(world.consumer.at('/slow')).toHaveLength(2);
}, 150_000);

test('of ten events with one key at once one acts; a redrive of another acts too', async () => {
  await Promise.all(Array.from({ length: 10 }, () => publish('custom.dedupe', { sha: 'a' })));
  const others = Array.from({ length: 9 }, () => 'skipped');
  const [first, second] = await untilStates('dedupe', ['succeeded', ...others]);
  expect(second?.reason).toBe(`deduplicated: ${first?.id} came first`);
  const redriven = await world.call('POST', `/v1/trigger-runs/${second?.id}/redrive`, {});
  expect(redriven.status).toBeLessThan(300);
  await vi.waitUntil(async () => (await statesOf('dedupe'))[1] === 'succeeded', {
    timeout: 90_000,
  });
  expect(world.consumer.at('/dedupe')).toHaveLength(2);
}, 150_000);
