import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelName } from '../../src/domain/channel.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { readSample } from '../../src/runtime/samples.ts';
import { sendSigned } from '../../src/runtime/senders/send.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import type { SenderSettings } from '../../src/runtime/senders/sender.ts';
import { sendSample } from '../support/sender.ts';
import { serveIngress } from './served-ingress.ts';
import type { ServedIngress } from './served-ingress.ts';

let world: ServedIngress;
let now: Date;
beforeEach(async () => {
  now = new Date();
  world = await serveIngress(() => now);
});
afterEach(() => world.close());

const address = (channel: ChannelName): string =>
  `${world.api.origin}/v1/webhook/${channel}/${world.integrations[channel].id}`;

const wrong = (settings: SenderSettings, secret = 'sent-by-the-provider'): SenderSettings => ({
  ...settings,
  secrets: Object.fromEntries(Object.keys(settings.secrets).map((kind) => [kind, secret])),
});

async function rejectGithub(deliveryId: string): Promise<string> {
  const sent = { channel: 'github', sample: 'push', deliveryId } as const;
  const before = await world.rejected(0);
  now = new Date(now.getTime() + 1); // Ids are in the order of their milliseconds.
  const { status } = await sendSample(address('github'), sent, wrong(world.integrations.github));
  expect(status).toBe(401);
  const [newest] = await world.rejected(before.length + 1);
  return String(newest?.['id']);
}

/** The same with the right secret. */
async function sendGithub(deliveryId: string) {
  const sent = { channel: 'github', sample: 'push', deliveryId } as const;
  return sendSample(address('github'), sent, world.integrations.github);
}

/** The secret that the sender uses becomes one of the integration. */
async function mend(channel: ChannelName = 'github', value = 'sent-by-the-provider') {
  const path = `/v1/integrations/${world.integrations[channel].id}/secrets`;
  expect((await world.call('POST', path, { value })).status).toBe(201);
}

const release = async (id: string, body: unknown = {}) =>
  world.call('POST', `/v1/rejected-requests/${id}/release`, body);

describe('a rejected request', () => {
  test('is kept with its reason, what was computed and received, and what to do', async () => {
    const sent = { channel: 'generic', sample: 'order' } as const;
    const { generic } = world.integrations;
    const signed = signedRequest('generic', await readSample('generic', 'order'), {
      ...wrong(generic),
      now: new Date(now.getTime() - 60_000),
    });
    await sendSigned(address(sent.channel), signed);
    const [kept] = await world.rejected(1);
    expect(kept).toMatchObject({
      integration_id: generic.id,
      channel: 'generic',
      reason: 'signature_mismatch',
      status: 401,
      clock_difference_s: 60,
      received_signature: signed.headers['X-Webhook-Signature']?.slice(3, 11),
      state: 'kept',
      is_releasable: true,
    });
    expect(String(kept?.['computed_signatures'])).toMatch(/^[0-9a-f]{8}$/);
    expect(kept?.['what_to_do']).toContain('signature doctor');
    const { body } = await world.call('GET', `/v1/rejected-requests/${String(kept?.['id'])}`);
    expect(body).toMatchObject({ method: 'POST', body: signed.body.toString() });
  });

  test.each(['gitlab', 'gitee', 'gerrit', 'lark'] as const)(
    'of %s shows no secret, nor do the table and the log',
    async (channel) => {
      const { [channel]: integration } = world.integrations;
      // With an Encrypt Key lark sends ciphertext, which shows nothing whether redacted or not.
      const { encrypt_key: _, ...secrets } = integration.secrets;
      const settings = wrong({ ...integration, secrets }, 'a-secret-of-somebody');
      await world
        .db('integration_secrets')
        .where({ integration_id: integration.id, kind: 'encrypt_key' })
        .delete();
      const [sample] = {
        gitlab: ['push'],
        gitee: ['push'],
        gerrit: ['ref-updated'],
        lark: ['message'],
      }[channel];
      await sendSample(address(channel), { channel, sample: sample ?? '' }, settings);
      const [kept] = await world.rejected(1);
      expect(kept?.['reason']).toMatch(/^(?:token|signature)_mismatch$/);
      const { text } = await world.call('GET', `/v1/rejected-requests/${String(kept?.['id'])}`);
      const [row] = await world.db('rejected_requests').select();
      const stored = Object.values(row ?? {}).map((value) =>
        Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value),
      );
      expect([text, ...stored, world.log()].join('\n')).not.toContain('a-secret-of-somebody');
    },
  );

  test('of an address that nobody made is not kept, nor is the question before a Basic password', async () => {
    await fetch(`${world.api.origin}/v1/webhook/github/int_nobody`, { method: 'POST', body: '{}' });
    const { id } = world.integrations.gerrit;
    await world.db('integrations').where({ id }).update({ scheme: 'basic', username: 'gerrit' });
    const { status, headers } = await fetch(address('gerrit'), { method: 'POST', body: '{}' });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="durahook"']);
    await rejectGithub('d-1');
    expect(await world.rejected(1)).toHaveLength(1);
  });

  test('of another tenant is 404 in every way', async () => {
    const id = await rejectGithub('d-1');
    const key = await world.api.makeKey(['read', 'write']);
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const path = `/v1/rejected-requests/${id}`;
    expect((await world.api.fetch(path, { headers })).status).toBe(404);
    const post = { method: 'POST', headers, body: '{}' };
    expect((await world.api.fetch(`${path}/release`, post)).status).toBe(404);
    const list = await world.api.fetch('/v1/rejected-requests', { headers });
    expect(list.body).toEqual({ data: [], next_cursor: null });
  });

  test('can be listed by channel, reason and time', async () => {
    await rejectGithub('d-1');
    await fetch(address('generic'), { method: 'POST', body: '{}' });
    await world.rejected(2);
    const count = async (query: string): Promise<number> => {
      const { body } = await world.call('GET', `/v1/rejected-requests?${query}`);
      return (body['data'] as unknown[]).length;
    };
    expect(await count('channel=github')).toBe(1);
    expect(await count('reason=signature_missing')).toBe(1);
    expect(await count(`to=${now.toISOString()}`)).toBe(0);
    expect(await count(`from=${now.toISOString()}`)).toBe(2);
    expect(await count(`integration_id=${world.integrations.lark.id}`)).toBe(0);
  });
});

describe('release', () => {
  test('refuses while nothing was mended, and accepts byte for byte once the secret is right', async () => {
    const id = await rejectGithub('d-1');
    const refused = await release(id);
    expect(refused.status).toBe(422);
    expect(refused.body['type']).toBe('/problems/still-rejected');
    expect(refused.body['detail']).toContain('signature_mismatch');
    await mend();
    const { status, body } = await release(id);
    expect([status, body['status']]).toEqual([200, 'accepted']);
    const event = await world
      .db('events')
      .where({ id: String(body['event_id']) })
      .first();
    expect(event?.body).toEqual((await readSample('github', 'push')).body);
    expect(event).toMatchObject({ type: 'push', dedupe_id: 'd-1', source: 'github' });
    const [kept] = await world.rejected(1);
    expect(kept).toMatchObject({ state: 'released', event_id: event?.id, is_releasable: false });
  });

  test('makes one event however often it is asked, also at once', async () => {
    const sent = { channel: 'gitee', sample: 'push' } as const; // Gitee has no delivery id.
    await sendSample(address('gitee'), sent, wrong(world.integrations.gitee));
    const [kept] = await world.rejected(1);
    await mend('gitee');
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => release(String(kept?.['id']))),
    );
    const statuses = answers.map(({ body }) => String(body['status'])).toSorted();
    expect(statuses).toEqual(['accepted', ...Array.from({ length: 7 }, () => 'duplicate')]);
    expect(new Set(answers.map(({ body }) => body['event_id'])).size).toBe(1);
    expect(await world.db('events').select('id')).toHaveLength(1);
  });

  test('a timestamp too old by now is taken only when the time is ignored', async () => {
    const { generic } = world.integrations;
    const sent = { channel: 'generic', sample: 'order' } as const;
    await sendSample(address('generic'), sent, wrong(generic));
    const [kept] = await world.rejected(1);
    await mend('generic');
    now = new Date(now.getTime() + 3_600_000);
    const late = await release(String(kept?.['id']));
    expect(late.status).toBe(422);
    expect(late.body['detail']).toContain('timestamp_out_of_tolerance');
    const taken = await release(String(kept?.['id']), { ignore_time: true });
    expect(taken.body).toMatchObject({ status: 'accepted' });
  });

  test('a handshake and a request too large to be kept whole cannot be released', async () => {
    const { wecom, github } = world.integrations;
    const echo = { channel: 'wecom', sample: 'echostr' } as const;
    const settings = { ...wecom, secrets: { ...wecom.secrets, token: 'sentByTheProvider' } };
    expect(await sendSample(address('wecom'), echo, settings)).toMatchObject({ status: 401 });
    const [handshake] = await world.rejected(1);
    const path = `/v1/integrations/${wecom.id}/secrets`;
    await world.call('POST', path, { kind: 'token', value: 'sentByTheProvider' });
    now = new Date(now.getTime() + 1);
    const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(1_100_000) }));
    const large = { name: 'push', contentType: 'application/json', body };
    const signed = signedRequest('github', large, { ...wrong(github), now });
    expect(await sendSigned(address('github'), signed)).toMatchObject({ status: 401 });
    const [tooLarge] = await world.rejected(2);
    expect(tooLarge).toMatchObject({ body_bytes: body.length, is_releasable: false });
    for (const kept of [handshake, tooLarge]) {
      expect((await release(String(kept?.['id']))).body).toMatchObject({
        status: 409,
        type: '/problems/not-releasable',
      });
    }
  });

  test('in bulk takes what matches, and says why the rest is not taken', async () => {
    const ids = [await rejectGithub('d-1'), await rejectGithub('d-2'), await rejectGithub('d-2')];
    await fetch(address('github'), { method: 'POST', body: '{}' });
    await fetch(address('generic'), { method: 'POST', body: '{}' });
    await world.rejected(5);
    await mend();
    const ask = { filter: { channel: 'github' } };
    const { body } = await world.call('POST', '/v1/rejected-requests/release', ask);
    expect(body).toMatchObject({ matched: 4, accepted: 2, duplicate: 1, refused: [{}] });
    const events = await world.db('events').select('dedupe_id');
    expect(events.map(({ dedupe_id }) => String(dedupe_id)).toSorted()).toEqual(['d-1', 'd-2']);
    expect((await release(ids[0] ?? '')).body).toMatchObject({ status: 'duplicate' });
  });
});

describe('release, days later', () => {
  test.each([
    ['5 days after', -120, 'duplicate'], // Just now: the sender's own redelivery.
    ['10 hours after', -10, 'duplicate'],
    ['72 hours before', 72, 'duplicate'],
    ['73 hours before', 73, 'accepted'],
  ])('of a delivery id that was accepted %s the rejection: %s', async (_, hours, status) => {
    const id = await rejectGithub('d-1');
    const { event_id } = JSON.parse((await sendGithub('d-1')).text) as { event_id: string };
    const hoursAgo = (count: number): Date => new Date(now.getTime() - count * 3_600_000);
    await world.db('rejected_requests').update({ received_at: hoursAgo(120) });
    await world.db('dedupe_keys').update({ accepted_at: hoursAgo(120 + hours) });
    await mend();
    const { body } = await release(id);
    expect(body['status']).toBe(status);
    expect(body['event_id'] === event_id).toBe(status === 'duplicate');
  });
});

describe('release in bulk', () => {
  test('goes on behind what it can not release, until all were looked at', async () => {
    const old = await rejectGithub('d-old');
    await mend();
    const [row] = await world.db('rejected_requests').where({ id: old });
    const stuck = Array.from({ length: 501 }, () => {
      now = new Date(now.getTime() + 1);
      return { ...row, id: makeId('rej', now), sealed: null, computed_signatures: [] };
    });
    await world.db.batchInsert('rejected_requests', stuck);
    const ask = async (cursor?: unknown) =>
      (await world.call('POST', '/v1/rejected-requests/release', { filter: {}, cursor })).body;
    const first = await ask();
    expect(first).toMatchObject({ matched: 500, accepted: 0, next_cursor: stuck[1]?.id });
    const second = await ask(first['next_cursor']);
    expect(second).toMatchObject({ matched: 2, accepted: 1, next_cursor: null });
  });
});

describe('the secrets of an integration', () => {
  test('are counted by what they verify, at a release once', async () => {
    const { github } = world.integrations;
    await sendGithub('d-1');
    await sendGithub('d-2');
    const usedAt = now.toISOString();
    const id = await rejectGithub('d-3');
    await mend();
    await release(id);
    await release(id);
    const path = `/v1/integrations/${github.id}`;
    await expect
      .poll(async () => (await world.call('GET', path)).body['secrets'], { timeout: 90_000 })
      .toMatchObject([
        { used_count: 1, last_used_at: now.toISOString() },
        { used_count: 2, last_used_at: usedAt },
      ]);
  });

  test('stop counting at once when they are revoked', async () => {
    const { github } = world.integrations;
    expect(await sendGithub('d-1')).toMatchObject({ status: 200 });
    const { body } = await world.call('GET', `/v1/integrations/${github.id}`);
    const [secret] = body['secrets'] as { id: string }[];
    const path = `/v1/integrations/${github.id}/secrets/${secret?.id}`;
    expect((await world.call('DELETE', path)).status).toBe(204);
    now = new Date(now.getTime() + 1000);
    expect(await sendGithub('d-2')).toMatchObject({ status: 401 });
  });
});
