import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const testMs = 120_000;

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: '0s,1h,1h,1h,1h' });
}, testMs);
afterAll(() => world.close());

/** An event to an endpoint of its own. Answers the delivery. */
async function send(path: string, settings: object = {}): Promise<string> {
  const type = 'session.archived';
  const { id: endpointId } = await world.addEndpoint(path, [type]);
  await world.call('PATCH', `/v1/endpoints/${endpointId}`, settings);
  await world.call('POST', '/v1/events', { type, data: { session_id: 'ses_1' } });
  const { body } = await world.call('GET', `/v1/deliveries?endpoint_id=${endpointId}`);
  return String((body['data'] as Record<string, unknown>[])[0]?.['id']);
}

const read = async (id: string): Promise<Record<string, unknown>> =>
  (await world.call('GET', `/v1/deliveries/${id}`)).body;

const reaches = (id: string, expected: object): Promise<void> =>
  vi.waitFor(async () => expect(await read(id)).toMatchObject(expected), {
    timeout: 110_000,
    interval: 100,
  });

const steer = (id: string, move: string) => world.call('POST', `/v1/deliveries/${id}/${move}`);
const resultOf = (id: string): Promise<unknown> => world.client.workflow.getHandle(id).result();

test(
  'an attempt is made now, in the middle of an hour of waiting',
  async () => {
    world.consumer.plan('/now', 500, 200);
    const id = await send('/now');
    await reaches(id, { state: 'retrying', attempt_count: 1 });
    expect((await steer(id, 'attempt-now')).status).toBe(202);
    await reaches(id, { state: 'delivered', attempt_count: 2, cycle: 1 });
    expect(await resultOf(id)).toMatchObject({ outcome: 'delivered', status: 200 });
  },
  testMs,
);

test(
  'what is cancelled ends its workflow, and nothing more is sent',
  async () => {
    world.consumer.always('/cancelled', 500);
    const id = await send('/cancelled');
    await reaches(id, { state: 'retrying' });
    expect((await steer(id, 'cancel')).body).toMatchObject({ state: 'cancelled' });
    expect(await resultOf(id)).toMatchObject({ outcome: 'cancelled', status: null });
    expect(world.consumer.at('/cancelled')).toHaveLength(1);
  },
  testMs,
);

test(
  'what is held completes as parked, and goes on in its next cycle when it is let go',
  async () => {
    world.consumer.plan('/held', 500, 200);
    const id = await send('/held');
    await reaches(id, { state: 'retrying' });
    expect((await steer(id, 'hold')).body).toMatchObject({ state: 'parked', last_reason: 'held' });
    expect(await resultOf(id)).toMatchObject({ outcome: 'parked' });
    const { endpoint_id: endpointId } = await read(id);
    await world.call('POST', `/v1/endpoints/${String(endpointId)}/pause`);
    await world.call('POST', `/v1/endpoints/${String(endpointId)}/resume`);
    expect(await read(id)).toMatchObject({ state: 'parked', last_reason: 'held' });
    await steer(id, 'attempt-now');
    await reaches(id, { state: 'delivered', cycle: 2, attempt_count: 1 });
  },
  testMs,
);

test(
  'a deferred acknowledgement counts although the worker was killed in its window',
  async () => {
    world.consumer.plan('/later', (response: ServerResponse) =>
      response.writeHead(202, { 'webhook-ack': 'later' }).end(),
    );
    const id = await send('/later', { ack_window: '1h' });
    await reaches(id, { state: 'retrying', last_reason: 'ack_pending' });
    await world.killWorker();
    const [arrival] = world.consumer.at('/later');
    const token = String(arrival?.headers['webhook-ack-token']);
    const { pathname } = new URL(String(arrival?.headers['webhook-ack-url']));
    const acked = await fetch(`${world.url}${pathname}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect([acked.status, await acked.json()]).toEqual([200, { id, state: 'delivered' }]);
    await world.startWorker();
    expect(await resultOf(id)).toMatchObject({ outcome: 'delivered', status: 202 });
    expect(world.consumer.at('/later')).toHaveLength(1);
  },
  testMs,
);

test(
  '"attempt now" is not lost while Temporal is away',
  async () => {
    world.consumer.plan('/away', 500, 200);
    const id = await send('/away');
    await reaches(id, { state: 'retrying', attempt_count: 1 });
    await world.killTemporal();
    expect((await steer(id, 'attempt-now')).status).toBe(202);
    await world.restartTemporal();
    await reaches(id, { state: 'delivered', attempt_count: 2 });
  },
  testMs,
);
