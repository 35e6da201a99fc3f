import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { github } from '../../../server/channels/github.ts';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { hmacSha256, signPlatform } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

const now = new Date('2026-06-01T12:00:00Z');
const clock = { now, toleranceS: 300 };
const body = Buffer.from('{"action":"opened"}');

const integration: Integration = {
  ...bareIntegration,
  channel: 'github',
  mode: 'native',
  secrets: [
    { id: 'sec_1', kind: 'secret', value: 'new', expiresAt: null },
    { id: 'sec_2', kind: 'secret', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_3', kind: 'secret', value: 'gone', expiresAt: now },
  ],
};

type Headers = Record<string, string>;

function request(content: Buffer, secret: string, changed: Headers = {}): RawRequest {
  const headers: Headers = {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'pull_request',
    'X-GitHub-Delivery': 'd-1',
    'X-Hub-Signature-256': `sha256=${hmacSha256(secret, content).toString('hex')}`,
    ...changed,
  };
  return { method: 'POST', query: '', headers: Object.entries(headers), body: content };
}

const signed = (content: string, changed?: Headers) =>
  request(Buffer.from(content), 'new', changed);

describe('github', () => {
  test('accepts a signed body', () => {
    expect(github.receive(request(body, 'new'), integration, clock)).toEqual({
      kind: 'event',
      type: 'pull_request',
      dedupeId: 'd-1',
      body,
      secretIds: ['sec_1'],
    });
  });

  test('accepts the old secret during a rotation, until it runs out', () => {
    expect(github.receive(request(body, 'old'), integration, clock).kind).toBe('event');
    expect(github.receive(request(body, 'gone'), integration, clock)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test('accepts no unset secret', () => {
    const bare = { ...integration, secrets: [] };
    expect(github.receive(request(body, ''), bare, clock)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test('takes the form around the JSON, and keeps it as it came', () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const field = 'a=1&p%61yload=%7B%22t%22%3A%22a+b%2B%C3%BC%25%22%7D';
    expect(github.receive(signed(field, form), integration, clock)).toMatchObject({
      kind: 'event',
      body: Buffer.from(field),
    });
  });

  test.each([
    ['two payload fields', 'payload={}&payload={}'],
    ['no payload field', 'other={}'],
    ['a payload that is not UTF-8', 'payload=%7B%22a%22%3A%22%FF%22%7D'],
    ['an empty payload', 'payload='],
  ])('rejects a form with %s', (_, content) => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(github.receive(signed(content, form), integration, clock)).toMatchObject({
      reason: 'malformed_body',
    });
  });

  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

  test('takes JSON 64 levels deep and refuses 65', () => {
    expect(github.receive(signed(nested(64)), integration, clock).kind).toBe('event');
    expect(github.receive(signed(nested(65)), integration, clock)).toMatchObject({
      reason: 'malformed_body',
    });
  });

  test('takes JSON of 1,500,000 values and refuses more', () => {
    const crowded = (count: number) => `{"text":",[{","a":[0${',0'.repeat(count - 3)}]}`;
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(github.receive(signed(crowded(1_500_000)), integration, clock).kind).toBe('event');
    for (const refused of [
      signed(crowded(1_500_001)),
      signed(`payload=${crowded(1_500_001)}`, form),
    ]) {
      const received = github.receive(refused, integration, clock);
      expect(received).toMatchObject({ reason: 'malformed_body' });
      expect(JSON.stringify(received)).toContain('may have 1500000 of');
    }
  });

  test('takes __proto__ as a plain key', () => {
    const received = github.receive(signed('{"__proto__":{"admin":true}}'), integration, clock);
    expect(received).toMatchObject({ kind: 'event' });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test.each([
    ['another body', { ...request(body, 'new'), body: Buffer.from('{}') }, 'signature_mismatch'],
    ['another secret', request(body, 'other'), 'signature_mismatch'],
    ['an empty signature', signed('{}', { 'X-Hub-Signature-256': ' ' }), 'signature_missing'],
    [
      'a short signature',
      signed('{}', { 'X-Hub-Signature-256': 'sha256=ab' }),
      'signature_malformed',
    ],
    ['a signature twice', signed('{}', { 'x-hub-signature-256': '' }), 'duplicate_parameter'],
    ['a content type twice', signed('{}', { 'content-type': 'text/xml' }), 'duplicate_parameter'],
    ['an event twice', signed('{}', { 'x-github-event': 'push' }), 'duplicate_parameter'],
    ['a delivery twice', signed('{}', { 'x-github-delivery': 'd-1' }), 'duplicate_parameter'],
    ['no event', signed('{}', { 'X-GitHub-Event': '' }), 'event_type_missing'],
    [
      'an event with blanks',
      signed('{}', { 'X-GitHub-Event': 'pull request' }),
      'event_type_missing',
    ],
    ['text', signed('{}', { 'Content-Type': 'text/plain' }), 'unsupported_content_type'],
    ['gzip', signed('{}', { 'Content-Encoding': 'gzip' }), 'unsupported_content_encoding'],
    ['two BOMs', signed('\uFEFF\uFEFF{}'), 'malformed_body'],
  ])('rejects %s', (_, refused, reason) => {
    expect(github.receive(refused, integration, clock)).toMatchObject({ kind: 'rejected', reason });
  });

  test('takes what those differ from by one thing', () => {
    const same = { 'Content-Encoding': 'Identity', 'Content-Type': 'APPLICATION/json ;charset=x' };
    expect(github.receive(signed('\uFEFF{}', same), integration, clock).kind).toBe('event');
  });

  test('tells a stranger nothing about the body', () => {
    const refused = request(Buffer.from('no JSON'), 'other', { 'Content-Encoding': 'gzip' });
    expect(github.receive(refused, integration, clock)).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test('behind a relay takes the platform scheme and hashes what was signed', () => {
    const secrets = [{ id: 'sec_1', kind: 'platform', value: 'p', expiresAt: null }];
    const relayed = { ...integration, mode: 'platform', dedupe: 'hash', secrets } as const;
    const timestamp = String(now.getTime() / 1000);
    const digest = createHash('sha256').update(`${timestamp}.`).update(body).digest('hex');
    const headers = {
      'X-GitHub-Delivery': '',
      'X-Webhook-Timestamp': timestamp,
      'X-Webhook-Signature': signPlatform('p', timestamp, body),
    };
    expect(github.receive(request(body, '', headers), relayed, clock)).toMatchObject({
      type: 'pull_request',
      dedupeId: `sha256:${digest}`,
    });
  });
});
