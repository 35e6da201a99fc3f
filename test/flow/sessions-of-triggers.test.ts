import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

const patience = { timeout: 120_000, interval: 200 };

const triggers = () => ({
  'review.yaml': `
trigger: review
on: { source: events, events: [custom.change] }
concurrency: { key: body.data.pr, limit: 1, on_busy: queue }
do: { session: code-review, key: body.data.pr }
with: { n: "\${{ int(body.data.n) }}" }
`,
  // The end of a session with a key is an event of ours as any other.
  'notice.yaml': `
trigger: notice
on: { source: events, events: [session.finished] }
when: body.data.cost > 1.0
do: { session: notice }
with: { of: "\${{ body.data.session_id }}", user_id: finance }
`,
});

let agent: Consumer;
let world: World;
beforeAll(async () => {
  agent = await startConsumer();
  world = await openWorld({ triggers, environment: { AGENT_URL: agent.url } });
}, 240_000);
afterAll(async () => {
  await world.close();
  await agent.close();
});

async function publish(n: number, pr: string): Promise<string> {
  const { status, body } = await world.call('POST', '/v1/events', {
    type: 'custom.change',
    data: { n, pr },
  });
  expect(status).toBe(202);
  return String(body['id']);
}

/** What the agent was told, in order and each once: start or event, and with what. */
function told(key: string): Record<string, unknown>[] {
  const calls = new Map<unknown, Record<string, unknown>>();
  const ids = new Set<unknown>();
  for (const { path, headers, body } of agent.arrivals) {
    const sent = JSON.parse(body) as Record<string, unknown>;
    if (sent['key'] === key) ids.add(sent['session_id']);
    const id = sent['session_id'] ?? path.split('/')[3];
    if (ids.has(id)) calls.set(headers['idempotency-key'], { session_id: id, ...sent });
  }
  return [...calls.values()];
}

async function open(filter: string): Promise<Record<string, unknown>[]> {
  const { body } = await world.call('GET', `/v1/sessions?${filter}`);
  return body['data'] as Record<string, unknown>[];
}

test('events with one key reach one session in order; once it is finished, the next opens another', async () => {
  const events: string[] = [];
  for (let n = 1; n <= 6; n += 1) events.push(await publish(n, 'pull/1'));
  await publish(7, 'pull/2');
  await vi.waitUntil(() => told('pull/1').length === 6 && told('pull/2').length === 1, patience);

  const [start, ...later] = told('pull/1');
  const id = String(start?.['session_id']);
  expect(start).toMatchObject({ name: 'code-review', user_id: 'trigger:review', input: { n: 1 } });
  expect(later.map(({ session_id, input }) => [session_id, input])).toEqual(
    [2, 3, 4, 5, 6].map((n) => [id, { n }]),
  );
  expect(later.map(({ event }) => event)).toMatchObject(
    events.slice(1).map((eventId, i) => ({
      id: eventId,
      source: 'platform',
      type: 'custom.change',
      body: { data: { n: i + 2, pr: 'pull/1' } },
    })),
  );
  expect(told('pull/2')).toMatchObject([{ input: { n: 7 } }]);
  expect(told('pull/2')[0]?.['session_id']).not.toBe(id);

  await world.call('POST', `/v1/sessions/${id}/finish`, { cost: 2 });
  await publish(8, 'pull/1');
  const sessions = await vi.waitUntil(async () => {
    const found = await open('key=pull/1');
    return found.length === 2 ? found : undefined;
  }, patience);
  expect(sessions).toMatchObject([
    { state: 'active', input: { n: 8 } },
    { id, state: 'finished', event_id: events[0] },
  ]);
  const runs = await vi.waitUntil(async () => {
    const rows = await world.db('trigger_runs').where({ trigger: 'review' });
    return rows.every(({ state }) => state === 'succeeded') ? rows : undefined;
  }, patience);
  expect(runs).toHaveLength(8);

  const [notice] = await vi.waitUntil(async () => {
    const found = await open('name=notice');
    return found.length > 0 ? found : undefined;
  }, patience);
  expect(notice).toMatchObject({ user_id: 'finance', key: null, input: { of: id } });
}, 300_000);
