import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addExplain } from '../../src/cli-explain.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function explain(answer: object): Promise<string> {
  const program = new Command();
  addExplain(program, async (method, path) => {
    expect([method, path]).toEqual(['GET', '/v1/events/evt_1/explain']);
    return answer;
  });
  await program.parseAsync(['explain', 'evt_1'], { from: 'user' });
  return printed;
}

const event = {
  id: 'evt_1',
  direction: 'inbound',
  source: 'github',
  type: 'pull_request',
  received_at: '2026-01-31T12:00:00.000Z',
  content_type: 'application/json',
  body_bytes: 42,
  dedupe_id: 'd1',
};

const nothing = {
  event,
  verification: { mode: 'native', scheme: null, note: 'Verified when it came' },
  caused_by: null,
  triggers: [],
  runs: [],
  deliveries: [],
  is_cut: false,
};

const attempt = { number: 1, cycle: 1, duration_ms: 12, status: 200, reason: null };

const delivery = {
  id: 'dlv_1',
  event_id: 'evt_2',
  endpoint_id: 'ep_1',
  endpoint_url: 'https://example.com/hook',
  state: 'delivered',
  last_reason: null,
  next_attempt_at: null,
  attempts: [attempt],
};

describe('addExplain()', () => {
  test('tells the chain from the request to the attempts, each step below its cause', async () => {
    const emitted = [{ event_id: 'evt_2', type: 'review.completed' }];
    const run = { id: 'run_1', state: 'succeeded', reason: null, cycle: 1, emitted };
    const compared = [{ expression: 'body.action', value: '"closed"' }];
    const opened = "body.action == 'opened'";
    const text = await explain({
      ...nothing,
      triggers: [
        {
          trigger: 'ask',
          revision: 1,
          run_id: null,
          why: 'condition is false',
          decisive: { expression: opened, outcome: 'false', values: compared },
        },
        { trigger: 'review', revision: 3, run_id: 'run_1', why: 'fired', decisive: null },
      ],
      runs: [run],
      deliveries: [delivery],
    });
    expect(text).toBe(`evt_1 github pull_request
  request      2026-01-31T12:00:00.000Z, 42 bytes of application/json, delivery id d1
  verification native. Verified when it came
  trigger      ask (revision 1): condition is false
    because      body.action == 'opened' is false: body.action is "closed"
  trigger      review (revision 3): fired
    run          run_1 succeeded
      emitted      evt_2 review.completed
        delivery     dlv_1 to https://example.com/hook delivered
          attempt      1: 200 in 12 ms
`);
  });

  test('tells of an event of the platform what caused it, and what comes next', async () => {
    const failed = { ...attempt, cycle: 2, status: null, reason: 'timeout' };
    const retrying = { state: 'retrying', last_reason: 'timeout', attempts: [failed] };
    const next = { next_attempt_at: '2026-01-31T12:10:00.000Z', endpoint_url: null };
    const text = await explain({
      ...nothing,
      event: { ...event, direction: 'outbound', source: 'platform', type: 'review.completed' },
      verification: null,
      caused_by: { run_id: 'run_1', trigger: 'review', event_id: 'evt_0' },
      deliveries: [{ ...delivery, ...retrying, ...next, event_id: 'evt_1' }],
      is_cut: true,
    });
    expect(text).toBe(`evt_1 platform review.completed
  emitted      2026-01-31T12:00:00.000Z, 42 bytes of application/json
  caused by    trigger review, run run_1
  delivery     dlv_1 to ep_1 retrying: timeout
    attempt      1 of cycle 2: no answer in 12 ms: timeout
    next         2026-01-31T12:10:00.000Z
  There is more than is told here
`);
  });

  test('tells why endpoints got nothing of it', async () => {
    const values = [{ expression: 'data.cost', value: '0.5' }];
    const text = await explain({
      ...nothing,
      event: { ...event, direction: 'outbound', source: 'platform', type: 'session.finished' },
      verification: null,
      caused_by: 'api',
      not_sent_to: {
        endpoints: [
          {
            endpoint_id: 'ep_1',
            endpoint_url: 'https://example.com/hook',
            why: 'asks for other event types: tool.*',
            decisive: null,
          },
          {
            endpoint_id: 'ep_2',
            endpoint_url: 'https://example.com/costs',
            why: 'its filter is false: data.cost > 1.0',
            decisive: { expression: 'data.cost > 1.0', outcome: 'false', values },
          },
        ],
        is_cut: true,
      },
    });
    expect(text).toBe(`evt_1 platform session.finished
  emitted      2026-01-31T12:00:00.000Z, 42 bytes of application/json
  caused by    POST /v1/events
  not sent to  https://example.com/hook (ep_1): asks for other event types: tool.*
  not sent to  https://example.com/costs (ep_2): its filter is false: data.cost > 1.0
    because      data.cost > 1.0 is false: data.cost is 0.5
  There are more endpoints that it was not sent to
`);
  });

  test('lets nothing of an event steer the terminal', async () => {
    const text = await explain({ ...nothing, event: { ...event, type: 'a\u001b[2Jb' } });
    expect(text).toContain('evt_1 github a?[2Jb\n');
  });
});
