import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ schedule: null });
});
afterAll(() => world.close());

test('with nothing configured Temporal holds the policy of five attempts and the first wait of 30 s', async () => {
  const { id: endpointId } = await world.addEndpoint('/fails', ['session.archived']);
  world.consumer.always('/fails', 500);
  const data = { session_id: 'ses_1' };
  const { body } = await world.call('POST', '/v1/events', { type: 'session.archived', data });
  const deliveries = await world.call('GET', `/v1/deliveries?event_id=${String(body['id'])}`);
  const all = deliveries.body['data'] as Record<string, unknown>[];
  const delivery = all.find(({ endpoint_id }) => endpoint_id === endpointId);
  const handle = world.client.workflow.getHandle(String(delivery?.['id']));

  const waiting = await vi.waitUntil(
    async () => {
      const { raw } = await handle.describe();
      const [activity] = raw.pendingActivities ?? [];
      return activity?.lastFailure ? activity : undefined;
    },
    { timeout: 90_000, interval: 200 },
  );
  expect(waiting).toMatchObject({ attempt: 2, maximumAttempts: 5 });
  const waitMs = secondsOf(waiting.scheduledTime) - secondsOf(waiting.lastAttemptCompleteTime);
  expect(waitMs).toBeCloseTo(30, 0);

  const { events } = await handle.fetchHistory();
  const policies = (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.retryPolicy ?? [],
  );
  expect(policies).toMatchObject([{ maximumAttempts: 5, backoffCoefficient: 5 }]);
  expect(
    policies.map(({ initialInterval, maximumInterval }) => [
      Number(initialInterval?.seconds),
      Number(maximumInterval?.seconds),
    ]),
  ).toEqual([[30, 3600]]);
});

function secondsOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds) + (time?.nanos ?? 0) / 1e9;
}
