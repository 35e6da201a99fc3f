import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sendSample } from '../support/sender.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function sendGithub(
  sampleName: string,
  deliveryId: string,
): Promise<Record<string, unknown>> {
  const sent = { channel: 'github', sample: sampleName, deliveryId } as const;
  const { github } = world.tenant.integrations;
  const { status, text } = await sendSample(`${world.url}/v1/webhook/github`, sent, github);
  expect(status).toBe(200);
  return JSON.parse(text) as Record<string, unknown>;
}

async function runsOf(eventId: unknown): Promise<Record<string, unknown>[]> {
  const { body } = await world.call('GET', `/v1/trigger-runs?event_id=${String(eventId)}`);
  return body['data'] as Record<string, unknown>[];
}

test('a signed GitHub pull request becomes a review that the consumer can verify in both ways', async () => {
  const { secret } = await world.addEndpoint('/review', ['review.completed']);
  const { event_id } = await sendGithub('pull_request', 'delivery-1');

  const [arrival] = await vi.waitUntil(() => at('/review'), { timeout: 90_000 });
  const { headers, body } = arrival;
  const verified = new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });
  expect(verified).toMatchObject({
    type: 'review.completed',
    data: { pr_url: 'https://github.com/acme-labs/checkout/pull/482', issues_found: 1 },
  });

  const timestamp = String(headers['x-webhook-timestamp']);
  const hex = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  expect(headers['x-webhook-signature']).toBe(`v1=${hex}`);
  expect(headers).toMatchObject({
    'x-webhook-event': 'review.completed',
    'x-webhook-attempt': '1',
  });
  expect(headers['user-agent']).toMatch(/^Durahook\/\d/);

  await vi.waitFor(async () => {
    expect(await runsOf(event_id)).toMatchObject([
      { trigger: 'review-pull-request', revision: 1, state: 'succeeded', reason: null },
    ]);
  }, 30_000);
});

test('the same GitHub delivery sent twice is one event and one run', async () => {
  const first = await sendGithub('pull_request', 'delivery-2');
  const second = await sendGithub('pull_request', 'delivery-2');
  expect(first).toMatchObject({ status: 'accepted' });
  expect(second).toEqual({ event_id: first['event_id'], status: 'duplicate' });
  expect(await runsOf(first['event_id'])).toHaveLength(1);
});

test('a draft starts nothing', async () => {
  const { event_id } = await sendGithub('pull_request.draft', 'delivery-3');
  expect(await runsOf(event_id)).toEqual([]);
});

test('an issue is kept in the table and announced', async () => {
  await world.addEndpoint('/import', ['import.*']);
  await sendGithub('issues', 'delivery-4');
  const [arrival] = await vi.waitUntil(() => at('/import'), { timeout: 90_000 });
  expect(JSON.parse(arrival.body)).toMatchObject({
    type: 'import.completed',
    data: { source: 'github', count: 1, errors: [] },
  });
  expect(await world.db('issues').select('repository', 'number', 'state')).toEqual([
    { repository: 'acme-labs/checkout', number: 77, state: 'open' },
  ]);
});

test('workflows can be found in Temporal by tenant, event type and trigger', async () => {
  await vi.waitFor(
    async () => {
      const query = `DurahookTrigger="review-pull-request" AND ExecutionStatus="Completed"`;
      expect((await world.client.workflow.count(query)).count).toBeGreaterThanOrEqual(1);
    },
    { timeout: 90_000 },
  );
});

type Arrivals = [World['consumer']['arrivals'][number]];

function at(path: string): Arrivals | undefined {
  const [first] = world.consumer.at(path);
  return first && [first];
}
