import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** The waits of this world, in milliseconds; the server's timers have a grain of a second. */
const waitsMs = [1000, 1500, 2000, 2500];

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: '0s,1000ms,1500ms,2000ms,2500ms' });
});
afterAll(() => world.close());

const data = { session_id: 'ses_1' };

async function publish(): Promise<string> {
  const { status, body, headers } = await world.call('POST', '/v1/events', {
    type: 'session.archived',
    data,
  });
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/v1/events/${String(body['id'])}`);
  return String(body['id']);
}

async function list(path: string): Promise<Record<string, unknown>[]> {
  const { body } = await world.call('GET', path);
  return body['data'] as Record<string, unknown>[];
}

async function ended(endpointId: string, state: string): Promise<Record<string, unknown>> {
  return vi.waitUntil(
    async () => (await list(`/v1/deliveries?endpoint_id=${endpointId}&state=${state}`))[0],
    { timeout: 90_000, interval: 200 },
  );
}

test('a consumer that fails gets five attempts on schedule, then its delivery is a dead letter everywhere, and redrive delivers it', async () => {
  const { id: endpointId } = await world.addEndpoint('/fails', ['session.archived']);
  world.consumer.plan('/fails', 500, 503, 404, 302, 500);
  const eventId = await publish();
  const delivery = await ended(endpointId, 'dead');
  expect(delivery).toMatchObject({
    event_id: eventId,
    attempt_count: 5,
    cycle: 1,
    last_status: 500,
  });

  const arrivals = world.consumer.at('/fails');
  expect(arrivals).toHaveLength(5);
  for (const [index, waitMs] of waitsMs.entries()) {
    const gap = (arrivals[index + 1]?.at ?? 0) - (arrivals[index]?.at ?? 0);
    expect(gap).toBeGreaterThanOrEqual(waitMs);
  }
  expect(arrivals.map(({ headers }) => headers['x-webhook-attempt'])).toEqual([
    '1',
    '2',
    '3',
    '4',
    '5',
  ]);
  expect(new Set(arrivals.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([delivery['id']]),
  );
  expect(new Set(arrivals.map(({ body }) => body)).size).toBe(1);

  const attempts = await list(`/v1/deliveries/${String(delivery['id'])}/attempts`);
  expect(attempts).toMatchObject([
    { number: 1, status: 500, reason: 'status', response_body: 'answer 500' },
    { number: 2, status: 503 },
    { number: 3, status: 404 },
    { number: 4, status: 302, reason: 'status' },
    { number: 5, status: 500 },
  ]);

  const deadLetter = {
    id: delivery['id'],
    kind: 'delivery',
    event_id: eventId,
    endpoint_id: endpointId,
    state: 'open',
  };
  expect(await list('/v1/dead-letters?state=open')).toMatchObject([deadLetter]);
  expect(await world.db('dead_letters').where('subject_id', String(delivery['id']))).toMatchObject([
    deadLetter,
  ]);
  const query = `WorkflowType="delivery" AND ExecutionStatus="Failed" AND DurahookEndpoint="${endpointId}"`;
  await vi.waitFor(
    async () => expect((await world.client.workflow.count(query)).count).toBe(1),
    30_000,
  );

  const redrive = await world.call('POST', '/v1/dead-letters/redrive', { ids: [delivery['id']] });
  expect(redrive).toMatchObject({ status: 202, body: { redriven: 1 } });
  expect(await ended(endpointId, 'delivered')).toMatchObject({ cycle: 2, attempt_count: 1 });
  const last = world.consumer.at('/fails').at(-1);
  expect(last?.headers).toMatchObject({ 'webhook-id': delivery['id'], 'x-webhook-attempt': '1' });
  expect(await list('/v1/dead-letters?state=open')).toEqual([]);
});

test('the system tells of a running Temporal, and of the workers at its queues', async () => {
  const queues = ['durahook-deliveries', 'durahook-triggers', 'durahook-automations'];
  // A worker begins with one queue after the other.
  await vi.waitFor(
    async () => {
      const { status, body } = await world.call('GET', '/v1/system');
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          postgres: { is_up: true },
          temporal: {
            is_up: true,
            server_version: expect.stringMatching(/^\d+\./) as string,
            task_queues: queues.map((name) => ({ name, pollers: 1, backlog: 0 })),
          },
        },
      });
    },
    { timeout: 90_000, interval: 500 },
  );
  const { body: accounting } = await world.call('GET', '/v1/system/accounting');
  expect(accounting).toMatchObject({ is_balanced: true, dead_letters: { redriven: 1 } });
});

test('a replay over the timeframe delivers the rest from history; a dry run changes nothing', async () => {
  const from = new Date();
  const { id: endpointId } = await world.addEndpoint('/replayed', ['session.archived']);
  world.consumer.always('/replayed', 410);
  await publish();
  await ended(endpointId, 'dead');
  expect((await world.call('GET', `/v1/endpoints/${endpointId}`)).body).toMatchObject({
    state: 'disabled',
  });
  await world.call('POST', `/v1/endpoints/${endpointId}/resume`);
  world.consumer.always('/replayed', 200);

  const to = new Date(Date.now() + 1000);
  const filter = { from, to, direction: 'outbound', endpoint_id: endpointId };
  const dryRun = await world.call('POST', '/v1/replays', { ...filter, dry_run: true });
  expect(dryRun).toMatchObject({ status: 200, body: { planned: 1 } });
  expect(await list(`/v1/deliveries?endpoint_id=${endpointId}`)).toMatchObject([
    { state: 'dead', cycle: 1 },
  ]);
  expect(await list('/v1/replays')).toEqual([]);

  const { status, body } = await world.call('POST', '/v1/replays', filter);
  expect({ status, body }).toMatchObject({ status: 202, body: { planned: 1 } });
  expect(await ended(endpointId, 'delivered')).toMatchObject({ cycle: 2 });
  await vi.waitFor(
    async () => {
      const replay = await world.call('GET', `/v1/replays/${String(body['id'])}`);
      expect(replay.body).toMatchObject({
        state: 'completed',
        planned: 1,
        done: 1,
        failed: 0,
        from_row: 0,
      });
    },
    { timeout: 90_000 },
  );
});
