import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { channelNames } from '../../src/domain/channel.ts';
import type { ChannelName } from '../../src/domain/channel.ts';
import { sendSample } from '../support/sender.ts';
import { openWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ triggersDir: 'test/fixtures/triggers' });
});
afterAll(() => world.close());

/** Per channel the sample that its trigger matches, and what the automation makes of it. */
const stories: Readonly<Record<ChannelName, { sample: string; title: string; answer: string }>> = {
  lark: { sample: 'im.message.receive_v1', title: 'Retries are durable now', answer: '{}' },
  wecom: { sample: 'message.text', title: 'Retries are durable now', answer: '' },
  gerrit: { sample: 'patchset-created', title: 'Retry payments', answer: '"status":"accepted"' },
  gitlab: { sample: 'merge_request', title: 'Retry payments', answer: '"status":"accepted"' },
  github: { sample: 'pull_request', title: 'Retry payments', answer: '"status":"accepted"' },
  gitee: { sample: 'merge_request', title: 'Retry payments', answer: '"status":"accepted"' },
  generic: { sample: 'order', title: 'Retries are durable now', answer: '"status":"accepted"' },
};

const address = (channel: ChannelName, id: string): string =>
  `${world.url}/v1/webhook/${channel}/${id}`;

describe.each(channelNames)('%s', (channel) => {
  test('a sample comes in, its trigger matches, the automation runs', async () => {
    const { sample, title, answer } = stories[channel];
    const integration = world.tenant.integrations[channel];
    const sent = { channel, sample };
    const { status, text } = await sendSample(address(channel, integration.id), sent, integration);
    expect({ status, text }).toMatchObject({ status: 200 });
    expect(text).toContain(answer);

    const issue = await vi.waitUntil(
      async () => world.db('issues').where({ source: channel }).first(),
      { timeout: 90_000 },
    );
    expect(issue.title).toContain(title);
    const events = await world.call('GET', `/v1/events?source=${channel}`);
    const [event] = events.body['data'] as { id: string }[];
    await vi.waitFor(
      async () => {
        const runs = await world.call('GET', `/v1/trigger-runs?event_id=${event?.id}`);
        expect(runs.body['data']).toMatchObject([
          { trigger: `keep-${channel}`, state: 'succeeded' },
        ]);
      },
      { timeout: 90_000 },
    );
  });

  test('the address without an id is that of the first integration', async () => {
    const integration = world.tenant.integrations[channel];
    const sent = { channel, sample: stories[channel].sample, deliveryId: 'again' };
    const url = `${world.url}/v1/webhook/${channel}`;
    expect(await sendSample(url, sent, integration)).toMatchObject({ status: 200 });
  });
});

describe('a handshake', () => {
  test('of Lark is answered with the challenge, and is no event', async () => {
    const { lark } = world.tenant.integrations;
    const sent = { channel: 'lark', sample: 'url_verification' } as const;
    const { status, text } = await sendSample(address('lark', lark.id), sent, lark);
    expect(status).toBe(200);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['challenge']);
    expect(await world.db('events').where({ type: 'url_verification' })).toEqual([]);
  });

  test('of WeCom is answered with the decrypted text and nothing else', async () => {
    const { wecom } = world.tenant.integrations;
    const sent = { channel: 'wecom', sample: 'echostr' } as const;
    const { status, text } = await sendSample(address('wecom', wecom.id), sent, wecom);
    expect(status).toBe(200);
    expect(text).toMatch(/^\d+$/);
  });
});

test('what a channel must not keep is nowhere in the tables', async () => {
  const { gitlab, gerrit, gitee, lark } = world.tenant.integrations;
  const secrets = [gitlab, gerrit, gitee, lark].flatMap(({ secrets: kinds }) =>
    Object.values(kinds),
  );
  const rows = await world.db('events').select('headers', 'query', 'body');
  expect(rows.length).toBeGreaterThan(6);
  const stored = rows.map(({ headers, query, body }) =>
    [JSON.stringify(headers), query, body.toString()].join('\n'),
  );
  expect(secrets.filter((secret) => stored.some((text) => text.includes(secret)))).toEqual([]);
});
