import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** Deliveries that each story starts again. */
const count = 60;

/** Of them, how many began as events of their own; the others are rows whose history Temporal does not keep. */
const published = 3;

let world: World;
let filter: Record<string, unknown>;
beforeAll(async () => {
  world = await openWorld();
  const from = new Date();
  const { id: endpoint_id } = await world.addEndpoint('/again', ['session.archived']);
  const event = { type: 'session.archived', data: { session_id: 's' } };
  for (let i = 0; i < published; i += 1) await world.call('POST', '/v1/events', event);
  filter = { from, to: new Date(Date.now() + 1000), direction: 'outbound', endpoint_id };
  await allDelivered(published);
  const row = await world.db('deliveries').where({ endpoint_id }).first();
  if (!row) throw new Error('Nothing was delivered');
  const at = row.created_at;
  const rows = Array.from({ length: count - published }, () => ({
    ...row,
    id: makeId('dlv', at),
    created_at: at,
  }));
  await world.db('deliveries').insert(rows);
});
afterAll(() => world.close());

async function allDelivered(expected = count): Promise<void> {
  await vi.waitUntil(async () => (await cyclesOf()).size === expected, {
    timeout: 90_000,
    interval: 200,
  });
}

/** The cycle of each delivery that is delivered now. */
async function cyclesOf(): Promise<Map<string, number>> {
  const rows = await world.db('deliveries').where({
    endpoint_id: String(filter['endpoint_id']),
    state: 'delivered',
  });
  return new Map(rows.map(({ id, cycle }) => [id, cycle]));
}

async function start(rate: number): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/replays', { ...filter, rate });
  expect({ status, body }).toMatchObject({ status: 202, body: { planned: count } });
  return `/v1/replays/${String(body['id'])}`;
}

/** How many deliveries came to the consumer; a slow machine may need two attempts for one. */
function deliveredSince(index: number): number {
  const arrivals = world.consumer.at('/again').slice(index);
  return new Set(arrivals.map(({ headers }) => headers['webhook-id'])).size;
}

type Replay = Record<string, unknown> & { readonly done: number };

async function read(path: string): Promise<Replay> {
  return (await world.call('GET', path)).body as Replay;
}

/** How fast a replay has started its items, by their own instants. */
async function perSecondOf(path: string): Promise<number> {
  const { body } = await world.call('GET', `${path}/items?limit=200`);
  const items = body['data'] as { readonly created_at: string }[];
  const instants = items.map(({ created_at: at }) => Date.parse(at)).toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [instants[0], instants.at(-1)];
  return (instants.length - 1) / ((last - first) / 1000);
}

async function until(path: string, isSo: (replay: Replay) => boolean): Promise<Replay> {
  return vi.waitUntil(
    async () => {
      const replay = await read(path);
      return isSo(replay) ? replay : undefined;
    },
    { timeout: 120_000, interval: 100 },
  );
}

async function resultOf(path: string): Promise<unknown> {
  return world.client.workflow.getHandle(path.split('/').at(-1) ?? '').result();
}

test('a replay keeps its rate, rests while it is paused, goes on faster and delivers each once', async () => {
  const preview = await world.call('POST', '/v1/replays', { ...filter, rate: 10, dry_run: true });
  expect(preview.body).toMatchObject({
    planned: count,
    estimated_s: 6,
    per_type: [{ event_type: 'session.archived', count }],
  });
  const before = await cyclesOf();
  const arrived = world.consumer.at('/again').length;
  const path = await start(10);
  await until(path, ({ done }) => done >= 15);
  expect(await perSecondOf(path)).toBeLessThan(12);

  const paused = await world.call('POST', `${path}/pause`);
  expect(paused).toMatchObject({ status: 200, body: { state: 'paused' } });
  await sleep(2500);
  expect((await read(path)).done).toBe(paused.body['done']);
  await vi.waitFor(() => expect(deliveredSince(arrived)).toBe(paused.body['done']), 10_000);

  await world.call('PATCH', path, { rate: 200 });
  const resumedAt = performance.now();
  expect((await world.call('POST', `${path}/resume`)).body).toMatchObject({ state: 'running' });
  const ended = await until(path, ({ state }) => state === 'completed');
  expect(performance.now() - resumedAt).toBeLessThan(15_000); // The signal came: it did not wait for half a minute.
  expect(ended).toMatchObject({ planned: count, done: count, failed: 0, skipped: 0 });
  expect(ended['from_row']).toBe(count - published);
  await allDelivered();
  expect(await cyclesOf()).toEqual(new Map([...before].map(([id, cycle]) => [id, cycle + 1])));
  expect(deliveredSince(arrived)).toBe(count);
});

test('a cancelled replay starts nothing more, and its workflow completes with what it has done', async () => {
  const before = await cyclesOf();
  const path = await start(10);
  await until(path, ({ done }) => done >= 5);
  const { body } = await world.call('POST', `${path}/cancel`);
  expect(body).toMatchObject({ state: 'cancelled' });
  expect(await resultOf(path)).toMatchObject({ planned: count, done: body['done'], failed: 0 });
  await allDelivered();
  const after = await cyclesOf();
  const moved = [...before].filter(([id, cycle]) => after.get(id) !== cycle);
  expect(moved).toHaveLength(Number(body['done']));
  expect(await read(path)).toMatchObject({ state: 'cancelled', done: body['done'] });
});

test('kill -9 of the worker in the middle of a replay starts each once and leaves none out', async () => {
  const before = await cyclesOf();
  const path = await start(30);
  await until(path, ({ done }) => done >= 20);
  await world.killWorker();
  expect((await read(path)).done).toBeLessThan(count);
  await world.startWorker();
  const ended = await until(path, ({ state }) => state === 'completed');
  expect(ended).toMatchObject({ planned: count, done: count, failed: 0, skipped: 0 });
  await allDelivered();
  expect(await cyclesOf()).toEqual(new Map([...before].map(([id, cycle]) => [id, cycle + 1])));
  const items = await world.call('GET', `${path}/items?limit=200&state=done`);
  expect(items.body['data']).toHaveLength(count);
}, 150_000);
