import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RawRequest } from '../../src/domain/channel.ts';
import { encryptLark } from '../../src/runtime/lark-crypto.ts';
import {
  certain,
  changed,
  diagnosed,
  good,
  headerOf,
  integrationOf,
  named,
  renamed,
  rotated,
  secretOf,
  seconds,
  values,
  withHeader,
} from './doctor-cases.ts';
import type { Row } from './doctor-cases.ts';

const github = integrationOf('github');
const secretToken = integrationOf('gitlab', 0);
const signingToken = integrationOf('gitlab', 1);
const password = integrationOf('gitee', 0);
const signKey = integrationOf('gitee', 1);
const urlToken = integrationOf('gerrit', 0);
const lark = integrationOf('lark');
const wecom = integrationOf('wecom');
const relayed = integrationOf('github', 1, [secretOf('secret')]);

const trailed = (request: RawRequest): RawRequest => ({
  ...request,
  body: Buffer.concat([request.body, Buffer.from('\n')]),
});

const hub = 'X-Hub-Signature-256';
const standard = 'webhook-signature';

function sha1(request: RawRequest): RawRequest {
  const digest = createHmac('sha1', values['secret'] ?? '')
    .update(request.body)
    .digest('hex');
  return withHeader(withHeader(request, hub), 'X-Hub-Signature', `sha1=${digest}`);
}

/** Standard Webhooks with a key, or over a text, of another kind. */
function resigned(key: string | Buffer, isIdSigned: boolean): RawRequest {
  const request = good(signingToken);
  const id = isIdSigned ? `${headerOf(request, 'webhook-id')}.` : '';
  const digest = createHmac('sha256', key).update(`${id}${seconds}.`).update(request.body);
  return withHeader(request, standard, `v1,${digest.digest('base64')}`);
}

const decoded = Buffer.from((values['signing_token'] ?? '').slice(6), 'base64');

function plainHash(): RawRequest {
  const request = good(lark);
  const digest = createHash('sha256')
    .update(request.body)
    .update(values['encrypt_key'] ?? '');
  return withHeader(request, 'X-Lark-Signature', digest.digest('hex'));
}

const challenge: RawRequest = {
  method: 'POST',
  query: '',
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from(
    JSON.stringify({
      encrypt: encryptLark(
        values['encrypt_key'] ?? '',
        Buffer.from('{"type":"url_verification","challenge":"x","token":"a-verification-token"}'),
      ),
    }),
  ),
};

const cutQuery = (request: RawRequest, part: RegExp): RawRequest => ({
  ...request,
  query: request.query.replace(part, ''),
});

const broken: readonly Row[] = [
  ['github: a newline added', 'trailing_newline', github, trailed(good(github))],
  ['github: an ended secret', 'older_secret', rotated(github, 'secret'), good(github)],
  [
    'github: ended secret and newline',
    'older_secret,trailing_newline',
    rotated(github, 'secret'),
    trailed(good(github)),
  ],
  [
    'github: a capital label',
    'label',
    github,
    changed(good(github), hub, (value) => value.replace('sha', 'SHA')),
  ],
  ['github: SHA-1 only', 'other_algorithm,wrong_header', github, sha1(good(github))],
  ['github: under another name', 'wrong_header', github, renamed(good(github), hub, 'X-Signature')],
  [
    'github: cut short',
    'signature_cut_short',
    github,
    changed(good(github), hub, (value) => value.slice(0, -4)),
  ],
  [
    'github: signed by a relay',
    'other_scheme',
    integrationOf('github', 0, [secretOf('platform')]),
    good(integrationOf('github', 1)),
  ],
  ['a relay: signed by github itself', 'other_scheme', relayed, good(github)],
  [
    'gitlab: a token, not signed',
    'other_scheme',
    integrationOf('gitlab', 1, [secretOf('secret_token')]),
    good(secretToken),
  ],
  [
    'gitlab: in hex',
    'encoding_hex',
    signingToken,
    changed(
      good(signingToken),
      standard,
      (value) => `v1,${Buffer.from(value.slice(3), 'base64').toString('hex')}`,
    ),
  ],
  [
    'gitlab: with v1=',
    'label',
    signingToken,
    changed(good(signingToken), standard, (value) => value.replace(',', '=')),
  ],
  [
    'gitlab: the literal key',
    'secret_literal',
    signingToken,
    resigned(values['signing_token'] ?? '', true),
  ],
  ['gitlab: without the id', 'id_not_signed', signingToken, resigned(decoded, false)],
  [
    'gitlab: milliseconds',
    'timestamp_milliseconds,timestamp_signed_otherwise',
    signingToken,
    changed(good(signingToken), 'webhook-timestamp', (value) => `${value}000`),
  ],
  [
    'generic: Standard Webhooks',
    'standard_webhooks',
    {
      ...integrationOf('generic'),
      secrets: [{ ...secretOf('platform'), value: values['signing_token'] ?? '' }],
    },
    good(signingToken),
  ],
  [
    'gitee: a password, not signed',
    'other_scheme',
    integrationOf('gitee', 1, [secretOf('password')]),
    good(password),
  ],
  ['gitee: an ended key', 'older_secret', rotated(signKey, 'sign_key'), good(signKey)],
  [
    'gitee: seconds sent',
    'timestamp_seconds,timestamp_signed_otherwise',
    signKey,
    changed(good(signKey), 'X-Gitee-Timestamp', (value) => value.slice(0, 10)),
  ],
  [
    'gitee: in hex',
    'encoding_hex',
    signKey,
    changed(good(signKey), 'X-Gitee-Token', (value) =>
      Buffer.from(value, 'base64').toString('hex'),
    ),
  ],
  ['lark: a newline added', 'trailing_newline', lark, trailed(good(lark))],
  ['lark: an ended key', 'older_secret', rotated(lark, 'encrypt_key'), good(lark)],
  ['lark: an ended key, unsigned', 'older_secret', rotated(lark, 'encrypt_key'), challenge],
  ['lark: an ended token', 'older_secret', rotated(lark, 'verification_token'), good(lark)],
  ['lark: another hash', 'not_hmac', lark, plainHash()],
  [
    'lark: in base64',
    'encoding_base64',
    lark,
    changed(good(lark), 'X-Lark-Signature', (value) =>
      Buffer.from(value, 'hex').toString('base64'),
    ),
  ],
  ['wecom: an ended token', 'older_secret', rotated(wecom, 'token'), good(wecom)],
  ['wecom: an ended key', 'older_secret', rotated(wecom, 'aes_key'), good(wecom)],
  [
    'wecom: an ended key beside an echostr, which only a GET has',
    'older_secret',
    rotated(wecom, 'aes_key'),
    withEchostr(good(wecom)),
  ],
  [
    'wecom: an ended token beside an echostr, which only a GET has',
    'older_secret',
    rotated(wecom, 'token'),
    withEchostr(good(wecom)),
  ],
  ['wecom: another receiver', 'receive_id', { ...wecom, receiveId: 'wwother' }, good(wecom)],
  [
    'wecom: cut short',
    'signature_cut_short',
    wecom,
    cutQuery(good(wecom), /(?<=msg_signature=\w{30})\w+/),
  ],
];

/** Anybody's ciphertext, where none belongs. */
function withEchostr(request: RawRequest): RawRequest {
  return { ...request, query: `${request.query}&echostr=${'A'.repeat(64)}` };
}

describe('diagnose() of the channels that sign', () => {
  test.each(broken.map(named))('$name is $codes', async ({ codes, integration, request }) => {
    const diagnosis = await diagnosed(request, integration);
    expect(diagnosis.outcome).toBe('explained');
    expect(certain(diagnosis).join(',')).toBe(codes);
    const text = JSON.stringify(diagnosis);
    for (const { value } of integration.secrets) expect(text).not.toContain(value);
    expect(text).not.toMatch(/[0-9a-f]{16}/);
  });

  const likely: readonly Row[] = [
    [
      'a body that is not encrypted',
      'not_encrypted',
      lark,
      { ...challenge, body: Buffer.from('{}') },
    ],
    [
      'a body that nobody can open',
      'encrypt_key_missing',
      { ...lark, secrets: [secretOf('verification_token')] },
      challenge,
    ],
    ['an absent token', 'signature_missing', urlToken, { ...good(urlToken), query: '' }],
    ['an absent nonce', 'part_missing,nothing_matched', wecom, cutQuery(good(wecom), /nonce=\w*/)],
    [
      'a strange signature',
      'other_algorithm,nothing_matched',
      github,
      withHeader(good(github), hub, `sha256=${'ab'.repeat(20)}`),
    ],
    [
      'a strange token',
      'nothing_matched',
      secretToken,
      withHeader(good(secretToken), 'X-Gitlab-Token', 'x'),
    ],
  ];

  test.each(likely.map(named))(
    '$name is likely $codes',
    async ({ codes, integration, request }) => {
      const { findings } = await diagnosed(request, integration);
      expect(findings.map(({ code }) => code).join(',')).toBe(codes);
      expect(findings.every(({ confidence }) => confidence === 'likely')).toBe(true);
    },
  );
});
