import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { gitlab } from '../../../server/channels/gitlab.ts';
import { signPlatform, signStandard } from '../../../src/runtime/signature.ts';
import {
  body,
  clock,
  goneKey,
  newKey,
  oldKey,
  otherKey,
  relayed,
  request,
  seconds,
  signScheme,
  signed,
  tokenScheme,
  withToken,
} from './gitlab-request.ts';
import type { Headers } from './gitlab-request.ts';

const good = signStandard(newKey, { id: 'd-1', timestamp: seconds, body });

describe('gitlab with a secret token', () => {
  test('accepts the token', () => {
    expect(gitlab.receive(withToken(), tokenScheme, clock)).toEqual({
      kind: 'event',
      type: 'merge_request',
      dedupeId: 'd-1',
      body,
      secretIds: ['sec_1'],
    });
  });

  test('accepts the old token during a rotation, until it runs out', () => {
    const by = (token: string) =>
      gitlab.receive(withToken({ 'X-Gitlab-Token': token }), tokenScheme, clock);
    expect(by('old')).toMatchObject({ kind: 'event', secretIds: ['sec_2'] });
    expect(by('gone')).toMatchObject({ reason: 'token_mismatch' });
  });

  test('takes a token that is no ASCII as its UTF-8', () => {
    const secrets = [{ id: 'sec_1', kind: 'secret_token', value: '密码à', expiresAt: null }];
    const onTheWire = Buffer.from('密码à').toString('latin1');
    expect(
      gitlab.receive(
        withToken({ 'X-Gitlab-Token': onTheWire }),
        { ...tokenScheme, secrets },
        clock,
      ),
    ).toMatchObject({ kind: 'event' });
  });

  test.each<[string, Headers, string]>([
    ['no token', { 'X-Gitlab-Token': '' }, 'token_missing'],
    ['another token', { 'X-Gitlab-Token': 'other' }, 'token_mismatch'],
    ['a part of the token', { 'X-Gitlab-Token': 'ne' }, 'token_mismatch'],
    ['the token in other case', { 'X-Gitlab-Token': 'NEW' }, 'token_mismatch'],
    ['the signing token', { 'X-Gitlab-Token': newKey }, 'token_mismatch'],
    ['the token twice', { 'x-gitlab-token': 'new' }, 'duplicate_parameter'],
    ['an id twice', { 'idempotency-key': 'd-1' }, 'duplicate_parameter'],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'unsupported_content_type'],
    ['gzip', { 'Content-Encoding': 'gzip' }, 'unsupported_content_encoding'],
  ])('rejects %s', (_, changed, reason) => {
    expect(gitlab.receive(withToken(changed), tokenScheme, clock)).toMatchObject({
      kind: 'rejected',
      reason,
    });
  });

  test('gives no credit for a good signature', () => {
    expect(gitlab.receive(signed(), tokenScheme, clock)).toMatchObject({
      reason: 'token_missing',
    });
  });

  test('tells a stranger nothing about the body', () => {
    const stranger = withToken({ 'X-Gitlab-Token': 'other' }, Buffer.from('no JSON'));
    expect(gitlab.receive(stranger, tokenScheme, clock)).toMatchObject({
      reason: 'token_mismatch',
    });
  });
});

describe('gitlab with a signing token', () => {
  test('accepts the signature, and takes the signed id', () => {
    const received = gitlab.receive(signed({}, { 'Idempotency-Key': 'd-2' }), signScheme, clock);
    expect(received).toEqual({
      kind: 'event',
      type: 'merge_request',
      dedupeId: 'd-1',
      body,
      secretIds: ['sec_4'],
    });
  });

  test('accepts the old token during a rotation, until it runs out', () => {
    expect(gitlab.receive(signed({ key: oldKey }), signScheme, clock)).toMatchObject({
      secretIds: ['sec_5'],
    });
    expect(gitlab.receive(signed({ key: goneKey }), signScheme, clock)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test.each<[string, Headers]>([
    ['a list with another version', { 'webhook-signature': `v1a,x ${good}  v2,y` }],
    ['a wrong token beside it', { 'X-Gitlab-Token': 'other' }],
  ])('accepts %s', (_, changed) => {
    expect(gitlab.receive(signed({}, changed), signScheme, clock).kind).toBe('event');
  });

  const hex = Buffer.from(good.slice(3), 'base64').toString('hex');
  // The last character before "=" has two bits that no decoder looks at.
  const stray = good.replace(/(.)=$/, (_, last: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    return `${alphabet[alphabet.indexOf(last) + 1]}=`;
  });

  test.each<[string, Headers, string]>([
    ['no signature', { 'webhook-signature': '' }, 'signature_missing'],
    [
      'only an unknown version',
      { 'webhook-signature': `v1a${good.slice(2)}` },
      'signature_malformed',
    ],
    ['hex', { 'webhook-signature': `v1,${hex}` }, 'signature_malformed'],
    ['base64 of URLs', { 'webhook-signature': `v1,${'_'.repeat(43)}=` }, 'signature_malformed'],
    [
      'a comma in place of the blank',
      { 'webhook-signature': `${good},${good}` },
      'signature_malformed',
    ],
    ['stray bits', { 'webhook-signature': stray }, 'signature_mismatch'],
    ['another id', { 'webhook-id': 'd-2' }, 'signature_mismatch'],
    ['no id', { 'webhook-id': '' }, 'parameter_missing'],
    ['another time', { 'webhook-timestamp': '1780315201' }, 'signature_mismatch'],
    ['no time', { 'webhook-timestamp': '' }, 'timestamp_missing'],
    ['a date', { 'webhook-timestamp': '2026-06-01T12:00:00Z' }, 'timestamp_malformed'],
    ['milliseconds', { 'webhook-timestamp': `${seconds}000` }, 'timestamp_out_of_tolerance'],
    ['a signature twice', { 'Webhook-Signature': good }, 'duplicate_parameter'],
    ['a time twice', { 'Webhook-Timestamp': seconds }, 'duplicate_parameter'],
    ['an id twice', { 'Webhook-Id': 'd-1' }, 'duplicate_parameter'],
  ])('rejects %s', (_, changed, reason) => {
    expect(gitlab.receive(signed({}, changed), signScheme, clock)).toMatchObject({
      kind: 'rejected',
      reason,
    });
  });

  test('looks for the signature, then the time, then the id', () => {
    const without = (...names: string[]) => {
      const bare = signed({}, Object.fromEntries(names.map((name) => [name, ''])));
      return gitlab.receive(bare, signScheme, clock);
    };
    expect(without('webhook-id', 'webhook-timestamp', 'webhook-signature')).toMatchObject({
      reason: 'signature_missing',
    });
    expect(without('webhook-id', 'webhook-timestamp')).toMatchObject({
      reason: 'timestamp_missing',
    });
  });

  test.each([-300, 300])('accepts a time %d s away and refuses the next second', (age) => {
    const at = (seconds_: number) =>
      gitlab.receive(signed({ timestamp: String(seconds_) }), signScheme, clock);
    expect(at(Number(seconds) + age).kind).toBe('event');
    expect(at(Number(seconds) + age + Math.sign(age))).toMatchObject({
      reason: 'timestamp_out_of_tolerance',
      evidence: { skewS: -age - Math.sign(age) },
    });
  });

  test('tells the operator what did not match', () => {
    const timestamp = '1780315199';
    const hexOf = (key: string) =>
      Buffer.from(signStandard(key, { id: 'd-1', timestamp, body }).slice(3), 'base64')
        .toString('hex')
        .slice(0, 8);
    expect(gitlab.receive(signed({ key: otherKey, timestamp }), signScheme, clock)).toMatchObject({
      reason: 'signature_mismatch',
      evidence: {
        skewS: 1,
        received: hexOf(otherKey),
        computed: [hexOf(newKey), hexOf(oldKey)],
      },
    });
  });

  test('takes the key from the base64, not the text', () => {
    const raw = new Webhook(newKey, { format: 'raw' });
    const signature = raw.sign('d-1', new Date(Number(seconds) * 1000), body);
    expect(
      gitlab.receive(signed({}, { 'webhook-signature': signature }), signScheme, clock),
    ).toMatchObject({ reason: 'signature_mismatch' });
  });

  test('accepts what the library of Standard Webhooks signs', () => {
    const signature = new Webhook(newKey).sign('d-1', new Date(Number(seconds) * 1000), body);
    expect(
      gitlab.receive(signed({}, { 'webhook-signature': signature }), signScheme, clock).kind,
    ).toBe('event');
  });
});

describe('gitlab behind a relay', () => {
  const relay = (changed: Headers = {}) =>
    request({
      'X-Webhook-Timestamp': seconds,
      'X-Webhook-Signature': signPlatform('p', seconds, body),
      ...changed,
    });

  test('takes the platform scheme', () => {
    expect(gitlab.receive(relay(), relayed, clock)).toMatchObject({
      type: 'merge_request',
      dedupeId: 'd-1',
      secretIds: ['sec_7'],
    });
  });

  test('hashes what was signed where there is no id', () => {
    const digest = createHash('sha256').update(`${seconds}.`).update(body).digest('hex');
    const hashing = { ...relayed, dedupe: 'hash' } as const;
    expect(gitlab.receive(relay({ 'Idempotency-Key': '' }), hashing, clock)).toMatchObject({
      dedupeId: `sha256:${digest}`,
    });
  });

  test('gives no credit for GitLab credentials', () => {
    expect(gitlab.receive(withToken(), relayed, clock)).toMatchObject({
      reason: 'signature_missing',
    });
  });
});
