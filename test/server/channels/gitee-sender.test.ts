import { describe, expect, test } from 'vitest';
import { gitee } from '../../../server/channels/gitee.ts';
import { listSamples, readSample } from '../../../src/runtime/samples.ts';
import { gitee as sender } from '../../../src/runtime/senders/gitee.ts';
import { clock, now, passwordScheme, signScheme } from './gitee-request.ts';

describe('the sender of gitee', () => {
  test.each([passwordScheme, signScheme])(
    'makes every sample accepted: $scheme',
    async ({ mode, scheme, ...integration }) => {
      const secrets = { password: 'new', sign_key: 'SECnew' };
      const settings = { mode, scheme, secrets, username: null, receiveId: null };
      for (const name of await listSamples('gitee')) {
        const sent = sender(await readSample('gitee', name), settings, { now, deliveryId: 'd-1' });
        const received = { ...sent, headers: Object.entries(sent.headers) };
        expect(gitee.receive(received, { ...integration, mode, scheme }, clock)).toMatchObject({
          kind: 'event',
          type: name,
        });
      }
    },
  );

  test('sends a password that is no ASCII as its UTF-8', async () => {
    const secrets = { password: '密码' };
    const settings = {
      mode: 'native',
      scheme: 'password',
      secrets,
      username: null,
      receiveId: null,
    } as const;
    const sent = sender(await readSample('gitee', 'push'), settings, { now, deliveryId: 'd-1' });
    const received = { ...sent, headers: Object.entries(sent.headers) };
    const integration = {
      ...passwordScheme,
      secrets: [{ id: 'sec_1', kind: 'password', value: '密码', expiresAt: null }],
    };
    expect(gitee.receive(received, integration, clock).kind).toBe('event');
  });

  test('gives a relay no credential to hand on', async () => {
    const settings = {
      mode: 'platform',
      scheme: null,
      secrets: {},
      username: null,
      receiveId: null,
    } as const;
    const sent = sender(await readSample('gitee', 'push'), settings, { now, deliveryId: 'd-1' });
    expect(sent.headers).not.toHaveProperty('X-Gitee-Token');
  });
});
