import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  // Long enough in all for a pause to come in between, also on a busy machine.
  world = await openWorld({ schedule: '0s,8s,8s,8s,8s' });
});
afterAll(() => world.close());

async function publish(): Promise<string> {
  const { body } = await world.call('POST', '/v1/events', {
    type: 'session.archived',
    data: { session_id: 'ses_1' },
  });
  return String(body['id']);
}

async function deliveryOf(eventId: string, endpointId: string): Promise<Record<string, unknown>> {
  const query = `event_id=${eventId}&endpoint_id=${endpointId}`;
  const { body } = await world.call('GET', `/v1/deliveries?${query}`);
  return (body['data'] as Record<string, unknown>[])[0] ?? {};
}

const reaches = (eventId: string, endpointId: string, state: string) =>
  vi.waitFor(async () => expect(await deliveryOf(eventId, endpointId)).toMatchObject({ state }), {
    timeout: 90_000,
    interval: 100,
  });

test('what a paused endpoint misses is held back, under way or new, and a resume sends it all once', async () => {
  const { id: endpointId } = await world.addEndpoint('/paused', ['session.archived']);
  const path = `/v1/endpoints/${endpointId}`;
  world.consumer.always('/paused', 500);
  const underWay = await publish();
  await reaches(underWay, endpointId, 'retrying');
  expect((await world.call('POST', `${path}/pause`)).body).toMatchObject({ state: 'paused' });
  const born = await publish();
  await reaches(born, endpointId, 'parked');
  await reaches(underWay, endpointId, 'parked');
  expect((await world.call('GET', path)).body).toMatchObject({ held: 2, state: 'paused' });

  const { id } = await deliveryOf(underWay, endpointId);
  const handle = world.client.workflow.getHandle(String(id));
  expect(await handle.result()).toMatchObject({ outcome: 'parked', status: null });
  expect(await (await handle.describe()).staticDetails()).toContain(
    `/console/deliveries/${String(id)})`,
  );
  const before = world.consumer.at('/paused').length;
  world.consumer.always('/paused', 200);

  const resumed = await world.call('POST', `${path}/resume`);
  expect(resumed.body).toMatchObject({ resumed: 2, endpoint: { state: 'enabled' } });
  await reaches(underWay, endpointId, 'delivered');
  await reaches(born, endpointId, 'delivered');
  expect(await deliveryOf(underWay, endpointId)).toMatchObject({ cycle: 2, attempt_count: 1 });
  expect(await deliveryOf(born, endpointId)).toMatchObject({ cycle: 1, attempt_count: 1 });
  expect(world.consumer.at('/paused')).toHaveLength(before + 2);
  expect((await world.call('GET', path)).body).toMatchObject({ held: 0 });
}, 180_000);

test('an endpoint that was disabled for a while loses nothing: a resume sends what it missed, once', async () => {
  const missed = 200;
  const { id: endpointId } = await world.addEndpoint('/disabled', ['session.archived']);
  const path = `/v1/endpoints/${endpointId}`;
  await world.call('POST', `${path}/disable`);
  const eventIds = await Promise.all(Array.from({ length: missed }, publish));
  await reaches(String(eventIds[0]), endpointId, 'skipped');
  expect((await world.call('GET', path)).body).toMatchObject({ held: 0, skipped: missed });
  const tried = await world.call('POST', `${path}/resume`, { dry_run: true });
  expect(tried.body).toMatchObject({ resumed: missed, endpoint: { state: 'disabled' } });
  expect(world.consumer.at('/disabled')).toEqual([]);

  const resumed = await world.call('POST', `${path}/resume`);
  expect(resumed.body).toMatchObject({ resumed: missed, endpoint: { skipped: 0 } });
  const bodies = (): string[] => world.consumer.at('/disabled').map(({ body }) => String(body));
  await vi.waitFor(() => expect(bodies()).toHaveLength(missed), {
    timeout: 120_000,
    interval: 200,
  });
  const arrived = bodies().map((body) => (JSON.parse(body) as { id: string }).id);
  expect(new Set(arrived)).toEqual(new Set(eventIds));
  for (const eventId of eventIds) await reaches(eventId, endpointId, 'delivered');
}, 180_000);

test('a test event reaches a paused endpoint', async () => {
  const { id: endpointId } = await world.addEndpoint('/tried', ['session.archived']);
  await world.call('POST', `/v1/endpoints/${endpointId}/pause`);
  const { body } = await world.call('POST', `/v1/endpoints/${endpointId}/test-events`, {});
  expect(body).toMatchObject({ is_delivered: true, type: 'session.archived' });
  expect(world.consumer.at('/tried')).toMatchObject([{ headers: { 'x-webhook-test': 'true' } }]);
});
