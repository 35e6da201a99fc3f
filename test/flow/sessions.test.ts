import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startConsumer } from '../support/consumer.ts';
import type { Arrival, Consumer } from '../support/consumer.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const patience = { timeout: 90_000, interval: 200 };

let agent: Consumer;
let world: World;
let idle: string;
beforeAll(async () => {
  agent = await startConsumer();
  world = await openWorld({ environment: { AGENT_URL: agent.url, SESSION_IDLE: '60s' } });
  await world.addEndpoint('/sessions', ['session.*', 'agent.step', 'tool.*']);
  const first = await open();
  await vi.waitUntil(() => toldOf(first).length === 1, { timeout: 200_000, interval: 200 });
  // Only now the worker is up: nothing is idle because of it.
  idle = await open({ name: 'left-alone' });
}, 240_000);
afterAll(async () => {
  await world.close();
  await agent.close();
});

async function open(over: object = {}): Promise<string> {
  const asked = { name: 'code-review', user_id: 'lwei', input: { pr: 1 }, ...over };
  const { status, body } = await world.call('POST', '/v1/sessions', asked);
  expect(status).toBeLessThan(300);
  return String(body['id']);
}

async function read(id: string): Promise<Record<string, unknown>> {
  return (await world.call('GET', `/v1/sessions/${id}`)).body;
}

async function untilState(id: string, state: string): Promise<Record<string, unknown>> {
  return vi.waitUntil(async () => {
    const session = await read(id);
    return session['state'] === state ? session : undefined;
  }, patience);
}

/** What the agent got about a session: the way of the call and its body, also when it failed. */
function callsOf(id: string): { way: string; body: Record<string, unknown>; arrival: Arrival }[] {
  return agent.arrivals.flatMap((arrival) => {
    const body = JSON.parse(arrival.body) as Record<string, unknown>;
    const [, of, way = 'start'] = /^\/v1\/sessions(?:\/(\w+)\/(\w+))?$/.exec(arrival.path) ?? [];
    return (of ?? body['session_id']) === id ? [{ way, body, arrival }] : [];
  });
}

/** What the consumer was told of a session: each event once, whatever the number of attempts. */
function toldOf(id: string): [string, Record<string, unknown>][] {
  const told = new Map<string, [string, Record<string, unknown>]>();
  for (const { headers, body } of world.consumer.at('/sessions')) {
    const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> };
    if (data['session_id'] === id) told.set(String(headers['webhook-id']), [type, data]);
  }
  return [...told.values()];
}

async function untilTold(id: string, type: string): Promise<Record<string, unknown>> {
  const [, data] = await vi.waitUntil(() => toldOf(id).find(([each]) => each === type), patience);
  return data;
}

test('a session is started at the agent, reports what it does, is finished, then archived', async () => {
  const id = await open();
  expect(await untilTold(id, 'session.created')).toEqual({
    session_id: id,
    tenant_id: world.tenant.tenantId,
    user_id: 'lwei',
  });
  const [start] = await vi.waitUntil(() => {
    const calls = callsOf(id);
    return calls.length > 0 ? calls : undefined;
  }, patience);
  expect(start).toMatchObject({
    way: 'start',
    body: {
      session_id: id,
      name: 'code-review',
      key: null,
      user_id: 'lwei',
      tenant_id: world.tenant.tenantId,
      input: { pr: 1 },
      report_url: `${world.url}/v1/sessions/${id}`,
    },
    arrival: { headers: { 'idempotency-key': id } },
  });
  const path = `/v1/sessions/${id}`;
  await world.call('POST', `${path}/steps`, { id: '1', action: 'read', confidence: 1 });
  await world.call('POST', `${path}/tools`, { id: '1', tool_name: 't', args: {}, error: 'no' });
  await world.call('POST', `${path}/finish`, { cost: 0.5, artifacts: ['report.md'] });
  expect(await untilTold(id, 'session.finished')).toEqual({
    session_id: id,
    cost: 0.5,
    currency: 'USD',
    artifacts: ['report.md'],
  });
  await world.call('POST', `${path}/archive`);
  expect(await untilTold(id, 'session.archived')).toEqual({ session_id: id });
  await vi.waitUntil(() => toldOf(id).length === 6, patience);
  expect(
    toldOf(id)
      .map(([type]) => type)
      .toSorted(),
  ).toEqual([
    'agent.step',
    'session.archived',
    'session.created',
    'session.finished',
    'tool.called',
    'tool.error',
  ]);
  const handle = world.client.workflow.getHandle(id);
  expect(await handle.result()).toEqual({ outcome: 'archived' });
  expect(callsOf(id).map(({ way }) => way)).toEqual(['start']); // A finished one is not cancelled.
}, 120_000);

test('kill -9 of the worker with 50 events on the way: the agent gets each, in order', async () => {
  let calls = 0;
  const id = await open({ key: 'pr-1' });
  agent.always(`/v1/sessions/${id}/events`, (response) => {
    calls += 1;
    response.writeHead(calls % 20 === 0 ? 503 : 202).end();
  });
  const send = async (i: number): Promise<void> => {
    expect(await open({ key: 'pr-1', input: i })).toBe(id);
  };
  for (let i = 0; i < 50; i += 1) {
    if (i === 20) {
      await vi.waitUntil(() => callsOf(id).length > 3, patience);
      await world.killWorker();
    }
    if (i === 40) await world.startWorker();
    await send(i);
  }
  await vi.waitUntil(async () => {
    const untold = await world.db('session_entries').where({ session_id: id }).whereNull('told_at');
    return untold.length === 0;
  }, patience);

  const events = callsOf(id).filter(({ way }) => way === 'events');
  const firsts = [...new Set(events.map(({ body }) => body['number']))];
  expect(firsts).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect(new Set(events.map(({ body }) => body['input'])).size).toBe(50);
  for (const { body, arrival } of events) {
    expect(arrival.headers['idempotency-key']).toBe(`${id}/${String(body['number'])}`);
  }
  const { events: history } = await world.client.workflow.getHandle(id).fetchHistory();
  expect(history?.length).toBeLessThan(500);
  await world.call('POST', `/v1/sessions/${id}/finish`, { cost: 1 });
  await untilTold(id, 'session.finished');
}, 180_000);

test('events handed on while Temporal is not told of them are found by the sweeper', async () => {
  const id = await open({ key: 'pr-2' });
  await vi.waitUntil(() => callsOf(id).length === 1, patience);
  await world.db('sessions').where({ id }).update({ started_at: null });
  await world.db('session_entries').insert({
    session_id: id,
    number: 1,
    kind: 'event',
    data: JSON.stringify('lost poke'),
    at: new Date(),
  });
  const told = await vi.waitUntil(() => callsOf(id).find(({ way }) => way === 'events'), patience);
  expect(told.body).toEqual({ number: 1, input: 'lost poke', event: null });
}, 120_000);

test('a refused start finishes the session and says why', async () => {
  agent.plan('/v1/sessions', 503, 422);
  const id = await open();
  const failure = 'The agent refused the session: 422';
  expect(await untilState(id, 'finished')).toMatchObject({ failure, cost: 0, artifacts: [] });
  expect(await untilTold(id, 'session.finished')).toMatchObject({ cost: 0, error: failure });
  const entries = await world.call('GET', `/v1/sessions/${id}/entries`);
  expect(entries.body['data']).toMatchObject([{ kind: 'error', data: { failure } }]);
}, 90_000);

test('a refused event is an entry, and the session goes on', async () => {
  const id = await open({ key: 'pr-3' });
  agent.plan(`/v1/sessions/${id}/events`, 400, 202);
  await open({ key: 'pr-3', input: 1 });
  await vi.waitUntil(async () => (await read(id))['entry_count'] === 2, patience);
  await open({ key: 'pr-3', input: 2 });
  await vi.waitUntil(() => callsOf(id).length === 3, patience);
  const entries = await world.call('GET', `/v1/sessions/${id}/entries`);
  expect(entries.body['data']).toMatchObject([
    { number: 1, kind: 'event', data: 1 },
    { number: 2, kind: 'error', data: { number: 1 } },
    { number: 3, kind: 'event', data: 2 },
  ]);
}, 90_000);

test('one that is archived before its end is cancelled at the agent, until it takes that', async () => {
  const id = await open();
  agent.plan(`/v1/sessions/${id}/cancel`, 500, 202);
  await vi.waitUntil(() => callsOf(id).length === 1, patience);
  await world.call('POST', `/v1/sessions/${id}/archive`);
  await untilTold(id, 'session.archived');
  await vi.waitUntil(() => callsOf(id).length === 3, patience);
  expect(callsOf(id).map(({ way }) => way)).toEqual(['start', 'cancel', 'cancel']);
  await world.client.workflow.getHandle(id).result();
  expect(toldOf(id).map(([type]) => type)).not.toContain('session.finished');
}, 90_000);

test('one to which nothing happens is archived by itself', async () => {
  expect(await untilState(idle, 'archived')).toMatchObject({ finished_at: null });
  await untilTold(idle, 'session.archived');
  await vi.waitUntil(() => callsOf(idle).some(({ way }) => way === 'cancel'), patience);
}, 120_000);
