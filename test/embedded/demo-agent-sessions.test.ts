import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startDemoAgent } from '../../src/embedded/demo-agent.ts';
import type { DemoServer } from '../../src/embedded/demo-receiver.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';

let platform: Consumer;
let agent: DemoServer;
let key: string | undefined;
beforeEach(async () => {
  platform = await startConsumer();
  key = 'dh_1';
  agent = await startDemoAgent({ apiKey: () => key });
});
afterEach(async () => {
  await agent.close();
  await platform.close();
});

async function call(path: string, body: object): Promise<number> {
  const answer = await fetch(`${agent.url}/v1/sessions${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return answer.status;
}

const start = () =>
  call('', {
    session_id: 'ses_1',
    name: 'review',
    report_url: `${platform.url}/v1/sessions/ses_1`,
  });

const patience = { timeout: 90_000, interval: 50 };
const told = (): string[] => platform.arrivals.map(({ path }) => path.split('/').at(-1) ?? '');

describe('makeDemoSessions()', () => {
  test('reports two steps and a tool, then finishes, once for a start that is repeated', async () => {
    expect([await start(), await start()]).toEqual([202, 202]);
    await vi.waitUntil(() => told().includes('finish'), patience);
    expect(told()).toEqual(['steps', 'tools', 'steps', 'finish']);
    expect(JSON.parse(platform.arrivals[3]?.body ?? '')).toMatchObject({
      cost: 0.02,
      artifacts: [{ name: 'summary.md' }],
    });
    expect(platform.arrivals[0]?.headers).toMatchObject({ authorization: 'Bearer dh_1' });
  });

  test('takes an event as one more step, and stops when it is cancelled', async () => {
    await start();
    expect(await call('/ses_1/events', { number: 3, input: {}, event: null })).toBe(202);
    await vi.waitUntil(() => told().length === 2, patience);
    expect(await call('/ses_1/cancel', {})).toBe(202);
    const bodies = platform.arrivals.map(({ body }) => JSON.parse(body) as { id: string });
    expect(bodies.map(({ id }) => id).toSorted()).toEqual(['event-3', 'read']);
    await agent.close(); // Waits for what is under way.
    expect(told()).toHaveLength(2);
  });

  test('reports nothing while it has no key, and does not know what it did not start', async () => {
    key = undefined;
    expect(await start()).toBe(202);
    expect(await call('/ses_2/cancel', {})).toBe(404);
    await agent.close();
    expect(told()).toEqual([]);
  });

  test.each([{}, { session_id: 'ses_1', name: 'review', report_url: 'nowhere' }])(
    'answers 400 to the start %j',
    async (body) => {
      expect(await call('', body)).toBe(400);
    },
  );
});
