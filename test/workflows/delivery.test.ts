import { once } from 'node:events';
import { activityInfo, ApplicationFailure, Context, heartbeat } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities, AttemptResult } from '../../src/domain/activities.ts';
import { deliveryPoke } from '../../src/domain/workflows.ts';
import type { DeliveryInput } from '../../src/domain/workflows.ts';
import { startTestWorker } from '../support/worker.ts';
import type { TestWorker } from '../support/worker.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const taskQueue = 'poked-deliveries';

/** What was marked as dead, and why. */
const dead: Parameters<Activities['markDead']>[0][] = [];

const taken: AttemptResult = { status: 204, durationMs: 7 };

/** Ends the attempt that does not beat, as if its worker was killed, once Temporal has given it up. */
const givenUp = new AbortController();

/** The first attempt fails; the second is poked while it is under way, and then answered with 410. */
async function attempt({ deliveryId, from }: DeliveryInput): Promise<AttemptResult> {
  if (deliveryId === 'dlv_cut') {
    await once(givenUp.signal, 'abort');
    return taken;
  }
  if (from !== undefined) return { status: null, durationMs: 0 }; // The row says: nothing is sent any more.
  if (activityInfo().isLocal || activityInfo().attempt === 1) {
    throw ApplicationFailure.create({ type: 'AttemptFailed', nextRetryDelay: 1 });
  }
  const beating = setInterval(() => heartbeat(), 100);
  await world.client.workflow.getHandle(deliveryId).signal(deliveryPoke);
  await Context.current().cancelled.catch(() => undefined);
  clearInterval(beating);
  throw ApplicationFailure.nonRetryable('gone 410', 'EndpointGone');
}

let world: World;
let worker: TestWorker;
beforeAll(async () => {
  world = await openWorld({ hasWorker: false });
  worker = await startTestWorker({
    address: world.temporalAddress,
    taskQueue,
    workflows: '../../workflows/delivery.ts',
    activities: {
      attempt,
      nextAttempt: async () => 3,
      markDead: async (input: Parameters<Activities['markDead']>[0]) => {
        dead.push(input);
        if (input.reason !== 'interrupted') return undefined;
        givenUp.abort();
        return taken;
      },
    },
  });
}, 240_000);
afterAll(async () => {
  await worker.close();
  await world.close();
}, 60_000);

describe('delivery()', () => {
  test('is dead when the attempt that was under way when it was poked is answered with 410', async () => {
    const input = { deliveryId: 'dlv_gone', cycle: 1, schedule: [0, 1, 1] };
    const { workflow } = world.client;
    const start = { workflowId: input.deliveryId, taskQueue, args: [input] };
    await expect(workflow.execute('delivery', start)).rejects.toThrow('Workflow execution failed');
    expect(dead).toEqual([{ ...input, reason: 'gone 410', isExhausted: false }]);
  }, 120_000);

  test('is completed, not failed, when its worker was killed after a last attempt that was delivered', async () => {
    // From number 2 on: without the attempt ahead of the policy, which is given 35 s.
    const input = { deliveryId: 'dlv_cut', cycle: 1, schedule: [0, 1], from: 2 };
    const { workflow } = world.client;
    const start = { workflowId: input.deliveryId, taskQueue, args: [input] };
    const result: unknown = await workflow.execute('delivery', start);
    expect(result).toEqual({ outcome: 'delivered', status: 204, durationMs: 7 });
    const { searchAttributes } = await workflow.getHandle(input.deliveryId).describe();
    expect(searchAttributes['DurahookReason']).toBeUndefined();
  }, 120_000);
});
