import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Admission } from '../../src/domain/activities.ts';
import { runPoke } from '../../src/domain/workflows.ts';
import type { TriggerRunInput } from '../../src/domain/workflows.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const taskQueue = 'waiting-runs';

/** How often the guards were asked; here they say that it is to wait, and poke it at once. */
let asked = 0;
const askedMax = 201;

let world: World;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  world = await openWorld({ hasWorker: false });
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = fileURLToPath(new URL('../../workflows/trigger-run.ts', import.meta.url));
  connection = await NativeConnection.connect({ address: world.temporalAddress });
  worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    activities: {
      async admitRun({ runId }: TriggerRunInput): Promise<Admission> {
        asked += 1;
        if (asked === askedMax) return { kind: 'ended', outcome: 'skipped' };
        await world.client.workflow.getHandle(runId).signal(runPoke);
        return { kind: 'wait', waitMs: 3_600_000 };
      },
    },
  });
  running = worker.run();
}, 240_000);
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await world.close();
});

describe('triggerRun()', () => {
  test('waits on in a history of its own after 200 rounds, and ends as its guards say', async () => {
    const runId = `run_${randomUUID()}`;
    const { workflow } = world.client;
    const args = [{ runId, cycle: 1, isGuarded: true }];
    const handle = await workflow.start('triggerRun', { workflowId: runId, taskQueue, args });
    expect(await handle.result()).toEqual({ outcome: 'skipped' });
    expect(asked).toBe(askedMax);
    const first = workflow.getHandle(runId, handle.firstExecutionRunId);
    expect(await first.describe()).toMatchObject({ status: { name: 'CONTINUED_AS_NEW' } });
    expect((await first.fetchHistory()).events?.length).toBeLessThan(3000);
    const { historyLength } = await workflow.getHandle(runId).describe();
    expect(historyLength).toBeLessThan(20);
  }, 180_000);
});
