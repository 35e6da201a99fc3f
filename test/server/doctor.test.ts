import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findingCodes } from '../../server/doctor/findings.ts';
import type { RawRequest } from '../../src/domain/channel.ts';
import {
  body,
  certain,
  diagnosed,
  integrationOf,
  now,
  older,
  platform,
  seconds,
  values,
  withHeader,
} from './doctor-cases.ts';

const generic = integrationOf('generic', 0, [
  older,
  { id: 'sec_other', kind: 'secret', value: 'of-another-kind', expiresAt: null },
]);
const secret = values['platform'] ?? '';
const stamped = (text: string): string => `${seconds}.${text}`;
const json: unknown = JSON.parse(body.replace('1.0', '1'));
const sent = JSON.stringify(json);
const milliseconds = String(now.getTime());

/** A request whose signature covers another text than the one that is sent. */
const signedAs = (signed: string, arrived = sent): RawRequest =>
  platform({ signed: stamped(signed), sent: arrived });

const broken: readonly (readonly [name: string, codes: string, request: RawRequest])[] = [
  ['JSON as Python writes it', 'body_reserialised', signedAs(python(sent))],
  ['JSON indented by 2', 'body_reserialised', signedAs(JSON.stringify(json, null, 2))],
  ['JSON indented by 4', 'body_reserialised', signedAs(JSON.stringify(json, null, 4))],
  ['JSON indented by tabs', 'body_reserialised', signedAs(JSON.stringify(json, null, '\t'))],
  ['compact JSON', 'body_reserialised', signedAs(sent, JSON.stringify(json, null, 2))],
  ['numbers as they were', 'body_reserialised', signedAs(body, python(body))],
  ['sorted keys', 'body_reserialised', signedAs('{"a":2,"b":1}', '{"b":1,"a":2}')],
  ['escaped letters', 'body_reserialised', signedAs(sent.replace('ë', String.raw`\u00eb`))],
  ['plain letters', 'body_reserialised', signedAs(sent, sent.replace('ë', String.raw`\u00eb`))],
  [
    'PHP',
    'body_reserialised',
    signedAs(sent.replace('ë', String.raw`\u00eb`).replace('/', String.raw`\/`)),
  ],
  ['plain slashes', 'body_reserialised', signedAs(sent, sent.replace('/', String.raw`\/`))],
  [
    'Go',
    'body_reserialised',
    signedAs(sent.replace('<', String.raw`\u003c`).replace('>', String.raw`\u003e`)),
  ],
  ['LF lost', 'trailing_newline', signedAs(`${sent}\n`)],
  ['LF added', 'trailing_newline', signedAs(sent, `${sent}\n`)],
  ['CRLF lost', 'trailing_newline', signedAs(`${sent}\r\n`)],
  ['CRLF added', 'trailing_newline', signedAs(sent, `${sent}\r\n`)],
  ['LF to CRLF', 'line_endings', signedAs('a\nb\n', 'a\r\nb\r\n')],
  ['CRLF to LF', 'line_endings', signedAs('a\r\nb\r\n', 'a\nb\n')],
  ['BOM lost', 'byte_order_mark', signedAs(`\uFEFF${sent}`)],
  ['BOM added', 'byte_order_mark', signedAs(sent, `\uFEFF${sent}`)],
  ['Latin-1', 'charset', platform({ signed: Buffer.from(stamped(sent), 'latin1'), sent })],
  ['the field of a form', 'form_field_signed', signedAs('{"a":1}', 'payload=%7B%22a%22%3A1%7D')],
  ['nothing as the body', 'empty_body_signed', signedAs('')],
  ['base64', 'encoding_base64', platform({ write: (digest) => `v1=${digest.toString('base64')}` })],
  [
    'base64url',
    'encoding_base64url',
    platform({ write: (digest) => `v1=${digest.toString('base64url')}` }),
  ],
  [
    'base64 of hex',
    'encoding_twice',
    platform({ write: (digest) => `v1=${Buffer.from(digest.toString('hex')).toString('base64')}` }),
  ],
  ['a capital label', 'label', platform({ write: (digest) => `V1=${digest.toString('hex')}` })],
  ['no label', 'label', platform({ write: (digest) => digest.toString('hex') })],
  [
    'the label of GitHub',
    'label',
    platform({ write: (digest) => `sha256=${digest.toString('hex')}` }),
  ],
  [
    '40 of 64 digits',
    'signature_cut_short',
    platform({ write: (digest) => `v1=${digest.toString('hex').slice(0, 40)}` }),
  ],
  ['SHA-1', 'other_algorithm', platform({ algorithm: 'sha1' })],
  ['SHA-512', 'other_algorithm', platform({ algorithm: 'sha512' })],
  ['an ended secret', 'older_secret', platform({ key: older.value })],
  ['a secret of another kind', 'other_kind', platform({ key: 'of-another-kind' })],
  ['a newline after the secret', 'secret_blanks', platform({ key: `${secret}\n` })],
  ['blanks around the secret', 'secret_blanks', platform({ key: ` ${secret} ` })],
  [
    'the secret decoded',
    'secret_decoded',
    platform({ key: Buffer.from(secret.slice(6), 'base64') }),
  ],
  ['the secret without whsec_', 'secret_decoded', platform({ key: secret.slice(6) })],
  [
    'the secret encoded',
    'secret_encoded',
    platform({ key: Buffer.from(secret).toString('base64') }),
  ],
  ['the secret in capitals', 'secret_case', platform({ key: secret.toUpperCase() })],
  [
    'the secret percent-encoded',
    'url_encoded',
    platform({ key: encodeURIComponent(`${older.value}+`) }),
  ],
  ['no secret', 'secret_not_set', platform({ key: 'undefined' })],
  ['the secret sent', 'secret_sent', platform({ write: () => secret })],
  ['the body alone', 'body_alone', platform({ signed: body })],
  ['no dot', 'dot_missing', platform({ signed: seconds + body })],
  [
    'a hash',
    'not_hmac',
    platform({
      write: () => `v1=${createHash('sha256').update(secret).update(body).digest('hex')}`,
    }),
  ],
  ['the header of GitHub', 'wrong_header', platform({ name: 'X-Signature' })],
  ['Authorization', 'wrong_header', platform({ name: 'Authorization' })],
  [
    'milliseconds',
    'timestamp_milliseconds',
    platform({ stamp: milliseconds, signed: `${milliseconds}.${body}` }),
  ],
  [
    'milliseconds sent, seconds signed',
    'timestamp_milliseconds,timestamp_signed_otherwise',
    platform({ stamp: milliseconds }),
  ],
  [
    'seconds sent, milliseconds signed',
    'timestamp_signed_otherwise',
    platform({ signed: `${milliseconds}.${body}` }),
  ],
  [
    'seconds sent, milliseconds with a fraction signed',
    'timestamp_signed_otherwise',
    platform({ signed: `${seconds}417.${body}` }),
  ],
  [
    'ISO 8601',
    'timestamp_format',
    platform({ stamp: now.toISOString(), signed: `${now.toISOString()}.${body}` }),
  ],
  ['an hour ago', 'clock_behind', stampedAt(-3600)],
  ['in an hour', 'clock_ahead', stampedAt(3600)],
  [
    'the timestamp elsewhere',
    'timestamp_header',
    moved(platform(), 'X-Webhook-Timestamp', 'X-Timestamp'),
  ],
  ['the signature twice', 'header_twice', twice(platform(), 'X-Webhook-Timestamp')],
  ['in the query', 'signature_in_query', inQuery(platform())],
  ['another method', 'method', { ...platform(), method: 'PUT' }],
  [
    'an older secret and LF',
    'older_secret,trailing_newline',
    platform({ key: older.value, signed: stamped(`${body}\n`) }),
  ],
  ['Python and LF', 'body_reserialised,trailing_newline', signedAs(`${python(sent)}\n`)],
  [
    'an older secret and base64',
    'encoding_base64,older_secret',
    platform({ key: older.value, write: (digest) => `v1=${digest.toString('base64')}` }),
  ],
  [
    'an older secret with a newline',
    'older_secret,secret_blanks',
    platform({ key: `${older.value}\n` }),
  ],
  [
    'the body alone, as JSON indented',
    'body_alone,body_reserialised',
    platform({ signed: JSON.stringify(json, null, 2), sent }),
  ],
  ['no label and an old timestamp', 'clock_behind,label', unlabelled(stampedAt(-3600))],
];

test('the page of the doctor has each code and what to do, and no other', () => {
  const page = readFileSync(new URL('../../docs/signature-doctor.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9_]+)` +\| (.+?) +\| (.+?) +\|$/gm)];
  const known = rows.map(([, code = '', title, whatToDo]) => [code, [title, whatToDo]] as const);
  const told = Object.entries(findingCodes).map(([code, row]) => [code, [...row]] as const);
  expect(rows).toHaveLength(told.length);
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(told));
});

describe('diagnose() of the platform scheme', () => {
  test.each(broken)('%s is %s', async (_, codes, request) => {
    const integration = codes === 'url_encoded' ? withPlus() : generic;
    const diagnosis = await diagnosed(request, integration);
    expect(diagnosis).toMatchObject({ outcome: 'explained' });
    expect(diagnosis.reason).not.toBeNull();
    expect(certain(diagnosis).join(',')).toBe(codes);
    expect(diagnosis.tried).toBeLessThanOrEqual(20_000);
    expectNoSecret(JSON.stringify(diagnosis));
  });

  test('a secret that nobody knows stays unexplained', async () => {
    const diagnosis = await diagnosed(platform({ key: 'of nobody' }), generic);
    expect(diagnosis).toMatchObject({ outcome: 'unexplained', is_complete: true });
    expect(certain(diagnosis)).toEqual([]);
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['nothing_matched']);
  });

  test('an absent signature and an empty one are told apart', async () => {
    const absent = await diagnosed(withHeader(platform(), 'X-Webhook-Signature'), generic);
    const empty = await diagnosed(withHeader(platform(), 'X-Webhook-Signature', ''), generic);
    expect(absent.findings.map(({ code }) => code)).toEqual(['signature_missing']);
    expect(empty.findings.map(({ code }) => code)).toEqual(['header_empty']);
  });

  test('what is wrong with a right signature is not blamed on it', async () => {
    const diagnosis = await diagnosed(signedAs('{', '{'), generic);
    expect(diagnosis).toMatchObject({ outcome: 'explained', reason: 'malformed_body' });
    expect(certain(diagnosis)).toEqual(['refused_otherwise']);
  });

  test('a large body ends the search, and it says so', async () => {
    const large = JSON.stringify({ text: 'a/'.repeat(600_000) });
    const startedAt = performance.now();
    const diagnosis = await diagnosed(platform({ key: 'of nobody', sent: large }), generic);
    expect(diagnosis).toMatchObject({ outcome: 'unexplained', is_complete: false });
    expect(diagnosis.tried).toBeLessThanOrEqual(20_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

function python(text: string): string {
  return text.replaceAll(/([:,])(?!\s)/g, '$1 ');
}

function stampedAt(offsetS: number): RawRequest {
  const stamp = String(Number(seconds) + offsetS);
  return platform({ stamp, signed: `${stamp}.${body}` });
}

function moved(request: RawRequest, from: string, to: string): RawRequest {
  return {
    ...request,
    headers: request.headers.map(([name, value]) => [name === from ? to : name, value]),
  };
}

function twice(request: RawRequest, twiceName: string): RawRequest {
  return {
    ...request,
    headers: request.headers.flatMap((header) =>
      header[0] === twiceName ? [header, header] : [header],
    ),
  };
}

function inQuery(request: RawRequest): RawRequest {
  const [, value = ''] = request.headers.at(-1) ?? [];
  return { ...withHeader(request, 'X-Webhook-Signature'), query: `a=b&signature=${value}` };
}

function unlabelled(request: RawRequest): RawRequest {
  return {
    ...request,
    headers: request.headers.map(([name, value]) => [name, value.replace('v1=', '')]),
  };
}

function withPlus() {
  const [plus] = [{ ...older, id: 'sec_plus', value: `${older.value}+`, expiresAt: null }];
  return { ...generic, secrets: [...generic.secrets, plus] };
}

/** No secret, and no more of a digest than 8 characters. */
function expectNoSecret(text: string): void {
  for (const { value } of generic.secrets) expect(text).not.toContain(value);
  expect(text).not.toContain(secret.slice(6));
  expect(text).not.toMatch(/[0-9a-f]{16}|Zoë/);
}
