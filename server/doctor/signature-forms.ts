import { createHash, createHmac } from 'node:crypto';
import type { ChannelName, Integration, RejectionReason } from '../../src/domain/channel.ts';
import { larkSignature } from '../../src/runtime/lark-crypto.ts';
import { signWecom } from '../../src/runtime/wecom-crypto.ts';

/** Where in a request something stands; header names in lower case. */
export interface Place {
  readonly in: 'header' | 'query' | 'body';
  readonly name: string;
}

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** What a digest is made over, as far as the request has it. */
export interface SignedParts {
  readonly timestamp?: string;
  readonly id?: string;
  readonly nonce?: string;
  readonly encrypt?: string;
  readonly username?: string;
}

/** What one way of signing adds to a body and a key. */
interface Signing extends SignedParts {
  readonly body: Buffer;
  readonly key: Buffer;
  readonly algorithm: Algorithm;
}

/** One way of signing: where its parts stand, how they are written, how the digest is made. */
export interface SignatureForm {
  readonly name: string;
  /** As it is called in a finding. */
  readonly title: string;
  /** Null for ways of signing that no channel uses. */
  readonly place: Place | null;
  readonly label: string;
  /** `text`: the secret itself. */
  readonly encoding: 'hex' | 'base64' | 'text';
  readonly algorithm: Algorithm;
  readonly kinds: readonly string[];
  /** Whether keys are the decoded part after `whsec_`. */
  readonly isKeyDecoded: boolean;
  readonly stamp: { readonly place: Place; readonly unit: 's' | 'ms' } | null;
  readonly needs: readonly (keyof SignedParts)[];
  readonly coversBody: boolean;
  readonly sign: (signing: Signing) => Buffer;
}

const header = (name: string): Place => ({ in: 'header', name });
const parameter = (name: string): Place => ({ in: 'query', name });

/** A HMAC in hex over the body, from which the other forms differ. */
const base = {
  place: null,
  label: '',
  encoding: 'hex',
  algorithm: 'sha256',
  kinds: [],
  isKeyDecoded: false,
  stamp: null,
  needs: [],
  coversBody: true,
} as const satisfies Partial<SignatureForm>;

function hmac({ algorithm, key }: Signing, ...content: readonly (string | Buffer)[]): Buffer {
  const digest = createHmac(algorithm, key);
  // Headers are read as Latin-1: their bytes were signed.
  for (const part of content) digest.update(typeof part === 'string' ? latin1(part) : part);
  return digest.digest();
}

function hash(algorithm: Algorithm, ...content: readonly Buffer[]): Buffer {
  const digest = createHash(algorithm);
  for (const part of content) digest.update(part);
  return digest.digest();
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Joins the timestamp with the body in a way of its own. */
function joined(name: string, title: string, join: (timestamp: string) => string): SignatureForm {
  return {
    ...base,
    name,
    title,
    needs: ['timestamp'],
    sign: (signing) => hmac(signing, join(signing.timestamp ?? ''), signing.body),
  };
}

/** The forms of the channels that sign. */
const channelForms = {
  platform: {
    ...base,
    name: 'platform',
    title: 'the scheme of the platform (X-Webhook-Signature)',
    place: header('x-webhook-signature'),
    label: 'v1=',
    kinds: ['platform'],
    stamp: { place: header('x-webhook-timestamp'), unit: 's' },
    needs: ['timestamp'],
    sign: (signing) => hmac(signing, `${signing.timestamp}.`, signing.body),
  },
  github: {
    ...base,
    name: 'github',
    title: 'the scheme of GitHub (X-Hub-Signature-256, over the body alone)',
    place: header('x-hub-signature-256'),
    label: 'sha256=',
    kinds: ['secret'],
    sign: (signing) => hmac(signing, signing.body),
  },
  standard: {
    ...base,
    name: 'standard',
    title: 'Standard Webhooks (webhook-signature)',
    place: header('webhook-signature'),
    label: 'v1,',
    encoding: 'base64',
    kinds: ['signing_token'],
    isKeyDecoded: true,
    stamp: { place: header('webhook-timestamp'), unit: 's' },
    needs: ['timestamp', 'id'],
    sign: (signing) => hmac(signing, `${signing.id}.${signing.timestamp}.`, signing.body),
  },
  gitee: {
    ...base,
    name: 'gitee',
    title: 'the signature of Gitee (X-Gitee-Token)',
    place: header('x-gitee-token'),
    encoding: 'base64',
    kinds: ['sign_key'],
    stamp: { place: header('x-gitee-timestamp'), unit: 'ms' },
    needs: ['timestamp'],
    coversBody: false,
    sign: (signing) => hmac(signing, `${signing.timestamp}\n`, signing.key),
  },
  lark: {
    ...base,
    name: 'lark',
    title: 'the scheme of Lark (X-Lark-Signature)',
    place: header('x-lark-signature'),
    kinds: ['encrypt_key'],
    stamp: { place: header('x-lark-request-timestamp'), unit: 's' },
    needs: ['timestamp', 'nonce'],
    sign: ({ key, timestamp = '', nonce = '', body }) =>
      larkSignature(key.toString(), { timestamp, nonce, body }),
  },
  wecom: {
    ...base,
    name: 'wecom',
    title: 'the scheme of WeCom (msg_signature)',
    place: parameter('msg_signature'),
    algorithm: 'sha1',
    kinds: ['token'],
    stamp: { place: parameter('timestamp'), unit: 's' },
    needs: ['timestamp', 'nonce', 'encrypt'],
    coversBody: false,
    sign: ({ key, timestamp = '', nonce = '', encrypt = '' }) =>
      signWecom(key.toString(), { timestamp, nonce, encrypt }),
  },
} as const satisfies Readonly<Record<string, SignatureForm>>;

/** Ways of signing that no channel here uses, but people do. */
const otherForms: readonly SignatureForm[] = [
  joined('concat', 'timestamp and body without a dot', (timestamp) => timestamp),
  joined('newline', 'timestamp, newline, body', (timestamp) => `${timestamp}\n`),
  joined('colon', 'timestamp, colon, body', (timestamp) => `${timestamp}:`),
  joined('slack', '"v0:timestamp:body", as Slack does', (timestamp) => `v0:${timestamp}:`),
  {
    ...base,
    name: 'body_first',
    title: 'body, dot, timestamp',
    needs: ['timestamp'],
    sign: (signing) => hmac(signing, signing.body, `.${signing.timestamp}`),
  },
  {
    ...base,
    name: 'hash_key_first',
    title: 'a hash of secret and body',
    sign: ({ algorithm, key, body }) => hash(algorithm, key, body),
  },
  {
    ...base,
    name: 'hash_body_first',
    title: 'a hash of body and secret',
    sign: ({ algorithm, key, body }) => hash(algorithm, body, key),
  },
];

/** A secret that is sent as it is. */
function tokenForm(place: Place, kind: string): SignatureForm {
  return {
    ...base,
    name: 'token',
    title: `the secret itself (${place.name})`,
    place,
    encoding: 'text',
    kinds: [kind],
    coversBody: false,
    sign: ({ key }) => key,
  };
}

const basicForm: SignatureForm = {
  ...tokenForm(header('authorization'), 'password'),
  name: 'basic',
  title: 'user and password (Authorization: Basic)',
  needs: ['username'],
  sign: ({ key, username = '' }) => Buffer.concat([Buffer.from(`${username}:`), key]),
};

const tokenForms: Readonly<Record<string, SignatureForm>> = {
  secret_token: tokenForm(header('x-gitlab-token'), 'secret_token'),
  password: tokenForm(header('x-gitee-token'), 'password'),
  url_token: tokenForm(parameter('token'), 'token'),
  basic: basicForm,
};

const larkTokenForm = tokenForm({ in: 'body', name: 'token' }, 'verification_token');

/** The native signature of each channel, where it has one. */
const nativeForms: Partial<Record<ChannelName, SignatureForm>> = {
  github: channelForms.github,
  gitlab: channelForms.standard,
  gitee: channelForms.gitee,
  wecom: channelForms.wecom,
  lark: channelForms.lark,
};

/** The way of signing that an integration asks for. `reason` tells which of Lark's two is at fault. */
export function ownForm(
  { channel, mode, scheme, secrets }: Integration,
  reason: RejectionReason | null,
): SignatureForm {
  if (mode === 'platform') return channelForms.platform;
  const isToken = reason === 'token_missing' || reason === 'token_mismatch';
  const isSigned = secrets.some(({ kind }) => kind === 'encrypt_key');
  if (channel === 'lark' && (isToken || !isSigned)) return larkTokenForm;
  return tokenForms[scheme ?? ''] ?? nativeForms[channel] ?? channelForms.platform;
}

/** All ways that are tried: the own one first, then what is close, then the rest. */
export function formsFor(own: SignatureForm): SignatureForm[] {
  const asToken: SignatureForm = own.encoding === 'text' ? own : tokenFormOf(own);
  const bare: SignatureForm[] = own.name === 'basic' ? [tokenFormOf(own)] : [];
  const all = [own, ...Object.values<SignatureForm>(channelForms), ...otherForms, ...bare, asToken];
  return [...new Set(all)].flatMap((form) =>
    // Who joins the parts in another way still makes the key as this scheme does.
    own.isKeyDecoded && !form.isKeyDecoded && form.encoding !== 'text'
      ? [{ ...form, place: null, isKeyDecoded: true }, form]
      : [form],
  );
}

const tokenKinds = ['secret_token', 'password', 'token', 'verification_token'];

function tokenFormOf({ kinds }: SignatureForm): SignatureForm {
  const all = [...new Set([...kinds, ...tokenKinds])];
  return { ...tokenForm(header(''), ''), place: null, kinds: all, title: 'the secret itself' };
}

/** What is between a place and a person. */
export function nameOf({ in: kind, name }: Place): string {
  if (kind === 'header') return `the header ${properName(name)}`;
  return kind === 'query' ? `the query parameter "${name}"` : `"${name}" in the body`;
}

/** `x-hub-signature-256` as `X-Hub-Signature-256`; the names of Standard Webhooks are small. */
function properName(name: string): string {
  if (/^webhook-|^svix-/.test(name)) return name;
  return name.replaceAll(
    /(^|-)([a-z])/g,
    (_, dash: string, letter: string) => dash + letter.toUpperCase(),
  );
}

export function isSamePlace(one: Place | null, other: Place | null): boolean {
  return one !== null && one.in === other?.in && one.name === other.name;
}
