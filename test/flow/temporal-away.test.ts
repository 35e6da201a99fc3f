import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sendSample } from '../support/sender.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** How long Temporal is away. */
const awayMs = 20_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('while Temporal is away every request is answered 200; once it is back each run is executed once', async () => {
  const { github } = world.tenant.integrations;
  const statuses: number[] = [];
  const send = async (): Promise<void> => {
    const sent = { channel: 'github', sample: 'issues' } as const;
    const { status } = await sendSample(`${world.url}/v1/webhook/github`, sent, github);
    statuses.push(status);
  };

  await send();
  await world.killTemporal();
  const backAt = performance.now() + awayMs;
  while (performance.now() < backAt) {
    await send();
    await sleep(500);
  }
  await world.restartTemporal();
  await send();
  expect(new Set(statuses)).toEqual(new Set([200]));

  await vi.waitFor(
    async () => {
      const states = await world.db('trigger_runs').select('state');
      expect(states.filter(({ state }) => state !== 'succeeded')).toEqual([]);
      expect(states).toHaveLength(statuses.length);
    },
    { timeout: 60_000, interval: 500 },
  );
  // Each run emitted one event: none was executed twice.
  const emitted = await world.db('events').where({ type: 'import.completed' }).count({ n: '*' });
  expect(Number(emitted[0]?.['n'])).toBe(statuses.length);
  const executions = await world.client.workflow.count('WorkflowType="triggerRun"');
  expect(executions.count).toBe(statuses.length);
}, 150_000);
