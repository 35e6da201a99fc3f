import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SessionRound } from '../../src/domain/session-activities.ts';
import { sessionPoke } from '../../src/domain/workflows.ts';
import { startTestWorker } from '../support/worker.ts';
import type { TestWorker } from '../support/worker.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const taskQueue = 'session-rounds';
const patience = { timeout: 120_000, interval: 100 };

/** What each session is told by PostgreSQL, here by a test. */
const rounds = new Map<string, () => SessionRound>();

let world: World;
let worker: TestWorker;
beforeAll(async () => {
  world = await openWorld({ hasWorker: false });
  worker = await startTestWorker({
    address: world.temporalAddress,
    taskQueue,
    workflows: '../../workflows/session.ts',
    activities: {
      async sessionRound({ sessionId }: { sessionId: string }): Promise<SessionRound> {
        const round = rounds.get(sessionId);
        if (!round) throw ApplicationFailure.nonRetryable('There is no session');
        return round();
      },
    },
  });
}, 240_000);
afterAll(async () => {
  await worker.close();
  await world.close();
});

async function start(round: () => SessionRound) {
  const sessionId = `ses_${randomUUID()}`;
  rounds.set(sessionId, round);
  const { workflow } = world.client;
  await workflow.start('session', { workflowId: sessionId, taskQueue, args: [{ sessionId }] });
  return workflow.getHandle(sessionId);
}

test('after 200 rounds it goes on in a history of its own, and no poke is lost', async () => {
  let count = 0;
  let committed = 0;
  let seen = 0;
  const handle = await start(() => {
    count += 1;
    seen = committed;
    return { hasEnded: committed === Infinity, waitMs: count < 190 ? 0 : 3_600_000 };
  });
  const { runId } = await handle.describe();
  await vi.waitUntil(() => count >= 190, patience);
  for (let i = 0; (await handle.describe()).runId === runId; i += 1) {
    committed += 1;
    await handle.signal(sessionPoke);
    // Every other waits for no round, so that some come while one is under way.
    if (i % 2 === 1) await vi.waitUntil(() => seen === committed, patience);
  }
  await vi.waitUntil(() => count > 200 && seen === committed, patience);
  const { workflow } = world.client;
  const { events } = await workflow.getHandle(handle.workflowId, runId).fetchHistory();
  expect(events?.length).toBeLessThan(3000);
  committed = Infinity;
  await handle.signal(sessionPoke);
  expect(await handle.result()).toEqual({ outcome: 'archived' });
}, 300_000);

test('an agent that is away for long ends no session: the round is only another', async () => {
  let count = 0;
  const handle = await start(() => {
    count += 1;
    if (count > 31) return { hasEnded: true, waitMs: 0 };
    throw ApplicationFailure.create({ message: 'Away', nextRetryDelay: 1 });
  });
  expect(await handle.result()).toEqual({ outcome: 'archived' });
  const { events } = await handle.fetchHistory();
  const asked = events?.filter((event) => event.activityTaskScheduledEventAttributes);
  expect(asked).toHaveLength(2);
}, 180_000);

test('a session that is gone fails at once', async () => {
  const { workflow } = world.client;
  const gone = await workflow.start('session', {
    workflowId: `ses_${randomUUID()}`,
    taskQueue,
    args: [{ sessionId: 'ses_none' }],
  });
  await expect(gone.result()).rejects.toMatchObject({
    cause: { cause: { message: 'There is no session' } },
  });
}, 60_000);
