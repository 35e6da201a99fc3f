import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkReplay } from '../../bench/replay-checks.ts';
import { seedDead } from '../../bench/replay-seed.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** Dead deliveries; some seconds of the replay's rate, so that each kill falls into it. */
const items = 300;
const rate = 50;

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 120_000);
afterAll(() => world.close());

const hour = 3_600_000;
const frame = {
  from: new Date(Date.now() - hour).toISOString(),
  to: new Date(Date.now() + hour).toISOString(),
  direction: 'outbound',
};

/** Start a replay. Answers its address. */
async function start(request: object): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/replays', { ...frame, ...request });
  expect({ status, body }).toMatchObject({ status: 202 });
  return `/v1/replays/${String(body['id'])}`;
}

type Replay = Record<string, unknown> & { readonly outcomes: Record<string, number> };

async function until(path: string, isSo: (replay: Replay) => boolean): Promise<Replay> {
  return vi.waitUntil(
    async () => {
      const replay = (await world.call('GET', path)).body as Replay;
      return isSo(replay) ? replay : undefined;
    },
    { timeout: 120_000, interval: 100 },
  );
}

function through(path: string): Promise<Replay> {
  return until(path, ({ state, outcomes }) => state === 'completed' && outcomes['under_way'] === 0);
}

/** When each webhook-id came to a path. */
function arrivalsAt(path: string): Map<string, number[]> {
  const arrivals = new Map<string, number[]>();
  for (const { headers, at } of world.consumer.at(path)) {
    const id = String(headers['webhook-id']);
    arrivals.set(id, [...(arrivals.get(id) ?? []), at]);
  }
  return arrivals;
}

test('three kills of the worker leave no dead delivery out and send none a second time', async () => {
  const { id: endpointId } = await world.addEndpoint('/killed', ['session.archived']);
  const { tenantId } = world.tenant;
  await seedDead(world.db, { tenantId, endpointId, count: items });
  const path = await start({ endpoint_id: endpointId, state: 'failed', rate });
  const kills: number[] = [];
  for (const share of [0.25, 0.5, 0.75]) {
    await until(path, ({ done }) => Number(done) >= items * share);
    kills.push(performance.now());
    await world.killWorker();
    await world.startWorker();
  }
  const replay = await through(path);
  expect(replay).toMatchObject({ planned: items, done: items, failed: 0, skipped: 0 });
  const replayId = String(replay['id']);
  const drilled = { replayId, endpointId, items, arrivals: arrivalsAt('/killed'), kills };
  const checks = await checkReplay(world.db, drilled);
  expect(checks.filter(({ wanted, found }) => wanted !== found)).toEqual([]);
}, 400_000);

test('a new endpoint gets what was published before it, once, as its filter would have had it', async () => {
  const event = (amount?: number) => ({
    type: 'custom.paid',
    data: amount === undefined ? {} : { amount },
  });
  for (const amount of [5, 50, undefined]) await world.call('POST', '/v1/events', event(amount));
  const { body } = await world.call('POST', '/v1/endpoints', {
    url: `${world.consumer.url}/backfilled`,
    event_types: ['custom.*'],
  });
  const target = { kind: 'endpoint', endpoint_id: String(body['id']) };
  const filter = 'data.amount > 10.0';
  const path = await start({ target, filter, event_types: ['custom.paid'] });
  const replay = await through(path);
  expect(replay).toMatchObject({ planned: 2, done: 1, failed: 1, outcomes: { succeeded: 1 } });
  const sent = world.consumer
    .at('/backfilled')
    .map((arrival) => JSON.parse(arrival.body) as object);
  expect(sent).toMatchObject([event(50)]);
  const failed = await world.call('GET', `${path}/items?state=failed`);
  expect(failed.body['data']).toMatchObject([
    { failure: expect.stringMatching(/^filter: .*amount/) as unknown },
  ]);
}, 120_000);

test('an original whose input nobody can read is started from its row', async () => {
  const { id: endpoint_id } = await world.addEndpoint('/unreadable', ['custom.unreadable']);
  const begun = await world.call('POST', '/v1/events', { type: 'custom.unreadable', data: {} });
  const event_id = String(begun.body['id']);
  await vi.waitUntil(() => world.consumer.at('/unreadable').length === 1, 30_000);
  const row = await vi.waitUntil(
    () => world.db('deliveries').where({ event_id, endpoint_id, state: 'delivered' }).first(),
    30_000,
  );
  // A cycle that somebody else has started, with what this platform can't decode.
  const id = `${row.id}-c2`;
  await world.client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId: id,
    requestId: id,
    workflowType: { name: 'nobody' },
    taskQueue: { name: 'nobody' },
    input: { payloads: [{ metadata: { encoding: Buffer.from('binary/encrypted') } }] },
  });
  await world.db('deliveries').where({ id: row.id }).update({ cycle: 2 });
  const replay = await through(await start({ endpoint_id }));
  expect(replay).toMatchObject({ done: 1, failed: 0, from_row: 1, outcomes: { succeeded: 1 } });
}, 120_000);
