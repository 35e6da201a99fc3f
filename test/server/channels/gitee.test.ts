import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { gitee } from '../../../server/channels/gitee.ts';
import type { RawRequest } from '../../../src/domain/channel.ts';
import { hmacSha256, signPlatform } from '../../../src/runtime/signature.ts';
import {
  body,
  clock,
  form,
  now,
  passwordScheme,
  redacted,
  relayed,
  request,
  sign,
  signScheme,
  signed,
} from './gitee-request.ts';
import type { Headers } from './gitee-request.ts';

describe('gitee with a password', () => {
  test('accepts the password, and keeps none', () => {
    expect(gitee.receive(request({}), passwordScheme, clock)).toEqual({
      kind: 'event',
      type: 'push',
      dedupeId: null,
      body: redacted,
      secretIds: ['sec_1'],
    });
  });

  test('accepts the old password during a rotation, until it runs out', () => {
    const by = (token: string) =>
      gitee.receive(request({ 'X-Gitee-Token': token }), passwordScheme, clock);
    expect(by('old')).toMatchObject({ kind: 'event', secretIds: ['sec_2'] });
    expect(by('gone')).toMatchObject({ reason: 'token_mismatch' });
  });

  test('does not look at the time', () => {
    const timeless = request({ 'X-Gitee-Timestamp': 'soon' });
    expect(gitee.receive(timeless, passwordScheme, clock).kind).toBe('event');
  });

  test('hashes the bytes as they came, with the password in them', () => {
    const hash = createHash('sha256').update(body).digest('hex');
    const hashing = { ...passwordScheme, dedupe: 'hash' } as const;
    expect(gitee.receive(request({}), hashing, clock)).toMatchObject({
      dedupeId: `sha256:${hash}`,
    });
  });

  const inBody = Buffer.from('{"hook_name":"push_hooks","password":"new"}');

  test.each<[string, RawRequest, string]>([
    [
      'no password, with the right one in the body',
      request({ 'X-Gitee-Token': '' }, inBody),
      'token_missing',
    ],
    ['another password', request({ 'X-Gitee-Token': 'other' }), 'token_mismatch'],
    ['a good signature', signed(), 'token_mismatch'],
    ['a password twice', request({ 'x-gitee-token': 'new' }), 'duplicate_parameter'],
    ['an event twice', request({ 'x-gitee-event': 'Push Hook' }), 'duplicate_parameter'],
    ['text', request({ 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    ['gzip', request({ 'Content-Encoding': 'gzip' }), 'unsupported_content_encoding'],
    ['half an object', request({}, Buffer.from('{"hook_name":')), 'malformed_body'],
    ['JSON that is declared a form', request(form), 'malformed_body'],
    ['two payloads', request(form, Buffer.from('payload={}&payload={}')), 'malformed_body'],
  ])('rejects %s', (_, refused, reason) => {
    expect(gitee.receive(refused, passwordScheme, clock)).toMatchObject({
      kind: 'rejected',
      reason,
    });
  });
});

describe('gitee with a signature', () => {
  test('accepts the signature', () => {
    expect(gitee.receive(signed(), signScheme, clock)).toEqual({
      kind: 'event',
      type: 'push',
      dedupeId: null,
      body: redacted,
      secretIds: ['sec_4'],
    });
  });

  test('accepts the old key during a rotation, until it runs out', () => {
    expect(gitee.receive(signed({}, 'SECold'), signScheme, clock)).toMatchObject({
      secretIds: ['sec_5'],
    });
    expect(gitee.receive(signed({}, 'SECgone'), signScheme, clock)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  const good = sign('SECnew', String(now.getTime()));
  const hex = Buffer.from(good, 'base64').toString('hex');
  const escaped = encodeURIComponent(good);

  test.each([
    ['capitals', escaped],
    ['small letters', escaped.replaceAll(/%../g, (sent) => sent.toLowerCase())],
  ])('accepts the signature percent-encoded with %s', (_, token) => {
    expect(gitee.receive(signed({ 'X-Gitee-Token': token }), signScheme, clock).kind).toBe('event');
  });

  test.each<[string, Headers, string]>([
    ['no signature', { 'X-Gitee-Token': '' }, 'signature_missing'],
    [
      'no signature and no time',
      { 'X-Gitee-Token': '', 'X-Gitee-Timestamp': '' },
      'signature_missing',
    ],
    ['no time', { 'X-Gitee-Timestamp': '' }, 'timestamp_missing'],
    ['seconds', { 'X-Gitee-Timestamp': '1780315200' }, 'timestamp_malformed'],
    ['a leading zero', { 'X-Gitee-Timestamp': '0780315200500' }, 'timestamp_malformed'],
    [
      'a bad time before a bad signature',
      { 'X-Gitee-Timestamp': 'x', 'X-Gitee-Token': 'x' },
      'timestamp_malformed',
    ],
    ['the key itself', { 'X-Gitee-Token': 'SECnew' }, 'signature_malformed'],
    ['hex', { 'X-Gitee-Token': hex }, 'signature_malformed'],
    [
      'a signature encoded twice',
      { 'X-Gitee-Token': encodeURIComponent(escaped) },
      'signature_malformed',
    ],
    [
      'the signature of another time',
      { 'X-Gitee-Token': sign('SECnew', '1780315200501') },
      'signature_mismatch',
    ],
    [
      'another key',
      { 'X-Gitee-Token': sign('other', String(now.getTime())) },
      'signature_mismatch',
    ],
    [
      'a signature of the body',
      { 'X-Gitee-Token': hmacSha256('SECnew', body).toString('base64') },
      'signature_mismatch',
    ],
    ['a signature twice', { 'x-gitee-token': good }, 'duplicate_parameter'],
    ['a time twice', { 'x-gitee-timestamp': '1780315200500' }, 'duplicate_parameter'],
  ])('rejects %s', (_, changed, reason) => {
    expect(gitee.receive(signed(changed), signScheme, clock)).toMatchObject({
      kind: 'rejected',
      reason,
    });
  });

  test.each([
    [null, 3600],
    [300, 300],
  ])('with a tolerance of %s takes %d s and no millisecond more', (toleranceS, allowedS) => {
    const at = (offsetMs: number) =>
      gitee.receive(
        signed({ 'X-Gitee-Timestamp': String(now.getTime() + offsetMs) }),
        { ...signScheme, toleranceS },
        clock,
      );
    const edgeMs = allowedS * 1000;
    expect([at(-edgeMs).kind, at(edgeMs).kind]).toEqual(['event', 'event']);
    expect(at(-edgeMs - 1)).toMatchObject({
      reason: 'timestamp_out_of_tolerance',
      evidence: { skewS: allowedS + 0.001 },
    });
    expect(at(edgeMs + 1)).toMatchObject({ reason: 'timestamp_out_of_tolerance' });
  });

  test('tells the operator what did not match, and no secret', () => {
    const timestamp = String(now.getTime() - 250);
    const received = gitee.receive(
      signed({ 'X-Gitee-Timestamp': timestamp }, 'other'),
      signScheme,
      clock,
    );
    const hexOf = (key: string) =>
      Buffer.from(sign(key, timestamp), 'base64').toString('hex').slice(0, 8);
    expect(received).toMatchObject({
      reason: 'signature_mismatch',
      evidence: {
        skewS: 0.25,
        received: hexOf('other'),
        computed: [hexOf('SECnew'), hexOf('SECold')],
      },
    });
    expect(JSON.stringify(received)).not.toContain('SECnew');
  });
});

describe('gitee behind a relay', () => {
  test('takes the platform scheme, and redacts all the same', () => {
    const timestamp = '1780315200';
    const headers = {
      'X-Gitee-Token': '',
      'X-Webhook-Timestamp': timestamp,
      'X-Webhook-Signature': signPlatform('p', timestamp, body),
    };
    expect(gitee.receive(request(headers), relayed, clock)).toMatchObject({
      type: 'push',
      body: redacted,
      secretIds: ['sec_7'],
    });
  });

  test('gives no credit for a good password', () => {
    expect(gitee.receive(request({}), relayed, clock)).toMatchObject({
      reason: 'signature_missing',
    });
  });
});

describe('the type of a gitee event', () => {
  test.each([
    ['the header', 'Merge Request Hook', '{"hook_name":"push_hooks"}', 'merge_request'],
    ['the header as it stands', 'push_hooks', '{}', 'push_hooks'],
    ['hook_name without it', '', '{"hook_name":"tag_push_hooks"}', 'tag_push'],
  ])('is %s', (...[, header, content, type]) => {
    const sent = request({ 'X-Gitee-Event': header }, Buffer.from(content));
    expect(gitee.receive(sent, passwordScheme, clock)).toMatchObject({ type });
  });

  test.each([
    ['neither', '', '{}'],
    ['a hook_name that is no text', '', '{"hook_name":["push_hooks"]}'],
    ['a hook_name of nothing else', '', '{"hook_name":"_hooks"}'],
    ['a header that cannot be one', 'Push, Hook', '{"hook_name":"push_hooks"}'],
  ])('is missing with %s', (_, header, content) => {
    const sent = request({ 'X-Gitee-Event': header }, Buffer.from(content));
    expect(gitee.receive(sent, passwordScheme, clock)).toMatchObject({
      reason: 'event_type_missing',
    });
  });
});
