import { describe, expect, test } from 'vitest';
import { generic } from '../../../server/channels/generic.ts';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { signPlatform } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

const nowS = 1_780_000_007;
const clock = { now: new Date(nowS * 1000 + 999), toleranceS: 300 };

const integration: Integration = {
  ...bareIntegration,
  channel: 'generic',
  mode: 'platform',
  triggerId: 'trg_1',
  secrets: [{ id: 'sec_1', kind: 'platform', value: 's', expiresAt: null }],
};

type Headers = Record<string, string>;

function request(content: string | Buffer, changed: Headers = {}): RawRequest {
  const body = Buffer.from(content);
  const timestamp = changed['X-Webhook-Timestamp'] ?? String(nowS);
  const headers: Headers = {
    'X-Webhook-Timestamp': timestamp,
    'X-Webhook-Signature': signPlatform('s', timestamp, body),
    ...changed,
  };
  return { method: 'POST', query: '', headers: Object.entries(headers), body };
}

const json = { 'Content-Type': 'application/cloudevents+json' };

describe('generic', () => {
  test.each([
    ['JSON', request('{"a":1}', json)],
    ['text', request('grüße', { 'Content-Type': 'text/plain' })],
    ['text without a content type', request('{}')],
    ['bytes', request(Buffer.from([0xff, 0xfe]))],
  ])('takes %s', (_, sent) => {
    expect(generic.receive(sent, integration, clock)).toEqual({
      kind: 'event',
      type: 'received',
      dedupeId: null,
      body: sent.body,
      secretIds: ['sec_1'],
    });
  });

  test('takes an empty body declared JSON, and refuses one that is not', () => {
    expect(generic.receive(request('', json), integration, clock).kind).toBe('event');
    expect(generic.receive(request('{', json), integration, clock)).toMatchObject({
      reason: 'malformed_body',
    });
  });

  test('takes type and id from the headers, X-Webhook-Id first', () => {
    const headers = { 'X-Webhook-Event': 'a.b', 'X-Webhook-Id': 'w', 'Idempotency-Key': 'i' };
    expect(generic.receive(request('', headers), integration, clock)).toMatchObject({
      type: 'a.b',
      dedupeId: 'w',
    });
    expect(
      generic.receive(request('', { ...headers, 'X-Webhook-Id': '' }), integration, clock),
    ).toMatchObject({ dedupeId: 'i' });
  });

  test.each([
    ['Shift_JIS', 'unsupported_content_type'],
    ['UTF-8', undefined],
  ])('judges JSON whose charset is said to be %s', (charset, reason) => {
    const sent = request('{}', { 'Content-Type': `application/json; charset=${charset}` });
    const received = generic.receive(sent, integration, clock);
    expect(received.kind === 'rejected' ? received.reason : undefined).toBe(reason);
  });

  test('says of a late timestamp what may be wrong, and not that each try has another', () => {
    const sent = request('', { 'X-Webhook-Timestamp': String(nowS - 301) });
    expect(generic.receive(sent, integration, clock)).toMatchObject({
      reason: 'timestamp_out_of_tolerance',
      detail:
        'The timestamp is 301 s behind our clock and may be 300 s: it is to be in seconds; see whether both clocks are right, and whether this is a late retry with its first timestamp',
    });
  });

  test.each([
    ['300 s old', -300, 'event'],
    ['301 s old', -301, 'rejected'],
    ['300 s ahead', 300, 'event'],
    ['301 s ahead', 301, 'rejected'],
  ])('judges a timestamp %s', (_, offset, kind) => {
    const sent = request('', { 'X-Webhook-Timestamp': String(nowS + offset) });
    expect(generic.receive(sent, integration, clock).kind).toBe(kind);
  });

  test("prefers the integration's own tolerance", () => {
    const sent = request('', { 'X-Webhook-Timestamp': String(nowS - 11) });
    const strict = { ...integration, toleranceS: 10 };
    expect(generic.receive(sent, strict, clock)).toMatchObject({
      reason: 'timestamp_out_of_tolerance',
    });
  });

  test('one good signature of a list suffices', () => {
    const good = signPlatform('s', String(nowS), '');
    const list = { 'X-Webhook-Signature': `v2=x, ,v1=${'0'.repeat(64)}, ${good}` };
    expect(generic.receive(request('', list), integration, clock).kind).toBe('event');
  });

  test.each([
    [
      'two empty signature headers',
      { 'X-Webhook-Signature': '', 'x-webhook-signature': '' },
      'signature_missing',
    ],
    [
      'a blank of U+00A0 before a signature',
      { 'X-Webhook-Signature': `v2=x,\u00A0${signPlatform('s', String(nowS), '')}` },
      'signature_malformed',
    ],
    [
      'a blank of U+00A0 behind a signature',
      { 'X-Webhook-Signature': `${signPlatform('s', String(nowS), '')}\u00A0,v2=x` },
      'signature_malformed',
    ],
    ['a list of nothing', { 'X-Webhook-Signature': ',' }, 'signature_malformed'],
    [
      'a bad timestamp before a bad signature',
      { 'X-Webhook-Timestamp': '1.0', 'X-Webhook-Signature': 'x' },
      'timestamp_malformed',
    ],
    [
      'a bad signature before a late timestamp',
      { 'X-Webhook-Timestamp': '1', 'X-Webhook-Signature': 'x' },
      'signature_malformed',
    ],
    ['an empty timestamp', { 'X-Webhook-Timestamp': '' }, 'timestamp_missing'],
    ['an id twice', { 'X-Webhook-Id': 'a', 'x-webhook-id': 'a' }, 'duplicate_parameter'],
    ['a type of 129 letters', { 'X-Webhook-Event': 'a'.repeat(129) }, 'event_type_missing'],
  ])('rejects %s', (_, headers: Headers, reason) => {
    expect(generic.receive(request('', headers), integration, clock)).toMatchObject({ reason });
  });
});
