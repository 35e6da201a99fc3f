import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { gitlab } from '../../../server/channels/gitlab.ts';
import type { Integration } from '../../../src/domain/channel.ts';
import { listSamples, readSample } from '../../../src/runtime/samples.ts';
import { gitlab as sender } from '../../../src/runtime/senders/gitlab.ts';
import type { SenderSettings } from '../../../src/runtime/senders/sender.ts';
import { makeEndpointSecret } from '../../../src/runtime/signature.ts';
import {
  clock,
  newKey,
  now,
  otherKey,
  relayed,
  signScheme,
  tokenScheme,
} from './gitlab-request.ts';

function settingsOf({ mode, scheme }: Integration): SenderSettings {
  const secrets = { secret_token: 'new', signing_token: newKey };
  return { mode, scheme, secrets, username: null, receiveId: null };
}

describe('the sender of gitlab', () => {
  test('is verified by the library of Standard Webhooks as our sender signs it', async () => {
    const key = makeEndpointSecret();
    const settings = { ...settingsOf(signScheme), secrets: { signing_token: key } };
    const sample = await readSample('gitlab', 'push');
    const stamp = { now: new Date(), deliveryId: 'd-1' };
    const sent = sender(sample, settings, stamp);
    expect(new Webhook(key).verify(sent.body, { ...sent.headers })).toMatchObject({
      object_kind: 'push',
    });
    expect(() => new Webhook(otherKey).verify(sent.body, { ...sent.headers })).toThrow(
      'No matching signature found',
    );
  });

  test.each([tokenScheme, signScheme])(
    'makes every sample accepted: $scheme',
    async (integration) => {
      for (const name of await listSamples('gitlab')) {
        const sample = await readSample('gitlab', name);
        const sent = sender(sample, settingsOf(integration), { now, deliveryId: 'd-9' });
        const received = { ...sent, headers: Object.entries(sent.headers) };
        expect(gitlab.receive(received, integration, clock)).toMatchObject({
          kind: 'event',
          type: name,
          dedupeId: 'd-9',
        });
      }
    },
  );

  test.each([
    ['build', 'Job Hook'],
    ['merge_request', 'Merge Request Hook'],
  ])('names %s as GitLab does', async (name, header) => {
    const sent = sender(await readSample('gitlab', name), settingsOf(tokenScheme), {
      now,
      deliveryId: 'd-1',
    });
    expect(sent.headers).toMatchObject({ 'X-Gitlab-Event': header, 'Idempotency-Key': 'd-1' });
  });

  test('gives a relay no credential to hand on', async () => {
    const sample = await readSample('gitlab', 'push');
    const { headers } = sender(sample, settingsOf(relayed), { now, deliveryId: 'd-1' });
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/token|signature/i)]),
    );
  });
});
