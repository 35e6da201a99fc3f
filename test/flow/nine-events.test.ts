import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { catalog } from '../../src/domain/catalog.ts';
import type { operationalEvents } from '../../src/domain/operational-events.ts';
import type { Arrival } from '../support/consumer.ts';
import { sendSample } from '../support/sender.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

interface Told {
  readonly type: string;
  readonly data: unknown;
}

test('what happens in the product makes each event of the catalog, signed in both ways', async () => {
  const { secret } = await world.addEndpoint('/nine', ['*', 'agent.step']);
  await world.addEndpoint('/quiet', ['*']);
  await call('PUT', '/v1/budgets', { period: 'day', amount: 0.5, currency: 'USD' });
  const opened = { name: 'triage', user_id: 'lwei', input: { ticket: 7 } };
  const session_id = String((await call('POST', '/v1/sessions', opened))['id']);
  const session = `/v1/sessions/${session_id}`;
  const day = new Date().toISOString().slice(0, 10);
  await call('POST', `${session}/steps`, { id: 's1', action: 'read_file', confidence: 0.9 });
  await call('POST', `${session}/tools`, { id: 't1', tool_name: 'search', args: { q: 'slow' } });
  const failed = { id: 't2', tool_name: 'fetch', args: {}, error: 'timeout' };
  await call('POST', `${session}/tools`, failed);
  const artifacts = [{ name: 'report.md' }];
  await call('POST', `${session}/finish`, { cost: 0.75, currency: 'USD', artifacts });
  await call('POST', `${session}/archive`);
  await call('POST', '/v1/imports', { source: 'jira', items: [issue, {}] });
  const { github } = world.tenant.integrations;
  const sample = { channel: 'github', sample: 'pull_request', deliveryId: 'nine-1' } as const;
  const sent = await sendSample(`${world.url}/v1/webhook/github`, sample, github);
  expect(sent.status).toBe(200);

  const { tenantId: tenant_id } = world.tenant;
  const args_hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
  const expected = {
    'session.created': [{ session_id, tenant_id, user_id: 'lwei' }],
    'session.finished': [{ session_id, cost: 0.75, currency: 'USD', artifacts }],
    'session.archived': [{ session_id }],
    'tool.called': [
      { session_id, tool_name: 'fetch', args_hash },
      { session_id, tool_name: 'search', args_hash },
    ],
    'tool.error': [{ session_id, tool_name: 'fetch', error: 'timeout' }],
    'agent.step': [{ session_id, action: 'read_file', confidence: 0.9 }],
    'review.completed': [
      {
        pr_url: 'https://github.com/acme-labs/checkout/pull/482',
        report_url: expect.stringMatching(/^http/) as string,
        issues_found: 1,
      },
    ],
    'import.completed': [
      { source: 'jira', count: 1, errors: [expect.stringMatching(/^\/items\/1: /) as string] },
    ],
    'cost.threshold_exceeded': [
      { tenant_id, period: day, amount: 0.75, threshold: 0.5, currency: 'USD' },
    ],
  } satisfies Record<Exclude<keyof typeof catalog, keyof typeof operationalEvents>, unknown[]>;

  await vi.waitFor(
    () => expect(byType(world.consumer.at('/nine').map(parse))).toMatchObject(expected),
    { timeout: 100_000, interval: 200 },
  );
  const told = world.consumer.at('/nine').map((arrival) => verified(arrival, secret));
  expect(Object.keys(byType(told)).toSorted()).toEqual(Object.keys(expected).toSorted());
  await vi.waitFor(
    () => {
      const quiet = byType(world.consumer.at('/quiet').map(parse));
      const { 'agent.step': _, ...others } = expected;
      expect(quiet).toMatchObject(others);
      expect(quiet).not.toHaveProperty(['agent.step']);
    },
    { timeout: 90_000 },
  );
}, 150_000);

const issue = {
  repository: 'acme/checkout',
  number: 77,
  title: 'Slow',
  state: 'open',
  url: 'https://jira.example.com/77',
};

async function call(
  method: string,
  path: string,
  body: unknown = {},
): Promise<Record<string, unknown>> {
  const answer = await world.call(method, path, body);
  expect(answer, `${method} ${path}`).toMatchObject({ status: expect.closeTo(200, -1) as number });
  return answer.body;
}

function parse({ body }: Arrival): Told {
  return JSON.parse(body) as Told;
}

/** The data of each type, in one order whatever came first. */
function byType(told: readonly Told[]): Record<string, unknown[]> {
  const sorted = told.toSorted((a, b) =>
    JSON.stringify(a.data) < JSON.stringify(b.data) ? -1 : 1,
  );
  const types: Record<string, unknown[]> = {};
  for (const { type, data } of sorted) types[type] = [...(types[type] ?? []), data];
  return types;
}

/** What arrived, once the signatures of Standard Webhooks and of the platform both fit it. */
function verified({ headers, body }: Arrival, secret: string): Told {
  const header = (name: string): string => String(headers[name]);
  const told = new Webhook(secret).verify(body, {
    'webhook-id': header('webhook-id'),
    'webhook-timestamp': header('webhook-timestamp'),
    'webhook-signature': header('webhook-signature'),
  }) as Told;
  const signed = `${header('x-webhook-timestamp')}.${body}`;
  const hex = createHmac('sha256', secret).update(signed).digest('hex');
  expect(headers['x-webhook-signature']).toBe(`v1=${hex}`);
  expect(headers['x-webhook-event']).toBe(told.type);
  return told;
}
