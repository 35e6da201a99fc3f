import { describe, expect, test } from 'vitest';
import { channels } from '../../server/channels/index.ts';
import type { ChannelName, Integration } from '../../src/domain/channel.ts';
import { listSamples, readSample } from '../../src/runtime/samples.ts';
import { signedRequest } from '../../src/runtime/senders.ts';
import { makeEndpointSecret, signStandard } from '../../src/runtime/signature.ts';
import { Webhook } from 'standardwebhooks';

const now = new Date('2026-06-01T12:00:00.500Z');
const idHeaders = { github: 'X-GitHub-Delivery', generic: 'X-Webhook-Id' };

function integrationOf(channel: ChannelName, secret: string): Integration {
  const standard = channels.get(channel)?.standard;
  const kinds = standard?.secretKinds ?? [];
  return {
    id: 'int_1',
    tenantId: 'ten_1',
    channel,
    mode: standard?.mode ?? 'native',
    scheme: null,
    username: null,
    receiveId: null,
    toleranceS: null,
    dedupe: null,
    triggerId: null,
    secrets: kinds.map((kind) => ({ id: 'sec_1', kind, value: secret, expiresAt: null })),
  };
}

describe('signedRequest()', () => {
  test.each(['github', 'generic'] as const)(
    'every sample of %s is accepted as sent',
    async (channel) => {
      const names = await listSamples(channel);
      expect(names.length).toBeGreaterThan(3);
      for (const name of names) {
        const sample = await readSample(channel, name);
        const { headers, body } = signedRequest(channel, sample, { secret: 's', now });
        const request = { method: 'POST', query: '', headers: Object.entries(headers), body };
        const clock = { now, toleranceS: 0 };
        const received = channels
          .get(channel)
          ?.receive(request, integrationOf(channel, 's'), clock);
        expect(received).toMatchObject({ kind: 'event', dedupeId: headers[idHeaders[channel]] });
      }
    },
  );

  test('takes the type of a GitHub sample from before its first dot', async () => {
    const sample = await readSample('github', 'pull_request.draft');
    const options = { secret: 's', now, deliveryId: 'd-1' };
    expect(signedRequest('github', sample, options).headers).toMatchObject({
      'X-GitHub-Event': 'pull_request',
      'X-GitHub-Delivery': 'd-1',
    });
  });

  test('names the channels there are', async () => {
    const sample = await readSample('generic', 'order');
    expect(() => signedRequest('nothing', sample, { secret: 's', now })).toThrow(
      /^Cannot sign for channel "nothing": there are generic, github/,
    );
  });
});

describe('readSample()', () => {
  test.each([
    ['github', 'pull_requst', 'did you mean "pull_request"?'],
    ['github', '../generic/order', 'there are issue_comment, issues, ping'],
    ['githug', 'push', 'Cannot find samples of channel "githug": there are generic, github'],
    ['..', 'package', 'Cannot find samples of channel ".."'],
  ])('knows no %s %s', async (channel, name, message) => {
    await expect(readSample(channel, name)).rejects.toThrow(message);
  });
});

describe('signStandard()', () => {
  test('is verified by the library of Standard Webhooks', () => {
    const secret = makeEndpointSecret();
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = signStandard(secret, { id: 'dlv_1', timestamp, body: '{"a":1}' });
    const headers = {
      'webhook-id': 'dlv_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    };
    expect(new Webhook(secret).verify('{"a":1}', headers)).toEqual({ a: 1 });
    expect(() => new Webhook(makeEndpointSecret()).verify('{"a":1}', headers)).toThrow(
      'No matching signature found',
    );
  });
});
