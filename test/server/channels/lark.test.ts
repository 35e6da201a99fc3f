import { describe, expect, test } from 'vitest';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { signPlatform } from '../../../src/runtime/signature.ts';
import {
  both,
  challenge,
  goneKey,
  goneToken,
  integrationWith,
  keyOnly,
  nowS,
  plain,
  receive,
  sealed,
  sha256,
  signed,
  token,
  tokens,
  version1,
  version2,
} from './lark-oracle.ts';
import type { Headers } from './lark-oracle.ts';

describe('lark', () => {
  test.each([
    ['version 2', version2(), { type: 'im.message.receive_v1', dedupeId: 'e-1' }],
    ['version 1', version1(), { type: 'approval_instance', dedupeId: 'u-1' }],
  ])('accepts an encrypted event of %s and keeps what was inside', (_, content, named) => {
    const received = receive(signed(sealed(content)), both);
    expect(received).toEqual({
      kind: 'event',
      ...named,
      body: Buffer.from(content.replace('tok-new', '***')),
      secretIds: ['sec_k1', 'sec_t1'],
    });
  });

  test.each([
    ['version 2', version2(), { type: 'im.message.receive_v1', dedupeId: 'e-1' }],
    ['version 1', version1(), { type: 'approval_instance', dedupeId: 'u-1' }],
  ])('accepts a plain event of %s and keeps its bytes but the token', (_, content, named) => {
    const spaced = `\uFEFF ${content.replace('{', '{ "n":12345678901234567890, ')}`;
    expect(receive(plain(spaced), tokens)).toEqual({
      kind: 'event',
      ...named,
      body: Buffer.from(spaced.replace('tok-new', '***')),
      secretIds: ['sec_t1'],
    });
  });

  test.each([
    [
      'the old ones',
      { encryptKey: 'key-old', sent: 'tok-old' },
      { kind: 'event', secretIds: ['sec_k2', 'sec_t2'] },
    ],
    [
      'a mix',
      { encryptKey: 'key-new', sent: 'tok-old' },
      { kind: 'event', secretIds: ['sec_k1', 'sec_t2'] },
    ],
    [
      'a key that has run out',
      { encryptKey: 'key-gone', sent: 'tok-new' },
      { reason: 'signature_mismatch' },
    ],
    [
      'a token that has run out',
      { encryptKey: 'key-new', sent: 'tok-gone' },
      { reason: 'token_mismatch' },
    ],
  ])('during a rotation judges %s', (_, { encryptKey, sent }, outcome) => {
    const body = sealed(version2({ token: sent }), encryptKey);
    expect(receive(signed(body, { encryptKey }), both)).toMatchObject(outcome);
  });

  test('does not fall back to the token when the last key has run out', () => {
    const spent = integrationWith(goneKey, token);
    expect(receive(plain(version2()), spent)).toMatchObject({ reason: 'encryption_required' });
    const body = sealed(version2(), 'key-gone');
    expect(receive(signed(body, { encryptKey: 'key-gone' }), spent)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test.each([
    ['no secrets', integrationWith()],
    ['a token that has run out', integrationWith(goneToken)],
  ])('with %s accepts nothing', (_, integration) => {
    expect(receive(plain(version2({ token: 'tok-gone' })), integration)).toMatchObject({
      reason: 'token_mismatch',
    });
    expect(receive(plain(version2({ token: '' })), integration)).toMatchObject({
      reason: 'token_missing',
    });
  });

  test('asks for no token where only a key is held', () => {
    expect(receive(signed(sealed(version2({ token: 'any' }))), keyOnly)).toMatchObject({
      kind: 'event',
      secretIds: ['sec_k1'],
    });
  });

  test('ignores signature headers where no key is held', () => {
    const headers = { 'X-Lark-Signature': 'x', 'x-lark-signature': 'y' };
    expect(receive(plain(version2(), headers), tokens).kind).toBe('event');
  });

  test('hashes the received body where no id came and the integration asks for it', () => {
    const body = sealed(version2({ event_id: 7 }));
    expect(receive(signed(body), both)).toMatchObject({ kind: 'event', dedupeId: null });
    const dedupeId = `sha256:${sha256(body).toString('hex')}`;
    expect(receive(signed(body), { ...both, dedupe: 'hash' })).toMatchObject({ dedupeId });
  });
});

describe('the challenge of lark', () => {
  const answered = { kind: 'handshake', contentType: 'application/json' };

  test.each([
    ['plain', { request: plain(challenge()), to: tokens }, ['sec_t1']],
    [
      'encrypted and not signed',
      { request: plain(sealed(challenge())), to: both },
      ['sec_k1', 'sec_t1'],
    ],
    [
      'encrypted with the old key',
      { request: plain(sealed(challenge(), 'key-old')), to: both },
      ['sec_k2', 'sec_t1'],
    ],
    [
      'encrypted and signed',
      { request: signed(sealed(challenge())), to: both },
      ['sec_k1', 'sec_t1'],
    ],
    [
      'without a token to one with a key alone',
      { request: plain(sealed(challenge({ token: 1 }))), to: keyOnly },
      ['sec_k1'],
    ],
    [
      'without a content type',
      { request: { ...plain(challenge()), headers: [] }, to: tokens },
      ['sec_t1'],
    ],
  ])('is answered: %s', (_, { request, to }, secretIds) => {
    const reply = '{"challenge":"c-\\"1\\""}';
    expect(receive(request, to)).toEqual({ ...answered, reply, secretIds });
  });

  test.each([
    [
      'another token',
      { request: plain(challenge({ token: 'other' })), to: tokens },
      'token_mismatch',
    ],
    ['no token', { request: plain(challenge({ token: undefined })), to: tokens }, 'token_missing'],
    [
      'a token in a header only',
      { request: plain(challenge({ token: '', header: { token: 'tok-new' } })), to: tokens },
      'token_missing',
    ],
    ['a number', { request: plain(challenge({ challenge: 7 })), to: tokens }, 'malformed_body'],
    [
      'no challenge',
      { request: plain(challenge({ challenge: undefined })), to: tokens },
      'malformed_body',
    ],
    [
      'a number and another token',
      { request: plain(challenge({ challenge: 7, token: 'x' })), to: tokens },
      'token_mismatch',
    ],
    [
      'another token inside',
      { request: plain(sealed(challenge({ token: 'x' }))), to: both },
      'token_mismatch',
    ],
    ['another key', { request: plain(sealed(challenge(), 'other')), to: both }, 'decrypt_failed'],
    ['no encryption', { request: plain(challenge()), to: both }, 'encryption_required'],
    [
      'encryption where no key is held',
      { request: plain(sealed(challenge())), to: tokens },
      'encrypt_key_missing',
    ],
    [
      'a signature that is wrong',
      { request: signed(sealed(challenge()), { encryptKey: 'x' }), to: both },
      'signature_mismatch',
    ],
  ])('is refused with %s', (_, { request, to }, reason) => {
    expect(receive(request, to)).toMatchObject({ kind: 'rejected', reason });
  });
});

describe('lark behind a relay', () => {
  const relay = { id: 'sec_p', kind: 'platform', value: 'p', expiresAt: null };
  const relayed: Integration = { ...integrationWith(relay, token), mode: 'platform' };

  function handedOn(body: string, changed: Headers = {}): RawRequest {
    const timestamp = String(nowS);
    return plain(body, {
      'X-Webhook-Timestamp': timestamp,
      'X-Webhook-Signature': signPlatform('p', timestamp, body),
      ...changed,
    });
  }

  test('takes the decrypted envelope and asks for no token', () => {
    const content = version2({ token: 'any' });
    expect(receive(handedOn(content), relayed)).toEqual({
      kind: 'event',
      type: 'im.message.receive_v1',
      dedupeId: 'e-1',
      body: Buffer.from(content.replace('any', '***')),
      secretIds: ['sec_p'],
    });
  });

  test('answers the challenge', () => {
    expect(receive(handedOn('{"type":"url_verification","challenge":"c"}'), relayed)).toEqual({
      kind: 'handshake',
      contentType: 'application/json',
      reply: '{"challenge":"c"}',
      secretIds: ['sec_p'],
    });
  });

  test.each([
    ['still encrypted', handedOn(sealed(version2())), 'encrypt_key_missing'],
    ['no JSON', handedOn('x'), 'malformed_body'],
    ['text', handedOn('x', { 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    ['gzip', handedOn('x', { 'Content-Encoding': 'gzip' }), 'unsupported_content_encoding'],
    ['no type', handedOn(version2({ event_type: '' })), 'event_type_missing'],
    ['the signature of Lark', signed(sealed(version2())), 'signature_missing'],
  ])('refuses what is %s', (_, request, reason) => {
    expect(receive(request, relayed)).toMatchObject({ kind: 'rejected', reason });
  });

  test('takes no platform signature in native mode', () => {
    expect(receive(handedOn(sealed(version2())), both)).toMatchObject({
      reason: 'signature_missing',
    });
  });
});
