import { createCipheriv } from 'node:crypto';
import { encrypt, getSignature } from '@wecom/crypto';
import { describe, expect, test } from 'vitest';
import { wecom } from '../../../server/channels/wecom.ts';
import type { Integration, RawRequest } from '../../../src/domain/channel.ts';
import { signPlatform } from '../../../src/runtime/signature.ts';
import { bareIntegration } from '../../support/integration.ts';

const now = new Date('2026-06-01T12:00:00.500Z');
const clock = { now, toleranceS: 300 };
const timestamp = String(Math.floor(now.getTime() / 1000));
const corp = 'ww35cd3ebd3343581b';
const newKey = 'g3I5L0Pqxsr/HoMLV6opsChp2SkDCZ+azlnOTcfiu4o';
const oldKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const otherKey = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C';

const integration: Integration = {
  ...bareIntegration,
  channel: 'wecom',
  mode: 'native',
  receiveId: corp,
  secrets: [
    { id: 'sec_1', kind: 'token', value: 'new', expiresAt: null },
    { id: 'sec_2', kind: 'token', value: 'old', expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_3', kind: 'token', value: 'gone', expiresAt: now },
    { id: 'sec_4', kind: 'aes_key', value: newKey, expiresAt: null },
    { id: 'sec_5', kind: 'aes_key', value: oldKey, expiresAt: new Date(now.getTime() + 1) },
    { id: 'sec_6', kind: 'aes_key', value: otherKey, expiresAt: now },
    { id: 'sec_7', kind: 'aes_key', value: 'no key', expiresAt: null },
  ],
};

const text = '<xml><MsgType>text</MsgType><MsgId>7654321098765432101</MsgId></xml>';

/** Encrypted by the vendor's library. */
const sealed = (message: string, key = newKey, id = corp) => encrypt(key, message, id);
const xmlEnvelope = (ciphertext: string) => `<xml><Encrypt>${ciphertext}</Encrypt></xml>`;

type Query = Record<string, string>;

/** A request with its query, signed by the vendor's library unless `changed` says otherwise. */
function signed(method: string, ciphertext: string, changed: Query = {}): RawRequest {
  const { timestamp: at = timestamp, nonce = '17' } = changed;
  const token = changed['token'] ?? 'new';
  const msg_signature = getSignature(token, at, nonce, ciphertext);
  const echostr = method === 'GET' ? { echostr: ciphertext } : {};
  const all: Query = { msg_signature, timestamp: at, nonce, ...echostr, ...changed };
  const query = Object.entries(all)
    .filter(([key]) => key !== 'token')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const body = method === 'GET' ? '' : xmlEnvelope(ciphertext);
  return { method, query: query.join('&'), headers: [], body: Buffer.from(body) };
}

const receive = (request: RawRequest) => wecom.receive(request, integration, clock);
const posted = (message: string, changed?: Query) => signed('POST', sealed(message), changed);
const withBody = (body: string, ciphertext: string): RawRequest => ({
  ...signed('POST', ciphertext),
  body: Buffer.from(body),
});

describe('wecom', () => {
  test('accepts what the vendor’s library encrypts and signs, and keeps the message', () => {
    expect(receive(posted(text))).toEqual({
      kind: 'event',
      type: 'message.text',
      dedupeId: '7654321098765432101',
      body: Buffer.from(text),
      secretIds: ['sec_1', 'sec_4'],
    });
    expect(wecom.reply).toEqual({ contentType: 'text/plain', body: '' });
  });

  test.each([
    { story: 'the old token', token: 'old', key: newKey, secretIds: ['sec_2', 'sec_4'] },
    { story: 'the old key', token: 'new', key: oldKey, secretIds: ['sec_1', 'sec_5'] },
    { story: 'the old pair', token: 'old', key: oldKey, secretIds: ['sec_2', 'sec_5'] },
  ])('accepts $story during a rotation', ({ token, key, secretIds }) => {
    const request = signed('POST', sealed(text, key), { token });
    expect(receive(request)).toMatchObject({ kind: 'event', secretIds });
  });

  test.each([
    { what: 'a token', token: 'gone', key: newKey, reason: 'signature_mismatch' },
    { what: 'a key', token: 'new', key: otherKey, reason: 'decrypt_failed' },
  ])('refuses $what that has run out', ({ token, key, reason }) => {
    expect(receive(signed('POST', sealed(text, key), { token }))).toMatchObject({ reason });
  });

  test.each([
    ['no token', 'aes_key', 'signature_mismatch'],
    ['no key', 'token', 'decrypt_failed'],
  ])('accepts nothing with %s', (_, kept, reason) => {
    const secrets = integration.secrets.filter(({ kind }) => kind === kept);
    expect(wecom.receive(posted(text), { ...integration, secrets }, clock)).toMatchObject({
      reason,
    });
  });

  test('answers the check of the URL with the text alone, whatever it is', () => {
    for (const echo of ['5927782489442352469', '\uFEFF "1"\n', '']) {
      expect(receive(signed('GET', sealed(echo)))).toEqual({
        kind: 'handshake',
        contentType: 'text/plain',
        reply: echo,
        secretIds: ['sec_1', 'sec_4'],
      });
    }
  });

  test('takes a "+" that is not percent-encoded as itself', () => {
    const random = (byte: number) => Buffer.alloc(16, byte);
    const ciphertext = Array.from({ length: 64 }, (_, byte) =>
      encrypt(newKey, '1', corp, random(byte)),
    ).find((candidate) => candidate.includes('+'));
    const request = signed('GET', ciphertext ?? '');
    const query = request.query.replaceAll('%2B', '+');
    expect(query).toContain('+');
    expect(receive({ ...request, query })).toMatchObject({ kind: 'handshake', reply: '1' });
  });

  test('says what differs to the operator, and no secret to anybody', () => {
    const request = posted(text, { token: 'other', msg_signature: 'ABCDEF0123'.repeat(4) });
    const refused = receive(request);
    const [, computed] =
      /"computed":\["([0-9a-f]{8})","[0-9a-f]{8}"\]/.exec(JSON.stringify(refused)) ?? [];
    expect(computed).toBeDefined();
    expect(refused).toMatchObject({ evidence: { skewS: 0, received: 'abcdef01' } });
    expect(JSON.stringify(refused)).not.toContain(newKey);
  });

  const late = (ageS: number) => ({ timestamp: String(Number(timestamp) - ageS) });

  test.each<[string, Query, [reason: string, accepted: Query]]>([
    ['another token', { token: 'other' }, ['signature_mismatch', { token: 'old' }]],
    ['no signature', { msg_signature: '' }, ['signature_missing', {}]],
    ['a SHA-256', { msg_signature: 'a'.repeat(64) }, ['signature_malformed', {}]],
    ['a signature of nothing', { msg_signature: 'a'.repeat(40) }, ['signature_mismatch', {}]],
    ['no timestamp', { timestamp: '' }, ['timestamp_missing', {}]],
    ['a timestamp with a sign', { timestamp: `+${timestamp}` }, ['timestamp_malformed', {}]],
    ['301 seconds', late(301), ['timestamp_out_of_tolerance', late(300)]],
    ['301 seconds ahead', late(-301), ['timestamp_out_of_tolerance', late(-300)]],
    ['no nonce', { nonce: '' }, ['parameter_missing', { nonce: ' ü+&' }]],
  ])('refuses a query with %s', (_, refused, [reason, accepted]) => {
    expect(receive(posted(text, refused))).toMatchObject({ kind: 'rejected', reason });
    expect(receive(posted(text, accepted)).kind).toBe('event');
    const check = (changed: Query) => receive(signed('GET', sealed('1'), changed));
    expect(check(refused)).toMatchObject({ kind: 'rejected', reason });
    expect(check(accepted).kind).toBe('handshake');
  });

  test.each(['msg_signature=', 'timestamp=1', '%74imestamp=', 'nonce=17'])(
    'refuses a query with %s once more',
    (item) => {
      const request = posted(text);
      const query = `${request.query}&${item}`;
      expect(receive({ ...request, query })).toMatchObject({ reason: 'duplicate_parameter' });
    },
  );

  test('reads echostr of a GET only', () => {
    const get = signed('GET', sealed('1'), { echostr: '' });
    expect(receive(get)).toMatchObject({ reason: 'parameter_missing' });
    const post = posted(text);
    expect(receive({ ...post, query: `${post.query}&echostr=&echostr=` }).kind).toBe('event');
  });

  const one = sealed(text);

  test.each([
    ['CDATA', `\uFEFF \n<xml><Encrypt><![CDATA[${one}]]></Encrypt></xml>`],
    ['an attribute and a comment', `<a b="c"><!-- --><Encrypt>${one}</Encrypt></a>`],
    ['JSON', ` {"encrypt":"","encrypt":${JSON.stringify(one)}}`],
  ])('takes an envelope with %s, of any content type', (_, body) => {
    expect(receive(withBody(body, one)).kind).toBe('event');
  });

  /** Encrypted as it is: its padding is its own. */
  const raw = (content: Buffer): string => {
    const key = Buffer.from(`${newKey}=`, 'base64');
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
  };
  const plain = (length: number, padding: readonly number[]): Buffer => {
    const head = Buffer.alloc(20);
    head.writeUInt32BE(length, 16);
    return Buffer.concat([head, Buffer.from(`<x/>${corp}`), Buffer.from(padding)]);
  };
  const padded = (size: number, last = size) => [...Array<number>(size - 1).fill(size), last];

  test.each([
    ['a padding byte that differs', plain(4, [21, ...padded(22).slice(1)])],
    ['a padding byte of 0', plain(4, padded(22, 0))],
    ['a padding byte above 32', plain(4, padded(22, 33))],
    ['a length beyond the data', plain(23, padded(22))],
    ['nothing but padding', Buffer.alloc(32, 32)],
    ['padding beyond the data', Buffer.alloc(16, 32)],
  ])('refuses a ciphertext with %s', (_, content) => {
    expect(receive(signed('POST', raw(content)))).toMatchObject({ reason: 'decrypt_failed' });
  });

  test('takes what those differ from by one thing', () => {
    // It opens: what is missing is a type.
    expect(receive(signed('POST', raw(plain(4, padded(22)))))).toMatchObject({
      reason: 'event_type_missing',
    });
    expect(receive(signed('POST', raw(plain(22, padded(22)))))).toMatchObject({
      reason: 'receive_id_mismatch',
    });
  });

  test.each([
    ['a blank after it', `${one} `],
    ['base64 for URLs', one.replaceAll('+', '-').replaceAll('/', '_').replace(/.$/, '-')],
    ['half a block less', Buffer.from(one, 'base64').subarray(0, -8).toString('base64')],
    ['no base64', '中'],
  ])('refuses a ciphertext with %s', (_, ciphertext) => {
    expect(receive(signed('POST', ciphertext))).toMatchObject({ reason: 'decrypt_failed' });
  });

  test.each([
    ['another corp', 'ww1', corp],
    ['no receive id', '', corp],
    ['a bot', corp, ''],
    ['an id that only begins the same', `${corp}1`, corp],
  ])('refuses a message for %s', (_, sent, expected) => {
    const ours = { ...integration, receiveId: expected };
    const request = (id: string) => signed('POST', sealed(text, newKey, id));
    expect(wecom.receive(request(sent), ours, clock)).toMatchObject({
      reason: 'receive_id_mismatch',
    });
    expect(wecom.receive(request(expected), ours, clock).kind).toBe('event');
  });

  test('judges Content-Encoding after the sender', () => {
    const headers = [['Content-Encoding', 'gzip']] as const;
    expect(receive({ ...posted(text), headers })).toMatchObject({
      reason: 'unsupported_content_encoding',
    });
    expect(receive({ ...posted(text, { token: 'other' }), headers })).toMatchObject({
      reason: 'signature_mismatch',
    });
  });

  test('behind a relay takes the plain message', () => {
    const secrets = [{ id: 'sec_1', kind: 'platform', value: 'p', expiresAt: null }];
    const relayed = { ...integration, mode: 'platform', secrets } as const;
    const request = (content: string): RawRequest => ({
      method: 'POST',
      query: '',
      headers: [
        ['X-Webhook-Timestamp', timestamp],
        ['X-Webhook-Signature', signPlatform('p', timestamp, content)],
      ],
      body: Buffer.from(content),
    });
    expect(wecom.receive(request(text), relayed, clock)).toMatchObject({
      type: 'message.text',
      dedupeId: '7654321098765432101',
      body: Buffer.from(text),
      secretIds: ['sec_1'],
    });
    expect(wecom.receive(request(xmlEnvelope(one)), relayed, clock)).toMatchObject({
      reason: 'event_type_missing',
    });
    expect(wecom.receive(posted(text), relayed, clock)).toMatchObject({
      reason: 'signature_missing',
    });
    expect(receive(request(text))).toMatchObject({ reason: 'signature_missing' });
  });
});
