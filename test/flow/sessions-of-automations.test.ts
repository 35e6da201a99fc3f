import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeSessionActivities } from '../../activities/sessions.ts';
import { makeStarter } from '../../src/runtime/starter.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { startTestWorker } from '../support/worker.ts';
import type { TestWorker } from '../support/worker.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const taskQueue = 'ask-agent';
const patience = { timeout: 90_000, interval: 200 };

let agent: Consumer;
let world: World;
let worker: TestWorker;
beforeAll(async () => {
  agent = await startConsumer();
  world = await openWorld({ environment: { AGENT_URL: agent.url } });
  worker = await startTestWorker({
    address: world.temporalAddress,
    taskQueue,
    workflows: '../fixtures/workflows/ask-agent.ts',
    activities: sessionActivities(),
  });
}, 180_000);
afterAll(async () => {
  await worker.close();
  await world.close();
  await agent.close();
});

function sessionActivities() {
  const { db, client, url: publicUrl } = world;
  const log = pino({ level: 'silent' });
  return makeSessionActivities({
    db,
    client,
    publicUrl,
    starter: makeStarter({ db, client, log, publicUrl, schedule: [0] }),
    publish: () => Promise.reject(new Error('Only rounds publish, and they are the world’s')),
    agentUrl: undefined,
    sessionIdleMs: 60_000,
  });
}

/** Start an automation that asks for a session of a name of its own. */
async function ask(
  wish: object,
  name: string = randomUUID(),
): Promise<{ handle: WorkflowHandle; id: string }> {
  const workflowId = `run_${randomUUID().replaceAll('-', '')}-do`;
  const { tenantId } = world.tenant;
  const asked = { session: name, with: {}, ...wish };
  const input = { runId: 'run_1', tenantId, eventId: 'evt_1', with: asked };
  const handle = await world.client.workflow.start('askAgent', {
    workflowId,
    taskQueue,
    args: [input],
  });
  const session = await vi.waitUntil(() => world.db('sessions').where({ name }).first(), patience);
  return { handle, id: session.id };
}

async function causeOf(handle: WorkflowHandle): Promise<string> {
  const error: unknown = await handle.result().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return error instanceof WorkflowFailedError ? (error.cause?.message ?? '') : String(error);
}

test('an automation gets what its session came to, told by the session itself', async () => {
  const { handle, id } = await ask({ with: { pr: 1, user_id: 'lwei' } });
  await vi.waitUntil(() => agent.at('/v1/sessions').length > 0, patience);
  const result = { cost: 0.5, artifacts: ['report.md'] };
  const { body } = await world.call('POST', `/v1/sessions/${id}/finish`, result);
  expect(body).toMatchObject({ user_id: 'lwei', input: { pr: 1 } });
  expect(await handle.result()).toEqual({ sessionId: id, ...result });
  const { events } = await handle.fetchHistory();
  const signals = events?.filter((event) => event.workflowExecutionSignaledEventAttributes);
  expect(signals).toHaveLength(1);
}, 120_000);

test('cancelled, it archives the session that it opened', async () => {
  const { handle, id } = await ask({});
  await handle.cancel();
  expect(await causeOf(handle)).toMatch(/cancel/i);
  const session = await world.db('sessions').where({ id }).first();
  expect(session).toMatchObject({ state: 'archived', user_id: 'system' });
}, 120_000);

test('out of time, it archives the session and fails', async () => {
  const { handle, id } = await ask({ timeout: '2 seconds' });
  expect(await causeOf(handle)).toBe(`Session "${id}" took too long`);
  expect(await world.db('sessions').where({ id }).first()).toMatchObject({ state: 'archived' });
}, 120_000);

test('a session that is archived before its end fails the automation', async () => {
  const { handle, id } = await ask({});
  await world.call('POST', `/v1/sessions/${id}/archive`);
  expect(await causeOf(handle)).toBe(`Session "${id}": It was archived before it was finished`);
}, 120_000);

test('a session that another has opened is waited for, and not archived by who is cancelled', async () => {
  const first = await ask({ key: 'pr-1' }, 'shared');
  const [second, third] = [
    await ask({ key: 'pr-1', with: { n: 2 } }, 'shared'),
    await ask({ key: 'pr-1', with: { n: 3 } }, 'shared'),
  ];
  const entriesOf = () => world.db('session_entries').where({ session_id: first.id });
  await vi.waitUntil(async () => (await entriesOf()).length === 2, patience);
  await second.handle.cancel();
  expect(await causeOf(second.handle)).toMatch(/cancel/i);
  await world.call('POST', `/v1/sessions/${first.id}/finish`, { cost: 1 });
  const result = { sessionId: first.id, cost: 1, artifacts: [] };
  expect(await Promise.all([first, third].map(({ handle }) => handle.result()))).toEqual([
    result,
    result,
  ]);
}, 120_000);
