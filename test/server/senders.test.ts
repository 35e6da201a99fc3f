import { describe, expect, test } from 'vitest';
import { channels } from '../../server/channels/index.ts';
import { channelNames, schemes } from '../../src/domain/channel.ts';
import type { ChannelName } from '../../src/domain/channel.ts';
import { makeIntegrationSecret } from '../../src/runtime/integration-secret.ts';
import { listSamples, readSample } from '../../src/runtime/samples.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import type { SenderSettings } from '../../src/runtime/senders/sender.ts';
import { integrationOf, settingsOf } from '../support/sender.ts';
import { makeEndpointSecret, signStandard } from '../../src/runtime/signature.ts';
import { Webhook } from 'standardwebhooks';

const now = new Date('2026-06-01T12:00:00.500Z');

/** Where a channel puts its delivery id, if it has one of its own. */
const idOf: Partial<Record<ChannelName, string>> = {
  github: 'd-1',
  generic: 'd-1',
  gitlab: 'd-1',
  lark: 'd-1',
};

describe('signedRequest()', () => {
  test.each(channelNames)('every sample of %s is accepted as sent', async (channel) => {
    const secret = makeIntegrationSecret('aes_key'); // Of a form that every kind takes.
    const names = await listSamples(channel);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      for (const settings of allSettings(channel, secret)) {
        if (name === 'echostr' && settings.mode === 'platform') continue; // The relay answers it.
        const stamp = { now, deliveryId: 'd-1' };
        const signed = signedRequest(channel, await readSample(channel, name), {
          ...settings,
          ...stamp,
        });
        const request = { ...signed, headers: Object.entries(signed.headers) };
        const integration = integrationOf(channel, settings);
        const received = channels.get(channel)?.receive(request, integration, {
          now,
          toleranceS: 0,
        });
        const isHandshake = ['url_verification', 'echostr'].includes(name);
        const event = { kind: 'event', ...(idOf[channel] && { dedupeId: idOf[channel] }) };
        const expected = isHandshake ? { kind: 'handshake' } : event;
        expect({ name, settings, received }).toMatchObject({ received: expected });
      }
    }
  });

  test('takes the type of a GitHub sample from before its first dot', async () => {
    const sample = await readSample('github', 'pull_request.draft');
    const options = { ...settingsOf('github', 's'), now, deliveryId: 'd-1' };
    expect(signedRequest('github', sample, options).headers).toMatchObject({
      'X-GitHub-Event': 'pull_request',
      'X-GitHub-Delivery': 'd-1',
    });
  });

  test('names the channels there are', async () => {
    const sample = await readSample('generic', 'order');
    expect(() => signedRequest('nothing', sample, { ...settingsOf('generic', 's'), now })).toThrow(
      /^Cannot sign for channel "nothing": there are lark, wecom, gerrit/,
    );
  });
});

/** Each scheme of a channel, the relay's included. */
function allSettings(channel: ChannelName, secret: string): SenderSettings[] {
  return schemes[channel].map(({ mode, scheme, kinds }) => ({
    mode,
    scheme,
    secrets: Object.fromEntries(kinds.map((kind) => [kind, secret])),
    username: 'gerrit',
    receiveId: 'ww1',
  }));
}

describe('readSample()', () => {
  test.each([
    ['github', 'pull_requst', 'did you mean "pull_request"?'],
    ['github', '../generic/order', 'there are issue_comment, issues, ping'],
    ['githug', 'push', 'Cannot find samples of channel "githug": there are generic, gerrit, gitee'],
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
