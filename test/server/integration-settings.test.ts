import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decryptWecom, encryptWecom } from '../../src/runtime/wecom-crypto.ts';
import { makeIntegration, readSecrets, refusalOf, secretsOf } from './integration-api.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

const changed: string[] = [];

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({
    onIntegrationChange: (id) => void changed.push(id),
  });
});
afterAll(async () => api.close());

describe('integrationRoutes()', () => {
  const key43 = 'A'.repeat(43);
  const whsec = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
  const wecom = { channel: 'wecom', receive_id: 'ww1' };
  const gitlab = { channel: 'gitlab', scheme: 'signing_token' };
  const basic = { channel: 'gerrit', scheme: 'basic', username: 'u' };

  test.each([
    { channel: 'github', secrets: { secret: 'x'.repeat(8) } },
    { channel: 'github', secrets: { secret: 'x'.repeat(1024) } },
    { channel: 'github', secrets: { secret: 'ü "quoted"  x' } },
    { channel: 'github', tolerance_s: 0 },
    { channel: 'github', tolerance_s: 604_800 },
    { channel: 'github', username: null, receive_id: null, scheme: null, dedupe: null },
    { ...wecom, secrets: { aes_key: key43 } },
    { ...wecom, secrets: { aes_key: `+/${'A'.repeat(41)}` } },
    { ...wecom, secrets: { token: 'abc' } },
    { channel: 'gerrit', secrets: { token: 'x'.repeat(8) } },
    { ...wecom, receive_id: '' },
    { ...gitlab, secrets: { signing_token: whsec(16) } },
    { ...gitlab, secrets: { signing_token: whsec(64) } },
    basic,
  ])('takes %j', async (body) => {
    expect((await api.call('POST', '/v1/integrations', body)).status).toBe(201);
  });

  test.each([
    [{ channel: 'jira' }, '/channel'],
    [{ channel: 'github', mode: 'token' }, '/mode'],
    [{ channel: 'generic', mode: 'native' }, '/mode'],
    [{ channel: 'github', scheme: 'secret' }, '/scheme'],
    [{ channel: 'gitlab', mode: 'platform', scheme: 'signing_token' }, '/scheme'],
    [{ channel: 'gitlab', scheme: null }, '/scheme'],
    [{ channel: 'github', username: 'u' }, '/username'],
    [{ channel: 'github', receive_id: '' }, '/receive_id'],
    [{ ...basic, username: undefined }, '/username'],
    [{ ...basic, username: null }, '/username'],
    [{ ...basic, username: '' }, '/username'],
    [{ ...basic, username: 'a:b' }, '/username'],
    [{ ...basic, username: 'a\nb' }, '/username'],
    [{ channel: 'wecom' }, '/receive_id'],
    [{ channel: 'wecom', receive_id: 'a\0' }, '/receive_id'],
    [{ channel: 'wecom', mode: 'platform', receive_id: 'ww1' }, '/receive_id'],
    [{ channel: 'github', tolerance_s: -1 }, '/tolerance_s'],
    [{ channel: 'github', tolerance_s: 604_801 }, '/tolerance_s'],
    [{ channel: 'github', tolerance_s: 1.5 }, '/tolerance_s'],
    [{ channel: 'github', dedupe: 'id' }, '/dedupe'],
    [{ channel: 'github', description: 'a\0' }, '/description'],
    [{ channel: 'github', state: 'disabled' }, '/state'],
    [{ channel: 'github', secrets: { secret: '' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'x'.repeat(7) } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: ' xxxxxxxx' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'xxxxxxxx ' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'xxxxxxxx\u00a0' } }, '/secrets/secret'],
    [{ channel: 'gerrit', secrets: { token: 'x'.repeat(7) } }, '/secrets/token'],
    [{ channel: 'github', secrets: { secret: 'x'.repeat(1025) } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'a\nb' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'a\u007f' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 'a\ud800' } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { secret: 1 } }, '/secrets/secret'],
    [{ channel: 'github', secrets: { platform: 'x'.repeat(8) } }, '/secrets/platform'],
    [{ channel: 'github', secrets: { key: 'x' } }, '/secrets/key'],
    ['{"channel": "github", "secrets": {"__proto__": "x"}}', '/secrets/__proto__'],
    [{ ...wecom, secrets: { token: 'ab' } }, '/secrets/token'],
    [{ channel: 'wecom', mode: 'platform', secrets: { platform: 'abc' } }, '/secrets/platform'],
    [{ ...wecom, secrets: { aes_key: `-_${'A'.repeat(41)}` } }, '/secrets/aes_key'],
    [{ ...wecom, secrets: { aes_key: 'A'.repeat(42) } }, '/secrets/aes_key'],
    [{ ...wecom, secrets: { aes_key: `${'A'.repeat(42)}=` } }, '/secrets/aes_key'],
    [{ ...gitlab, secrets: { signing_token: whsec(15) } }, '/secrets/signing_token'],
    [{ ...gitlab, secrets: { signing_token: whsec(65) } }, '/secrets/signing_token'],
    [{ ...gitlab, secrets: { signing_token: whsec(32).slice(6) } }, '/secrets/signing_token'],
    [{ ...gitlab, secrets: { signing_token: `${whsec(32)}!` } }, '/secrets/signing_token'],
  ])('refuses %j at %s', async (body, pointer) => {
    const answer = await api.call('POST', '/v1/integrations', body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual([expect.objectContaining({ pointer })]);
  });

  test('a pair of mode and scheme that is not there is answered with those that are', async () => {
    const answer = await api.call('POST', '/v1/integrations', { channel: 'gitee', scheme: 'rsa' });
    expect(refusalOf(answer)).toEqual([
      422,
      '/scheme: The channel gitee has: mode native with scheme password, mode native with scheme signature, mode platform',
    ]);
  });

  test('an EncodingAESKey that is taken opens what WeCom sends', async () => {
    const aes_key = `+/${'A'.repeat(40)}9`;
    await makeIntegration(api, { ...wecom, secrets: { aes_key } });
    const plain = { message: Buffer.from('<xml/>'), receiveId: Buffer.from('ww1') };
    const encrypt = encryptWecom(aes_key, plain, Buffer.alloc(16));
    expect(decryptWecom(aes_key, encrypt)).toEqual(plain);
  });

  test('several secrets that cannot be are each told, none by its value', async () => {
    const secrets = { token: 'tok\tXYZZY', aes_key: 'XYZZY' };
    const answer = await api.call('POST', '/v1/integrations', { ...wecom, secrets });
    expect(answer.body['errors']).toHaveLength(2);
    expect(answer.text).not.toContain('XYZZY');
  });
});

describe('PATCH /v1/integrations/{id}', () => {
  test('changes what it names and leaves the rest', async () => {
    const id = await makeIntegration(api, {
      channel: 'github',
      tolerance_s: 60,
      description: 'Old',
    });
    const path = `/v1/integrations/${id}`;
    changed.length = 0;
    const answer = await api.call('PATCH', path, { state: 'disabled', dedupe: 'hash' });
    expect(answer.status).toBe(200);
    const wanted = { state: 'disabled', dedupe: 'hash', tolerance_s: 60, description: 'Old' };
    expect(answer.body).toMatchObject(wanted);
    expect(changed).toEqual([id]);
    expect((await api.call('GET', path)).body).toEqual(answer.body);
    const reset = await api.call('PATCH', path, { tolerance_s: null, description: null });
    expect(reset.body).toMatchObject({ ...wanted, tolerance_s: null, description: null });
    expect((await api.call('PATCH', path, {})).body).toEqual(reset.body);
  });

  test.each([
    { tolerance_s: 604_801 },
    { state: 'paused' },
    { channel: 'gitlab' },
    { secrets: {} },
    { username: 'u' },
    { receive_id: '' },
    { mode: 'token' },
    { scheme: 'secret' },
  ])('refuses %j for GitHub, and changes nothing', async (change) => {
    const id = await makeIntegration(api, { channel: 'github' });
    const before = await api.call('GET', `/v1/integrations/${id}`);
    changed.length = 0;
    const answer = await api.call('PATCH', `/v1/integrations/${id}`, {
      description: 'New',
      ...change,
    });
    expect(answer.status).toBe(422);
    expect((await api.call('GET', `/v1/integrations/${id}`)).body).toEqual(before.body);
    expect(changed).toEqual([]);
  });

  test('another scheme is taken once its secret is there', async () => {
    const path = `/v1/integrations/${await makeIntegration(api, { channel: 'gitlab' })}`;
    const early = await api.call('PATCH', path, { scheme: 'signing_token' });
    expect(refusalOf(early)).toEqual([
      422,
      '/scheme: Add a secret of the kind signing_token first',
    ]);
    const added = await api.call('POST', `${path}/secrets`, { kind: 'signing_token' });
    expect(added.body['value']).toMatch(/^whsec_/);
    const moved = await api.call('PATCH', path, { scheme: 'signing_token' });
    expect(moved.body).toMatchObject({ mode: 'native', scheme: 'signing_token' });
    expect(secretsOf(moved).map(({ kind, state }) => [kind, state])).toEqual([
      ['signing_token', 'active'],
      ['secret_token', 'active'],
    ]);
  });

  test('a secret that has run out does not count', async () => {
    const path = `/v1/integrations/${await makeIntegration(api, { channel: 'github' })}`;
    const { body } = await api.call('POST', `${path}/secrets`, { kind: 'platform' });
    await api.call('DELETE', `${path}/secrets/${String(body['id'])}`);
    expect(refusalOf(await api.call('PATCH', path, { mode: 'platform' }))).toEqual([
      422,
      '/mode: Add a secret of the kind platform first',
    ]);
    await api.call('POST', `${path}/secrets`, { kind: 'platform' });
    const moved = await api.call('PATCH', path, { mode: 'platform' });
    expect(moved.body).toMatchObject({ mode: 'platform', scheme: null });
  });

  test.each([
    { channel: 'wecom', kinds: [], missing: 'token and aes_key' },
    { channel: 'wecom', kinds: ['token'], missing: 'aes_key' },
    { channel: 'lark', kinds: [], missing: 'encrypt_key or verification_token' },
  ])('$channel with $kinds is not native before $missing', async ({ channel, kinds, missing }) => {
    const answer = await backToNative(channel, kinds);
    expect(refusalOf(answer)).toEqual([422, `/mode: Add a secret of the kind ${missing} first`]);
  });

  test.each([
    { channel: 'wecom', kinds: ['token', 'aes_key'] },
    { channel: 'lark', kinds: ['verification_token'] },
  ])('$channel with $kinds can be native', async ({ channel, kinds }) => {
    expect((await backToNative(channel, kinds)).body['mode']).toBe('native');
  });

  async function backToNative(channel: string, kinds: readonly string[]): Promise<Answer> {
    const path = `/v1/integrations/${await makeIntegration(api, { channel, mode: 'platform' })}`;
    for (const kind of kinds) await api.call('POST', `${path}/secrets`, { kind });
    const names = channel === 'wecom' ? { receive_id: '' } : {};
    return api.call('PATCH', path, { mode: 'native', ...names });
  }

  test('what only one scheme has comes and goes with it', async () => {
    const path = `/v1/integrations/${await makeIntegration(api, { channel: 'gerrit' })}`;
    await api.call('POST', `${path}/secrets`, { kind: 'password' });
    expect(refusalOf(await api.call('PATCH', path, { scheme: 'basic' }))).toEqual([
      422,
      '/username: Give the name that the sender logs in with',
    ]);
    const basic = await api.call('PATCH', path, { scheme: 'basic', username: 'review' });
    expect(basic.body).toMatchObject({ scheme: 'basic', username: 'review' });
    expect((await api.call('PATCH', path, { username: null })).status).toBe(422);
    const back = await api.call('PATCH', path, { scheme: 'url_token' });
    expect(back.body).toMatchObject({ scheme: 'url_token', username: null });
  });

  test('an integration whose secrets are all gone can still be disabled', async () => {
    const id = await makeIntegration(api, { channel: 'github' });
    const [secret] = await readSecrets(api, id);
    await api.call('DELETE', `/v1/integrations/${id}/secrets/${secret?.id}`);
    const answer = await api.call('PATCH', `/v1/integrations/${id}`, { state: 'disabled' });
    expect([answer.status, answer.body['state']]).toEqual([200, 'disabled']);
  });
});
