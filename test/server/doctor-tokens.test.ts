import { describe, expect, test } from 'vitest';
import type { RawRequest } from '../../src/domain/channel.ts';
import {
  certain,
  changed,
  diagnosed,
  good,
  integrationOf,
  named,
  renamed,
  rotated,
  secretOf,
  values,
  withHeader,
} from './doctor-cases.ts';
import type { Row } from './doctor-cases.ts';

const secretToken = integrationOf('gitlab', 0);
const signingToken = integrationOf('gitlab', 1);
const password = integrationOf('gitee', 0);
const signKey = integrationOf('gitee', 1);
const urlToken = integrationOf('gerrit', 0);
const basic = integrationOf('gerrit', 1);

const withUser = (user: string): RawRequest =>
  withHeader(
    good(basic),
    'Authorization',
    `Basic ${Buffer.from(`${user}:${values['password']}`).toString('base64')}`,
  );

const broken: readonly Row[] = [
  [
    'gitlab: percent-encoded',
    'url_encoded',
    secretToken,
    changed(good(secretToken), 'X-Gitlab-Token', encodeURIComponent),
  ],
  [
    'gitlab: an ended token',
    'older_secret',
    rotated(secretToken, 'secret_token'),
    good(secretToken),
  ],
  [
    'gitlab: as Bearer',
    'wrong_header',
    secretToken,
    renamed(
      changed(good(secretToken), 'X-Gitlab-Token', (value) => `Bearer ${value}`),
      'X-Gitlab-Token',
      'Authorization',
    ),
  ],
  [
    'gitlab: under the name of gitee',
    'wrong_header',
    secretToken,
    renamed(good(secretToken), 'X-Gitlab-Token', 'X-Gitee-Token'),
  ],
  [
    'gitlab: in quotes',
    'secret_blanks',
    secretToken,
    changed(good(secretToken), 'X-Gitlab-Token', (value) => `"${value}"`),
  ],
  [
    'gitlab: base64 of the token',
    'secret_encoded',
    secretToken,
    changed(good(secretToken), 'X-Gitlab-Token', (value) => Buffer.from(value).toString('base64')),
  ],
  [
    'gitlab: token in the query',
    'signature_in_query',
    secretToken,
    {
      ...withHeader(good(secretToken), 'X-Gitlab-Token'),
      query: `token=${encodeURIComponent(values['secret_token'] ?? '')}`,
    },
  ],
  [
    'gitlab: signed, not a token',
    'other_scheme',
    integrationOf('gitlab', 0, [secretOf('signing_token')]),
    good(signingToken),
  ],
  [
    'gitlab: the token of the other kind',
    'other_kind',
    integrationOf('gitlab', 0, [secretOf('signing_token')]),
    withHeader(good(secretToken), 'X-Gitlab-Token', values['signing_token']),
  ],
  [
    'gitee: a blank after the password',
    'secret_blanks',
    password,
    changed(good(password), 'X-Gitee-Token', (value) => `${value}\r`),
  ],
  [
    'gitee: signed, not a password',
    'other_scheme',
    integrationOf('gitee', 0, [secretOf('sign_key')]),
    good(signKey),
  ],
  [
    'gerrit: "+" as a blank',
    'url_encoded',
    { ...urlToken, secrets: [{ ...secretOf('token'), value: 'a+b/c-token' }] },
    { ...good(urlToken), query: 'token=a%20b%2Fc-token' },
  ],
  [
    'gerrit: encoded twice',
    'url_encoded',
    { ...urlToken, secrets: [{ ...secretOf('token'), value: 'a+b/c-token' }] },
    { ...good(urlToken), query: 'token=a%252Bb%252Fc-token' },
  ],
  ['gerrit: another user', 'other_user', basic, withUser('root')],
  ['gerrit: an ended password', 'older_secret', rotated(basic, 'password'), good(basic)],
];

describe('diagnose() of the channels with tokens', () => {
  test.each(broken.map(named))('$name is $codes', async ({ codes, integration, request }) => {
    const diagnosis = await diagnosed(request, integration);
    expect(diagnosis.outcome).toBe('explained');
    expect(certain(diagnosis).join(',')).toBe(codes);
    const text = JSON.stringify(diagnosis);
    for (const { value } of integration.secrets) expect(text).not.toContain(value);
  });
});
