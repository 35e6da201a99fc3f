import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import { searchAttributes } from '../../src/runtime/search-attributes.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 120_000);
afterAll(() => world.close());

vi.setConfig({ testTimeout: 600_000 });
const patience = { timeout: 240_000, interval: 200 };

const frame = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 3_600_000).toISOString(),
  direction: 'outbound',
});

async function through(request: object): Promise<Record<string, unknown>> {
  const { status, body } = await world.call('POST', '/v1/replays', { ...frame(), ...request });
  expect({ status, body }).toMatchObject({ status: 202 });
  return vi.waitUntil(async () => {
    const replay = (await world.call('GET', `/v1/replays/${String(body['id'])}`)).body;
    const outcomes = replay['outcomes'] as Record<string, number> | null;
    const isThrough = replay['state'] === 'completed' && outcomes?.['under_way'] === 0;
    return isThrough ? replay : undefined;
  }, patience);
}

/** What Temporal knows of the workflow of a cycle. */
async function workflowOf(id: string, cycle: number) {
  const handle = world.client.workflow.getHandle(workflowIdOf(id, cycle));
  const { typedSearchAttributes } = await handle.describe();
  return typedSearchAttributes.get(searchAttributes.replay);
}

test('what stood in line is found under its replay, whoever started it in the end', async () => {
  const { status, body } = await world.call('POST', '/v1/endpoints', {
    url: `${world.consumer.url}/lined`,
    event_types: ['session.archived'],
    order_by: 'data.session_id',
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  const endpoint_id = String(body['id']);
  const event = { type: 'session.archived', data: { session_id: 'one' } };
  const events = [event, event, event, event];
  const published = await world.call('POST', '/v1/events/batch', { events });
  expect(published).toMatchObject({ status: 200 });
  const delivered = (cycle: number) =>
    world.db('deliveries').where({ endpoint_id, cycle, state: 'delivered' }).orderBy('id');
  await vi.waitFor(async () => expect(await delivered(1)).toHaveLength(4), patience);
  expect(await workflowOf(String((await delivered(1))[0]?.id), 1)).toBeUndefined();
  // Slow enough for the others to join the line meanwhile.
  world.consumer.always('/lined', (response) => {
    setTimeout(() => response.writeHead(200).end(), 700);
  });
  const replay = await through({ endpoint_id, rate: 100 });
  expect(replay).toMatchObject({ done: 4, failed: 0, from_history: 4, from_row: 0 });
  const rows = await delivered(2);
  expect(rows).toHaveLength(4);
  const found = await Promise.all(rows.map(({ id }) => workflowOf(id, 2)));
  expect(found).toEqual(rows.map(() => replay['id']));

  const repeated = await through({ endpoint_id, rate: 100, ids: 'new' });
  const fresh = await world.db('deliveries').where({ endpoint_id }).whereNotNull('replay_of');
  expect(fresh).toHaveLength(4);
  const again = await Promise.all(fresh.map(({ id }) => workflowOf(id, 1)));
  expect(again).toEqual(fresh.map(() => repeated['id']));

  // A redrive by hand is nobody's replay.
  const id = String(rows[0]?.id);
  await world.call('POST', `/v1/deliveries/${id}/redrive`);
  await vi.waitFor(async () => expect(await delivered(3)).toHaveLength(1), patience);
  expect(await workflowOf(id, 3)).toBeUndefined();
});

test('a replay of nothing completes with nothing done', async () => {
  const { id: endpoint_id } = await world.addEndpoint('/nothing', ['custom.nothing']);
  const replay = await through({ endpoint_id });
  expect(replay).toMatchObject({ planned: 0, done: 0, failed: 0, skipped: 0, eta_s: null });
  const result: unknown = await world.client.workflow.getHandle(String(replay['id'])).result();
  expect(result).toMatchObject({ planned: 0, done: 0, failed: 0, fromRow: 0 });
});
