import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ensureMaintenanceSchedule } from '../../src/runtime/maintenance-schedule.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const triggers = (consumer: string) => ({
  'hangs.yaml': `
trigger: hangs
on: { source: events, events: [custom.hangs] }
concurrency: { limit: 1, on_busy: queue }
do: { forward: "${consumer}/hangs" }
`,
  'fails.yaml': `
trigger: fails
on: { source: events, events: [custom.fails] }
do: { forward: "${consumer}/fails" }
retry: { attempts: 1, backoff: 1s }
`,
  'stillborn.yaml': `
trigger: stillborn
on: { source: events, events: [custom.stillborn] }
when: body.data.missing == 1
do: { forward: "${consumer}/stillborn" }
`,
});

let world: World;
beforeAll(async () => {
  // The second attempt comes in an hour: what fails once waits in Temporal.
  world = await openWorld({
    triggers,
    schedule: '0s,1h',
    environment: { MAINTENANCE_INTERVAL: '1s', DELIVERY_TIMEOUT: '30s' },
  });
});
afterAll(() => world.close());

const patient = { timeout: 60_000, interval: 200 };

async function publish(type: string, data: object = {}): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/events', { type, data });
  expect(status).toBe(202);
  return String(body['id']);
}

/** A delivery whose first attempt has failed. */
async function startWaiting(path: string): Promise<string> {
  const type = `custom.${path.slice(1)}`;
  const { id } = await world.addEndpoint(path, [type]);
  world.consumer.always(path, 500);
  await publish(type);
  const { body } = await vi.waitUntil(async () => {
    const answer = await world.call('GET', `/v1/deliveries?endpoint_id=${id}&state=retrying`);
    return (answer.body['data'] as unknown[]).length > 0 && answer;
  }, patient);
  return String((body['data'] as { id: string }[])[0]?.id);
}

const delivery = (id: string) => world.db('deliveries').where({ id }).first();
const runsOf = (trigger: string) => world.db('trigger_runs').where({ trigger }).orderBy('id');
const statusOf = async (id: string) => {
  const described = await world.client.workflow
    .getHandle(id)
    .describe()
    .catch(() => undefined);
  return described?.status.name;
};

test('a delivery whose workflow is terminated in Temporal is cancelled, and says so', async () => {
  const id = await startWaiting('/terminated');
  await world.client.workflow.getHandle(id).terminate('An operator did it');
  await vi.waitUntil(async () => (await delivery(id))?.state === 'cancelled', patient);
  expect(await delivery(id)).toMatchObject({ last_reason: 'terminated in Temporal' });
  const { body } = await world.call('GET', `/v1/audit-log?subject=${id}`);
  expect(body['data']).toMatchObject([
    {
      actor: 'maintenance',
      action: 'delivery.reconcile',
      detail: { from: 'retrying', to: 'cancelled', reason: 'terminated in Temporal' },
    },
  ]);
}, 120_000);

/** So many whole passes of maintenance from now on. */
async function passes(count: number): Promise<void> {
  const query = 'WorkflowType = "maintenance" AND ExecutionStatus = "Completed"';
  const ended = async () => (await world.client.workflow.count(query)).count;
  const before = await ended();
  await vi.waitUntil(async () => (await ended()) >= before + count, patient);
}

test('the outcome of a POST that is under way when its workflow is terminated is what counts', async () => {
  let answer = (): void => undefined;
  world.consumer.plan('/slow', (response) => {
    answer = () => void response.writeHead(200).end();
  });
  const { id: endpoint_id } = await world.addEndpoint('/slow', ['custom.slow']);
  await publish('custom.slow');
  await vi.waitUntil(() => world.consumer.at('/slow').length === 1, patient);
  const { id = '' } = (await world.db('deliveries').where({ endpoint_id }).first()) ?? {};
  await world.client.workflow.getHandle(id).terminate();
  // Else it is too young to be looked at.
  await world
    .db('deliveries')
    .where({ id })
    .update({ started_at: new Date(Date.now() - 300_000) });
  await passes(2);
  answer();
  await vi.waitUntil(async () => (await delivery(id))?.ended_at, patient);
  expect(await delivery(id)).toMatchObject({ state: 'delivered', last_status: 200 });
}, 120_000);

test('a run whose workflow is terminated is cancelled, and the next of its lane begins', async () => {
  world.consumer.plan('/hangs', () => {
    // The consumer takes the request and says nothing.
  });
  await publish('custom.hangs');
  await vi.waitUntil(() => world.consumer.at('/hangs').length === 1, patient);
  await publish('custom.hangs');
  const [holder] = await runsOf('hangs');
  await world.client.workflow.getHandle(holder?.id ?? '').terminate();
  const states = async () => (await runsOf('hangs')).map(({ state }) => state);
  await vi.waitFor(async () => expect(await states()).toEqual(['cancelled', 'succeeded']), patient);
  expect((await runsOf('hangs'))[0]).toMatchObject({ reason: 'terminated in Temporal' });
}, 120_000);

test('a delivery whose workflow is gone from Temporal goes on with the attempt that is due', async () => {
  const id = await startWaiting('/deleted');
  await world.killWorker(); // So that nobody sees it terminated, which a deletion begins with.
  await world.client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id },
  });
  await vi.waitUntil(async () => (await statusOf(id)) === undefined, patient);
  const past = new Date(Date.now() - 300_000);
  await world.db('deliveries').where({ id }).update({ started_at: past, next_attempt_at: past });
  world.consumer.always('/deleted', 200);
  await world.startWorker();
  // The pass that was killed along with the worker is noticed after half a minute.
  await vi.waitUntil(async () => (await delivery(id))?.state === 'delivered', {
    timeout: 120_000,
    interval: 200,
  });
  expect(await delivery(id)).toMatchObject({ cycle: 1, attempt_count: 2 });
  const arrivals = world.consumer.at('/deleted');
  expect(arrivals.map(({ headers }) => headers['x-webhook-attempt'])).toEqual(['1', '2']);
}, 240_000);

test('the dead letters are as many as the failed workflows of Temporal', async () => {
  for (const path of ['/gone-1', '/gone-2']) {
    await world.addEndpoint(path, ['custom.gone']);
    world.consumer.always(path, 410);
  }
  world.consumer.always('/fails', 500);
  await publish('custom.gone');
  await publish('custom.fails');
  await publish('custom.stillborn'); // Dead without a workflow.
  const read = async () => (await world.call('GET', '/v1/system/accounting')).body;
  const counted = {
    is_balanced: true,
    imbalances: [],
    dead_letters: { open: 4 },
    temporal: {
      matches: true,
      failed_deliveries: 2,
      dead_deliveries: 2,
      failed_runs: 1,
      dead_runs: 1,
    },
  };
  await vi.waitFor(async () => expect(await read()).toMatchObject(counted), patient);
  expect(await world.db('dead_letters').where({ kind: 'delivery' })).toHaveLength(2);
  const query = 'WorkflowType = "delivery" AND ExecutionStatus = "Failed"';
  expect(await world.client.workflow.count(query)).toMatchObject({ count: 2 });
  const { last_day, corrections } = (await read()) as Record<string, Record<string, number>>;
  expect(last_day?.['planned']).toBeGreaterThanOrEqual(8); // And those of operational events.
  expect(last_day?.['found']).toBe(last_day?.['planned']);
  expect(corrections).toEqual({ 'delivery.reconcile': 2, 'trigger_run.reconcile': 1 });
  expect(
    await world.client.workflow.count(
      'WorkflowType = "maintenance" AND ExecutionStatus = "Failed"',
    ),
  ).toMatchObject({ count: 0 });
}, 120_000);

test('the schedule is changed to what is wanted, by several at once, and stays paused', async () => {
  const handle = world.client.schedule.getHandle('maintenance');
  expect((await handle.describe()).spec.intervals).toMatchObject([{ every: 1000 }]);
  await handle.pause();
  await Promise.all([1, 2, 3].map(() => ensureMaintenanceSchedule(world.client, 3_600_000)));
  const { spec, policies, state, action } = await handle.describe();
  expect([spec.intervals, policies, state, action]).toMatchObject([
    [{ every: 3_600_000 }],
    { overlap: 'SKIP' },
    { paused: true },
    { workflowType: 'maintenance', taskQueue: 'durahook-triggers' },
  ]);
}, 60_000);
