import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { channelNames } from '../../src/domain/channel.ts';
import type { ChannelName } from '../../src/domain/channel.ts';
import { ownUrl } from '../../src/runtime/senders/send.ts';
import { refusalOf } from './integration-api.ts';
import { serveIngress } from './served-ingress.ts';
import type { ServedIngress } from './served-ingress.ts';

let world: ServedIngress;
beforeAll(async () => {
  world = await serveIngress();
});
afterAll(async () => world.close());

async function sendTest(id: string, body: object = {}): ReturnType<ServedIngress['call']> {
  return world.call('POST', `/v1/integrations/${id}/test-requests`, body);
}

async function make(body: object): Promise<string> {
  const made = await world.call('POST', '/v1/integrations', body);
  if (made.status !== 201) throw new Error(made.text);
  return made.body['id'] as string;
}

describe('POST /v1/integrations/{id}/test-requests', () => {
  test.each(channelNames)(
    '%s: a sample is signed with its secrets and accepted',
    async (channel) => {
      const { status, body } = await sendTest(world.integrations[channel].id);
      expect([status, body['status']]).toEqual([200, 200]);
      const { data } = (
        await world.call('GET', `/v1/events?integration_id=${world.integrations[channel].id}`)
      ).body as { data: { id: string }[] };
      expect(body['event_id']).toBe(data[0]?.id);
      expect(data).toHaveLength(1);
      const again = await sendTest(world.integrations[channel].id);
      expect(again.body['event_id']).not.toBe(body['event_id']);
    },
  );

  const schemes: [ChannelName, object][] = [
    ['gitlab', { scheme: 'signing_token' }],
    ['gitlab', { scheme: 'secret_token' }],
    ['gitee', { scheme: 'password' }],
    ['gitee', { scheme: 'signature' }],
    ['gerrit', { scheme: 'basic', username: 'gerrit' }],
    ['gerrit', { scheme: 'url_token' }],
    ['github', { mode: 'platform' }],
  ];

  test.each(schemes)('%s with %o: the answer tells no secret', async (channel, wanted) => {
    const made = await world.call('POST', '/v1/integrations', { channel, ...wanted });
    const { id, secrets } = made.body as { id: string; secrets: { value: string }[] };
    const { body, text } = await sendTest(id);
    expect(body).toMatchObject({ status: 200, request: { method: 'POST' } });
    for (const { value } of secrets) expect(text).not.toContain(value);
    expect(text).not.toContain(Buffer.from(`gerrit:${secrets[0]?.value}`).toString('base64'));
    expect(body['request']).toMatchObject({
      url: expect.stringContaining(
        `https://durahook.example/v1/webhook/${channel}/${id}`,
      ) as unknown,
    });
  });

  test('sends the sample that is named, and says in the audit log what came of it', async () => {
    const { id } = world.integrations.github;
    const { body } = await sendTest(id, { sample: 'issues' });
    expect(body).toMatchObject({ status: 200, sample: 'issues' });
    const event = await world.call('GET', `/v1/events/${String(body['event_id'])}`);
    expect(event.body).toMatchObject({ type: 'issues', integration_id: id });
    const audit = await world.db('audit_log').where({ subject: id }).orderBy('id');
    expect(audit.at(-1)).toMatchObject({
      action: 'integration.test',
      detail: { sample: 'issues', status: 200, event_id: body['event_id'] },
    });
  });

  test('signs with the newest secret, not with one that has ended', async () => {
    const id = await make({ channel: 'github' });
    const rotated = await world.call('POST', `/v1/integrations/${id}/secrets`, { overlap_s: 0 });
    expect(rotated.status).toBe(201);
    expect((await sendTest(id)).body).toMatchObject({ status: 200 });
  });

  test('refuses an unknown sample with the nearest, and one that can’t be sent in this mode', async () => {
    const { id } = world.integrations.github;
    expect(refusalOf(await sendTest(id, { sample: 'isues' }))).toEqual([
      422,
      '/sample: Unknown sample: Did you mean "issues"?',
    ]);
    expect((await sendTest(id, { sample: '../gitlab/push' })).status).toBe(422);
    const relayed = await make({ channel: 'wecom', mode: 'platform' });
    expect(refusalOf(await sendTest(relayed, { sample: 'echostr' }))).toEqual([
      422,
      expect.stringContaining('the relay answers it itself'),
    ]);
  });

  test('a disabled integration is not sent to; the next test after it is enabled is', async () => {
    const id = await make({ channel: 'github' });
    await world.call('PATCH', `/v1/integrations/${id}`, { state: 'disabled' });
    const { status, body } = await sendTest(id);
    expect([status, body['type']]).toEqual([409, '/problems/integration-disabled']);
    await world.call('PATCH', `/v1/integrations/${id}`, { state: 'enabled' });
    expect((await sendTest(id)).body).toMatchObject({ status: 200 });
  });

  test("another tenant's integration is not there", async () => {
    const { id } = world.integrations.github;
    const headers = {
      Authorization: `Bearer ${await world.api.makeKey(['read', 'write'])}`,
      'Content-Type': 'application/json',
    };
    const init = { method: 'POST', headers, body: '{}' };
    const answer = await world.api.fetch(`/v1/integrations/${id}/test-requests`, init);
    expect(answer.status).toBe(404);
  });
});

describe('GET /v1/channels', () => {
  test('tells of each channel its schemes and samples', async () => {
    const { body } = await world.call('GET', '/v1/channels');
    const data = body['data'] as { channel: string }[];
    expect(data.map(({ channel }) => channel)).toEqual([...channelNames]);
    expect(data).toContainEqual({
      channel: 'gerrit',
      docs: '/docs/channels/gerrit',
      samples: expect.arrayContaining(['change-merged']) as unknown,
      schemes: expect.arrayContaining([
        {
          mode: 'token',
          scheme: 'basic',
          kinds: ['password'],
          is_one_kind_enough: false,
          needs_username: true,
          needs_receive_id: false,
        },
      ]) as unknown,
    });
  });
});

describe('ownUrl()', () => {
  test.each([
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://127.0.0.1:80'],
    ['::1', 'http://[::1]:80'],
    ['10.0.0.7', 'http://10.0.0.7:80'],
    ['localhost', 'http://localhost:80'],
  ])('a server on %s is reached at %s', (host, url) => {
    expect(ownUrl(host, 80)).toBe(url);
  });
});
