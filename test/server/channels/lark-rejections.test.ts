import { describe, expect, test } from 'vitest';
import { lark } from '../../../server/channels/lark.ts';
import {
  both,
  encrypt,
  nowS,
  plain,
  receive,
  sealed,
  sha256,
  signed,
  tokens,
  version1,
  version2,
} from './lark-oracle.ts';
import type { Headers } from './lark-oracle.ts';

describe('what lark refuses', () => {
  const good = sealed(version2());
  const withHeaders = (headers: Headers) => signed(good, { headers });

  test.each([
    ['no signature', plain(good), 'signature_missing'],
    ['an empty signature', withHeaders({ 'X-Lark-Signature': ' ' }), 'signature_missing'],
    ['no timestamp', withHeaders({ 'X-Lark-Request-Timestamp': '' }), 'timestamp_missing'],
    ['no nonce', withHeaders({ 'X-Lark-Request-Nonce': '' }), 'parameter_missing'],
    ['a timestamp in words', signed(good, { timestamp: 'now' }), 'timestamp_malformed'],
    ['a short signature', withHeaders({ 'X-Lark-Signature': 'ab' }), 'signature_malformed'],
    [
      'neither form',
      withHeaders({ 'X-Lark-Signature': 'ab', 'X-Lark-Request-Timestamp': 'x' }),
      'timestamp_malformed',
    ],
    ['milliseconds', signed(good, { timestamp: `${nowS}000` }), 'timestamp_out_of_tolerance'],
    ['another nonce', withHeaders({ 'X-Lark-Request-Nonce': '1' }), 'signature_mismatch'],
    [
      'another timestamp',
      withHeaders({ 'X-Lark-Request-Timestamp': String(nowS - 1) }),
      'signature_mismatch',
    ],
    ['another key', signed(good, { encryptKey: 'other' }), 'signature_mismatch'],
    ['another body', { ...signed(good), body: Buffer.from(`${good} `) }, 'signature_mismatch'],
    ['a signature twice', withHeaders({ 'x-lark-signature': '' }), 'duplicate_parameter'],
    ['a timestamp twice', withHeaders({ 'x-lark-request-timestamp': '' }), 'duplicate_parameter'],
    ['a nonce twice', withHeaders({ 'x-lark-request-nonce': '' }), 'duplicate_parameter'],
    ['a content type twice', withHeaders({ 'content-type': '' }), 'duplicate_parameter'],
    ['text', withHeaders({ 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    ['no content type', withHeaders({ 'Content-Type': '' }), 'unsupported_content_type'],
    ['gzip', withHeaders({ 'Content-Encoding': 'gzip' }), 'unsupported_content_encoding'],
    ['no JSON', signed('challenge=1'), 'malformed_body'],
    ['a list', signed('[]'), 'malformed_body'],
    ['a plain event', signed(version2()), 'encryption_required'],
    ['a ciphertext that is a number', signed('{"encrypt":5}'), 'encryption_required'],
  ])('encrypted: %s', (_, request, reason) => {
    expect(receive(request, both)).toMatchObject({ kind: 'rejected', reason });
    expect(receive(signed(good), both).kind).toBe('event');
  });

  /** Six signs stand around the list and before it. */
  const crowded = (count: number) => version1({ many: Array.from({ length: count - 6 }, () => 0) });

  test('takes 100,000 values, and parses none of more: whoever sends them has proven nothing', () => {
    expect(receive(plain(crowded(100_000)), tokens).kind).toBe('event');
    const refused = receive(plain(crowded(100_001)), tokens);
    expect(refused).toMatchObject({ reason: 'malformed_body' });
    expect(JSON.stringify(refused)).toContain('may have 100000 of');
    const outer = `{"encrypt":"","many":${JSON.stringify(Array.from({ length: 100_000 }, () => 0))}}`;
    expect(receive(plain(outer), both)).toMatchObject({ reason: 'malformed_body' });
    expect(receive(signed(sealed(crowded(100_000))), both).kind).toBe('event');
    expect(receive(signed(sealed(crowded(100_001))), both)).toMatchObject({
      reason: 'decrypt_failed',
    });
  });

  const cipher = encrypt(version2());
  const zeroPadded = Buffer.from(version2().padEnd(1024, ' ').concat('\0'.repeat(16)));

  test.each([
    ['empty', ''],
    ['no base64', '***'],
    ['base64 of the URL alphabet', Buffer.alloc(32, 0xff).toString('base64url')],
    ['base64 with a blank', `${cipher} `],
    ['base64 without its padding', cipher.replace(/=+$/, '').slice(0, -1)],
    ['cut within a block', Buffer.from(cipher, 'base64').subarray(0, -1).toString('base64')],
    ['cut behind the IV', Buffer.from(cipher, 'base64').subarray(0, 16).toString('base64')],
    ['without its last block', Buffer.from(cipher, 'base64').subarray(0, -16).toString('base64')],
    ['padded with zeros', encrypt(zeroPadded, 'key-new', false)],
    ['encrypted with another key', encrypt(version2(), 'other')],
    ['no JSON inside', encrypt('hello')],
    ['no UTF-8 inside', encrypt(Buffer.from('{"a":"\xFF"}', 'latin1'))],
    ['a list inside', encrypt('[{}]')],
    ['nested 65 levels inside', encrypt(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)],
  ])('one code for a ciphertext that is %s', (_, encrypted) => {
    const body = JSON.stringify({ encrypt: encrypted });
    const refused = receive(signed(body), both);
    expect(refused).toMatchObject({ kind: 'rejected', reason: 'decrypt_failed' });
    // Not signed, it must not say more: whoever asks has no key.
    expect(receive(plain(body), both)).toEqual(refused);
  });

  test.each([
    ['no token', version2({ token: undefined }), 'token_missing'],
    ['an empty token', version2({ token: '' }), 'token_missing'],
    ['a token that is a number', version1({ token: 7 }), 'token_missing'],
    ['a header that is a text', version1({ header: 'tok-new' }), 'token_missing'],
    ['the token of version 1 in version 2', version1({ header: {} }), 'token_missing'],
    ['another token', version2({ token: 'tok-ne' }), 'token_mismatch'],
    ['a token with a blank', version1({ token: 'tok-new ' }), 'token_mismatch'],
    ['no type', version2({ event_type: undefined }), 'event_type_missing'],
    ['an empty type', version2({ event_type: '' }), 'event_type_missing'],
    ['a type that is a number', version1({ event: { type: 7 } }), 'event_type_missing'],
    ['a type with a blank', version1({ event: { type: 'a b' } }), 'event_type_missing'],
    ['an event that is a list', version1({ event: ['type'] }), 'event_type_missing'],
    ['a type of 129 letters', version2({ event_type: 'a'.repeat(129) }), 'event_type_missing'],
  ])('in either form: %s', (_, content, reason) => {
    expect(receive(plain(content), tokens)).toMatchObject({ kind: 'rejected', reason });
    expect(receive(signed(sealed(content)), both)).toMatchObject({ kind: 'rejected', reason });
  });

  test.each([
    ['encrypted', plain(good), 'encrypt_key_missing'],
    [
      'encrypted with an empty value',
      plain(version2().replace('{', '{"encrypt":null,')),
      'encrypt_key_missing',
    ],
    ['no JSON', plain('challenge=1'), 'malformed_body'],
    [
      'what looks like a refusal',
      plain('{"kind":"rejected","reason":"malformed_body"}'),
      'token_missing',
    ],
    ['a key of the prototype', plain('{"__proto__":{"token":"tok-new"}}'), 'token_missing'],
    ['text', plain(version2(), { 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    [
      'text and another token',
      plain(version2({ token: 'x' }), { 'Content-Type': 'text/plain' }),
      'token_mismatch',
    ],
  ])('plain: %s', (_, request, reason) => {
    expect(receive(request, tokens)).toMatchObject({ kind: 'rejected', reason });
  });

  test.each([
    ['8 h ago', { sentAt: nowS - 28_800, toleranceS: null }, { kind: 'event' }],
    ['8 h ahead', { sentAt: nowS + 28_800, toleranceS: null }, { kind: 'event' }],
    [
      'a second more',
      { sentAt: nowS - 28_801, toleranceS: null },
      { reason: 'timestamp_out_of_tolerance' },
    ],
    ['at its own tolerance', { sentAt: nowS - 60, toleranceS: 60 }, { kind: 'event' }],
    ['over its own tolerance', { sentAt: nowS - 61, toleranceS: 60 }, { evidence: { skewS: 61 } }],
  ])('judges the time: %s', (_, { sentAt, toleranceS }, outcome) => {
    const request = signed(good, { timestamp: String(sentAt) });
    expect(receive(request, { ...both, toleranceS })).toMatchObject(outcome);
  });

  test('gives the operator the evidence of a mismatch, and no secret', () => {
    const request = signed(good, { encryptKey: 'other', timestamp: String(nowS - 5) });
    const refused = receive(request, both);
    const prefix = (encryptKey: string) =>
      sha256(String(nowS - 5), '132689759', encryptKey, good)
        .toString('hex')
        .slice(0, 8);
    expect(refused).toMatchObject({
      evidence: {
        skewS: 5,
        received: prefix('other'),
        computed: [prefix('key-new'), prefix('key-old')],
      },
    });
    expect(JSON.stringify(refused)).not.toMatch(/key-|tok-/);
  });

  test('redacts the token of what is kept of a refusal', () => {
    const request = plain(version2({ token: 'tok-guess' }));
    expect(Buffer.from(lark.redactBody?.(request) ?? '').toString()).toBe(
      version2({ token: '***' }),
    );
  });
});
