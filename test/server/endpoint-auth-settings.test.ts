import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuth } from '../../src/runtime/endpoint-auth.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { makeAuthority } from '../support/tls.ts';
import type { Pair } from '../support/tls.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

const sealer = makeSealer(randomBytes(32));

let api: ServedApi;
let pair: Pair;
let otherPair: Pair;
let namelessPair: Pair;
beforeAll(async () => {
  api = await serveApi({ sealer });
  const authority = makeAuthority();
  [pair, otherPair] = [authority.issue('acme'), authority.issue('other')];
  namelessPair = authority.issue('');
  authority.close();
});
afterAll(async () => api.close());

const base = { url: 'https://example.com/hook', event_types: ['*'] };

const make = (settings: object): Promise<Answer> =>
  api.call('POST', '/v1/endpoints', { ...base, ...settings });

async function rowOf(id: unknown) {
  return api
    .db('endpoints')
    .where({ id: id as string })
    .first();
}

const pointersOf = ({ body }: Answer): string[] =>
  ((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);

describe('auth', () => {
  const oauth2 = {
    kind: 'oauth2',
    token_url: 'https://login.example/token',
    client_id: 'acme',
    client_secret: 's3cret-o',
  };
  const basic = { kind: 'basic', username: 'acme', password: 's3cret-b: ö' };
  const bearer = { kind: 'bearer', token: 's3cret-t' };

  test.each([
    [basic, { kind: 'basic', username: 'acme' }, basic],
    [bearer, { kind: 'bearer' }, bearer],
    [
      { ...oauth2, scope: 'a b' },
      { kind: 'oauth2', token_url: oauth2.token_url, client_id: 'acme', scope: 'a b' },
      { ...oauth2, scope: 'a b' },
    ],
    [oauth2, { scope: null }, { ...oauth2, scope: null }],
  ])('%j is shown without its secret, and sealed', async (auth, shown, opened) => {
    const made = await make({ auth });
    expect(made).toMatchObject({ status: 201, body: { auth: shown } });
    const path = `/v1/endpoints/${String(made.body['id'])}`;
    const answers = [made, await api.call('GET', path), await api.call('GET', '/v1/endpoints')];
    for (const { text } of answers) expect(text).not.toContain('s3cret');
    const row = await rowOf(made.body['id']);
    expect(JSON.stringify(row?.auth)).not.toContain('s3cret');
    expect(row?.auth_sealed?.toString('latin1')).not.toContain('s3cret');
    expect(row && openAuth(sealer, row)).toEqual(opened);
  });

  test('a certificate whose subject is empty is taken as any other', async () => {
    const { status, body } = await make({ auth: { kind: 'mtls', ...namelessPair } });
    expect(status).toBe(201);
    expect(body['auth']).toMatchObject({ kind: 'mtls', subject: '' });
  });

  test('a certificate and its key are shown by subject and end', async () => {
    const auth = { kind: 'mtls', ...pair };
    const { body } = await make({ auth });
    expect(body['auth']).toEqual({
      kind: 'mtls',
      subject: 'CN=acme',
      valid_to: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const row = await rowOf(body['id']);
    expect(row && openAuth(sealer, row)).toMatchObject(auth);
  });

  test('a change without auth keeps it, null removes it', async () => {
    const { body } = await make({ auth: bearer });
    const path = `/v1/endpoints/${String(body['id'])}`;
    const kept = await api.call('PATCH', path, { timeout: '3s' });
    expect(kept.body['auth']).toEqual({ kind: 'bearer' });
    const replaced = await api.call('PATCH', path, { auth: basic });
    expect(replaced.body['auth']).toEqual({ kind: 'basic', username: 'acme' });
    expect((await api.call('PATCH', path, { auth: null })).body['auth']).toBeNull();
    expect(await rowOf(body['id'])).toMatchObject({ auth: null, auth_sealed: null });
  });

  test.each([
    [{ ...basic, username: 'a:b' }, '/auth/username'],
    [{ ...basic, username: '' }, '/auth/username'],
    [{ ...basic, password: 'a\nb' }, '/auth/password'],
    [{ ...bearer, token: 'a b' }, '/auth/token'],
    [{ ...bearer, token: 'a\r\nb' }, '/auth/token'],
    [{ ...bearer, token: '' }, '/auth/token'],
    [{ ...bearer, extra: 1 }, '/auth/extra'],
    [{ kind: 'digest' }, '/auth/kind'],
    [{ ...oauth2, token_url: 'http://10.0.0.1/' }, '/auth/token_url'],
    [{ ...oauth2, client_id: '' }, '/auth/client_id'],
    [{ ...oauth2, scope: 'a"b' }, '/auth/scope'],
    [{ kind: 'mtls', certificate: 'PEM', key: 'PEM' }, '/auth/certificate'],
  ])('refuses %j', async (auth, pointer) => {
    const answer = await make({ auth });
    expect([answer.status, pointersOf(answer)]).toEqual([422, [pointer]]);
  });

  test('refuses a key of another certificate, one that is none, and a URL without TLS', async () => {
    const certificate = pair.certificate;
    const other = await make({ auth: { kind: 'mtls', certificate, key: otherPair.key } });
    expect([other.status, pointersOf(other)]).toEqual([422, ['/auth/key']]);
    const none = await make({ auth: { kind: 'mtls', certificate, key: certificate } });
    expect([none.status, pointersOf(none)]).toEqual([422, ['/auth/key']]);
    expect(none.text).not.toContain('BEGIN');
    const open = await serveApi({ db: api.db, refuseUrl: () => undefined });
    const plain = { ...base, url: 'http://example.com/', auth: { kind: 'mtls', ...pair } };
    const refused = await open.call('POST', '/v1/endpoints', plain);
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/auth']]);
  });
});
