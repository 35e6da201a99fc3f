import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callAgent } from '../../activities/agent.ts';
import { startConsumer } from '../support/consumer.ts';
import type { AnswerPlan, Consumer } from '../support/consumer.ts';

const path = '/v1/sessions/ses_1/events';

let agent: Consumer;
beforeAll(async () => {
  agent = await startConsumer();
});
afterAll(() => agent.close());

const call = () => callAgent(agent.url, { path, key: 'ses_1/1', body: { number: 1 } });

function answer(status: number, body: string): AnswerPlan {
  return (response) => void response.writeHead(status).end(body);
}

/** Answers, and goes on sending. */
function endless(response: ServerResponse): void {
  response.writeHead(202);
  const sending = setInterval(() => response.write('x'.repeat(65_536)), 1);
  response.on('close', () => clearInterval(sending));
}

/** Answers, and never ends. */
function silent(response: ServerResponse): void {
  response.writeHead(202).write('{');
}

function broken(response: ServerResponse): void {
  response.writeHead(202, { 'content-length': '100' }).write('{');
  setTimeout(() => response.destroy(), 20);
}

describe('callAgent()', () => {
  test.each<[string, AnswerPlan, object]>([
    ['nothing more', answer(202, ''), { kind: 'taken' }],
    ['garbage', answer(200, '\0\uFFFF{'), { kind: 'taken' }],
    ['a body without an end', endless, { kind: 'taken' }],
    ['a body that never comes', silent, { kind: 'taken' }],
    ['a body that breaks off', broken, { kind: 'taken' }],
    ['400', answer(400, ''), { kind: 'refused', status: 400 }],
    ['410', answer(410, ''), { kind: 'refused', status: 410 }],
  ])(
    'an answer with %s is final',
    async (_name, plan, outcome) => {
      agent.plan(path, plan);
      expect(await call()).toEqual(outcome);
    },
    30_000,
  );

  test.each([302, 307, 408, 429, 500, 503])(
    '%i is no answer: it is asked again',
    async (status) => {
      const { length } = agent.arrivals;
      agent.plan(path, (response) => {
        response.writeHead(status, { location: `${agent.url}/elsewhere` }).end();
      });
      await expect(call()).rejects.toThrow(`The agent answered ${status}`);
      expect(agent.arrivals.slice(length).map((arrival) => arrival.path)).toEqual([path]);
    },
  );

  test('an agent that lives below a path is called there', async () => {
    await callAgent(`${agent.url}/agents/one/`, { path, key: 'ses_1/1', body: {} });
    expect(agent.at(`/agents/one${path}`)).toHaveLength(1);
  });
});
