import { describe, expect, test } from 'vitest';
import { schemes } from '../../src/domain/channel.ts';
import { findSendTarget, readSecret } from '../../src/send-target.ts';
import type { SendTargetOptions } from '../../src/send-target.ts';

describe('readSecret()', () => {
  test.each([
    ['token=abc', 'gerrit', { kind: 'token', value: 'abc' }],
    ['password=a=b', 'gerrit', { kind: 'password', value: 'a=b' }],
    ['platform=abc', 'gerrit', { kind: 'platform', value: 'abc' }],
    ['abc', 'gerrit', { kind: 'token', value: 'abc' }],
    ['YWJj==', 'gerrit', { kind: 'token', value: 'YWJj==' }],
    ['aes_key=abc', 'gerrit', { kind: 'token', value: 'aes_key=abc' }],
    ['abc', 'wecom', { kind: 'token', value: 'abc' }],
    ['aes_key=abc', 'wecom', { kind: 'aes_key', value: 'abc' }],
  ] as const)('reads %s for %s', (text, channel, secret) => {
    expect(readSecret(text, channel, schemes[channel][0])).toEqual(secret);
  });

  test('reads a value alone for the kind of the scheme', () => {
    const [, basic = schemes.gerrit[0]] = schemes.gerrit;
    expect(readSecret('abc', 'gerrit', basic)).toEqual({ kind: 'password', value: 'abc' });
  });

  test.each(['token=', ''])('refuses "%s", which has no value', (text) => {
    expect(() => readSecret(text, 'gerrit', schemes.gerrit[0])).toThrow('has no value');
  });
});

describe('findSendTarget()', () => {
  test('takes what is named, and asks no platform then', async () => {
    const named = { url: 'http://a.example/', secret: ['t', 'aes_key=k'], receiveId: 'ww1' };
    const findDev = async (): Promise<never> => {
      throw new Error('There is no platform here');
    };
    expect(await findSendTarget('wecom', named, findDev)).toEqual({
      url: 'http://a.example/',
      mode: 'native',
      scheme: null,
      secrets: { token: 't', aes_key: 'k' },
      username: null,
      receiveId: 'ww1',
    });
  });

  test('takes the scheme of the known integration unless another is named', async () => {
    expect(await found({})).toMatchObject({ scheme: 'signing_token' });
    expect(await found({ mode: 'platform' })).toMatchObject({ mode: 'platform', scheme: null });
    expect(await found({ scheme: 'secret_token' })).toMatchObject({ scheme: 'secret_token' });
    await expect(found({ mode: 'token' })).rejects.toThrow('there are native/secret_token');
  });
});

async function found(options: SendTargetOptions) {
  const gitlab = {
    url: 'http://a.example/',
    mode: 'native' as const,
    scheme: 'signing_token',
    secret: 's',
    secrets: { signing_token: 's' },
    username: null,
    receive_id: null,
  };
  return findSendTarget('gitlab', options, async () => ({
    url: 'http://a.example/',
    api_key: 'key',
    tenant_id: 'ten_1',
    database_url: 'postgres://a.example/',
    temporal_address: 'a.example:7233',
    temporal_ui: 'http://a.example/',
    receiver_url: 'http://a.example/',
    pid: 1,
    integrations: { gitlab },
  }));
}
