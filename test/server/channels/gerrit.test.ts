import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gerrit } from '../../../server/channels/gerrit.ts';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { listSamples, readSample } from '../../../src/runtime/samples.ts';
import { gerrit as sender } from '../../../src/runtime/senders/gerrit.ts';
import { signPlatform } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

const now = new Date('2026-06-01T12:00:00.500Z');
const clock = { now, toleranceS: 300 };
const body = Buffer.from('{"type":"change-merged"}');
const challenge = 'Basic realm="durahook"';

const urlScheme: Integration = {
  ...bareIntegration,
  channel: 'gerrit',
  mode: 'token',
  scheme: 'url_token',
  username: 'gerrit',
  secrets: [
    { id: 'sec_1', kind: 'token', value: 'n+w/ü', expiresAt: null },
    { id: 'sec_2', kind: 'token', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_3', kind: 'token', value: 'gone', expiresAt: now },
    { id: 'sec_4', kind: 'password', value: 'n:ew', expiresAt: null },
    { id: 'sec_5', kind: 'password', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_6', kind: 'password', value: 'gone', expiresAt: now },
    { id: 'sec_7', kind: 'platform', value: 'p', expiresAt: null },
  ],
};
const basicScheme = { ...urlScheme, scheme: 'basic' };
const relayed = { ...urlScheme, mode: 'platform', scheme: null } as const;

type Headers = Record<string, string>;

function request(query: string, changed: Headers = {}, content: Buffer = body): RawRequest {
  const headers: Headers = { 'Content-Type': 'application/json; charset=utf-8', ...changed };
  return { method: 'POST', query, headers: Object.entries(headers), body: content };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

const byPassword = (credentials: string, changed: Headers = {}) =>
  request('', { Authorization: `Basic ${base64(credentials)}`, ...changed });

describe('gerrit with a token in the URL', () => {
  test('accepts the token', () => {
    expect(gerrit.receive(request('token=n+w/%C3%BC'), urlScheme, clock)).toEqual({
      kind: 'event',
      type: 'change-merged',
      dedupeId: null,
      body,
      secretIds: ['sec_1'],
    });
  });

  test('accepts the old token during a rotation, until it runs out', () => {
    expect(gerrit.receive(request('token=old'), urlScheme, clock)).toMatchObject({
      kind: 'event',
      secretIds: ['sec_2'],
    });
    expect(gerrit.receive(request('token=gone'), urlScheme, clock)).toMatchObject({
      reason: 'token_mismatch',
    });
  });

  test('names the parameter that is not to be kept', () => {
    expect(gerrit.secretParameters).toEqual(['token']);
  });

  test('hashes the body where that is asked for', () => {
    const hash = createHash('sha256').update(body).digest('hex');
    const hashing = { ...urlScheme, dedupe: 'hash' } as const;
    expect(gerrit.receive(request('token=old'), hashing, clock)).toMatchObject({
      dedupeId: `sha256:${hash}`,
    });
  });

  test.each<[string, RawRequest, string]>([
    ['no token', request(''), 'token_missing'],
    ['an empty token', request('token='), 'token_missing'],
    ['a token of another name', request('Token=old'), 'token_missing'],
    ['another token', request('token=other'), 'token_mismatch'],
    ['a token with a blank behind it', request('token=old%20'), 'token_mismatch'],
    ['a + that was escaped for a form', request('token=n%20w/%C3%BC'), 'token_mismatch'],
    ['a token twice', request('token=old&t%6Fken='), 'duplicate_parameter'],
    ['a good password', byPassword('gerrit:n:ew'), 'token_missing'],
    ['text', request('token=old', { 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    [
      'a form',
      request('token=old', { 'Content-Type': 'application/x-www-form-urlencoded' }),
      'unsupported_content_type',
    ],
    ['gzip', request('token=old', { 'Content-Encoding': 'gzip' }), 'unsupported_content_encoding'],
    ['no JSON', request('token=old', {}, Buffer.from('ping')), 'malformed_body'],
    ['no object', request('token=old', {}, Buffer.from('["type"]')), 'malformed_body'],
    ['no type', request('token=old', {}, Buffer.from('{}')), 'event_type_missing'],
    [
      'a type of null',
      request('token=old', {}, Buffer.from('{"type":null}')),
      'event_type_missing',
    ],
    ['an empty type', request('token=old', {}, Buffer.from('{"type":""}')), 'event_type_missing'],
  ])('rejects %s, and asks for no password', (_, refused, reason) => {
    const received = gerrit.receive(refused, urlScheme, clock);
    expect(received).toMatchObject({ kind: 'rejected', reason });
    expect(received).not.toHaveProperty('challenge');
  });

  test('tells a stranger nothing about the body', () => {
    const stranger = request('token=other', {}, Buffer.from('ping'));
    expect(gerrit.receive(stranger, urlScheme, clock)).toMatchObject({
      reason: 'token_mismatch',
    });
  });
});

describe('gerrit with a password', () => {
  test('accepts a password with a colon', () => {
    expect(gerrit.receive(byPassword('gerrit:n:ew'), basicScheme, clock)).toMatchObject({
      kind: 'event',
      secretIds: ['sec_4'],
    });
  });

  test('accepts the old password during a rotation, until it runs out', () => {
    expect(gerrit.receive(byPassword('gerrit:old'), basicScheme, clock)).toMatchObject({
      secretIds: ['sec_5'],
    });
    expect(gerrit.receive(byPassword('gerrit:gone'), basicScheme, clock)).toMatchObject({
      reason: 'token_mismatch',
    });
  });

  test('does not care how Basic is spelt', () => {
    const sent = request('', { Authorization: `bASIC  ${base64('gerrit:old')}` });
    expect(gerrit.receive(sent, basicScheme, clock).kind).toBe('event');
  });

  const url = `Basic ${base64('gerrit:old')}`;

  test.each<[string, RawRequest, string]>([
    ['no password', request(''), 'token_missing'],
    ['a good token in the URL', request('token=old'), 'token_missing'],
    ['another password', byPassword('gerrit:other'), 'token_mismatch'],
    ['another user', byPassword('admin:old'), 'token_mismatch'],
    ['no user', byPassword(':old'), 'token_mismatch'],
    ['no colon', byPassword('gerritold'), 'token_mismatch'],
    ['Bearer', request('', { Authorization: 'Bearer old' }), 'token_mismatch'],
    ['no base64', request('', { Authorization: 'Basic %%%' }), 'token_mismatch'],
    ['half a base64', request('', { Authorization: url.slice(0, -1) }), 'token_mismatch'],
    ['Basic alone', request('', { Authorization: 'Basic' }), 'token_mismatch'],
  ])('rejects %s, and asks for the password', (_, refused, reason) => {
    expect(gerrit.receive(refused, basicScheme, clock)).toMatchObject({ reason, challenge });
  });

  test('rejects two headers, whichever is good', () => {
    const twice = byPassword('gerrit:old', { authorization: url });
    expect(gerrit.receive(twice, basicScheme, clock)).toMatchObject({
      reason: 'duplicate_parameter',
    });
  });

  test('accepts nobody where no user is set', () => {
    const nobody = { ...basicScheme, username: null };
    for (const credentials of [':old', 'null:old']) {
      expect(gerrit.receive(byPassword(credentials), nobody, clock)).toMatchObject({
        reason: 'token_mismatch',
      });
    }
  });

  test('takes whatever is sent for a password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sent = request('', { Authorization: text });
        expect(gerrit.receive(sent, basicScheme, clock).kind).toBe('rejected');
      }),
    );
  });
});

describe('gerrit behind a relay', () => {
  const timestamp = '1780315200';
  const relay = (changed: Headers = {}) =>
    request('', {
      'X-Webhook-Timestamp': timestamp,
      'X-Webhook-Signature': signPlatform('p', timestamp, body),
      ...changed,
    });

  test('takes the platform scheme and hashes what was signed', () => {
    const digest = createHash('sha256').update(`${timestamp}.`).update(body).digest('hex');
    const hashing = { ...relayed, dedupe: 'hash' } as const;
    expect(gerrit.receive(relay(), hashing, clock)).toMatchObject({
      type: 'change-merged',
      dedupeId: `sha256:${digest}`,
      secretIds: ['sec_7'],
    });
  });

  test.each([
    ['a token', request('token=old')],
    ['a password', byPassword('gerrit:old')],
  ])('gives no credit for %s', (_, sent) => {
    expect(gerrit.receive(sent, relayed, clock)).toMatchObject({ reason: 'signature_missing' });
  });
});

describe('the sender of gerrit', () => {
  const secrets = { token: 'n+w/ü', password: 'n:ew' };

  test.each([urlScheme, basicScheme])(
    'makes every sample accepted: $scheme',
    async (integration) => {
      const { mode, scheme, username } = integration;
      const settings = { mode, scheme, secrets, username, receiveId: null };
      for (const name of await listSamples('gerrit')) {
        const sent = sender(await readSample('gerrit', name), settings, { now, deliveryId: 'd-1' });
        const received = { ...sent, headers: Object.entries(sent.headers) };
        expect(gerrit.receive(received, integration, clock)).toMatchObject({
          kind: 'event',
          type: name,
        });
      }
    },
  );

  test('says that the user is missing', async () => {
    const settings = {
      mode: 'token',
      scheme: 'basic',
      secrets,
      username: null,
      receiveId: null,
    } as const;
    const sample = await readSample('gerrit', 'ref-updated');
    expect(() => sender(sample, settings, { now, deliveryId: 'd-1' })).toThrow(
      'Cannot sign: the username is missing',
    );
  });

  test('gives a relay no credential to hand on', async () => {
    const settings = {
      mode: 'platform',
      scheme: null,
      secrets,
      username: 'gerrit',
      receiveId: null,
    } as const;
    const sample = await readSample('gerrit', 'ref-updated');
    const { query, headers } = sender(sample, settings, { now, deliveryId: 'd-1' });
    expect(query).toBe('');
    expect(headers).not.toHaveProperty('Authorization');
  });
});
