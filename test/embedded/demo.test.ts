import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startDemoAgent } from '../../src/embedded/demo-agent.ts';
import { startDemoReceiver } from '../../src/embedded/demo-receiver.ts';
import type { DemoDelivery, DemoServer } from '../../src/embedded/demo-receiver.ts';
import { makeEndpointSecret, signPlatform, signStandard } from '../../src/runtime/signature.ts';

const secret = makeEndpointSecret();
const body = '{"type":"session.created"}';
const timestamp = '1700000000';
const signed = {
  'webhook-id': 'evt_1',
  'webhook-timestamp': timestamp,
  'webhook-signature': signStandard(secret, { id: 'evt_1', timestamp, body }),
  'x-webhook-timestamp': timestamp,
  'x-webhook-signature': signPlatform(secret, timestamp, body),
  'x-webhook-event': 'session.created',
};
let opened: DemoServer | undefined;

afterEach(() => opened?.close());

async function deliver(known: string | undefined, headers: Record<string, string>) {
  const deliveries: DemoDelivery[] = [];
  opened = await startDemoReceiver({
    secret: () => known,
    onDelivery: (delivery) => void deliveries.push(delivery),
  });
  const { status } = await fetch(opened.url, { method: 'POST', headers, body });
  return { status, deliveries };
}

describe('startDemoReceiver()', () => {
  test('answers 200 to both signatures, also beside one of another secret', async () => {
    const headers = {
      ...signed,
      'webhook-signature': `v1,AAAA ${signed['webhook-signature']}`,
      'x-webhook-signature': `v1=00,${signed['x-webhook-signature']}`,
    };
    const { status, deliveries } = await deliver(secret, headers);
    expect(status).toBe(200);
    expect(deliveries).toEqual([{ id: 'evt_1', type: 'session.created', body, isVerified: true }]);
  });

  const empty = {
    ...signed,
    'webhook-signature': signStandard('', { id: 'evt_1', timestamp, body }),
    'x-webhook-signature': signPlatform('', timestamp, body),
  };
  const { 'x-webhook-signature': _platform, ...standardOnly } = signed;
  const other = 'é'.repeat(signed['webhook-signature'].length); // As many characters, more bytes.
  test.each([
    ['another id', secret, { ...signed, 'webhook-id': 'evt_2' }],
    ['another time', secret, { ...signed, 'x-webhook-timestamp': '1700000001' }],
    ['one signature only', secret, standardOnly],
    ['a signature outside ASCII', secret, { ...signed, 'webhook-signature': other }],
    ['an empty key before the secret is known', undefined, empty],
  ])('answers 401 to %s', async (_name, known, headers) => {
    const { status, deliveries } = await deliver(known, headers);
    expect(status).toBe(401);
    expect(deliveries).toMatchObject([{ isVerified: false }]);
  });
});

describe('startDemoAgent()', () => {
  test.each([
    [{ title: 'Add retries', description: 'With a test', additions: 10, changed_files: 2 }, 0],
    [{ title: 'WIP: retries', description: '', additions: 900, changed_files: 30 }, 5],
  ])('counts what it finds in %j and keeps the report', async (facts, issues) => {
    opened = await startDemoAgent();
    const answer = await fetch(`${opened.url}/v1/reviews`, {
      method: 'POST',
      body: JSON.stringify({ pr_url: 'https://git.example/pulls/1', ...facts }),
    });
    const review = z
      .object({ report_url: z.string(), issues_found: z.number() })
      .parse(await answer.json());
    expect(review.issues_found).toBe(issues);
    const report = await (await fetch(review.report_url)).text();
    expect(report).toContain('Demo review of https://git.example/pulls/1');
    expect(report.split('\n- ')).toHaveLength(issues + 1);
  });

  test('answers 400 to what is no pull request', async () => {
    opened = await startDemoAgent();
    const answer = await fetch(`${opened.url}/v1/reviews`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(400);
  });
});
