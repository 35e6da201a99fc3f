import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { EndpointAuth } from '../../src/store/delivery-tables.ts';
import { addMistake } from '../route.ts';
import type { RefuseUrl } from './endpoint-answer.ts';
import { urlSchema } from './endpoint-url.ts';

/** A chain of ten certificates is some 20 KB. */
const pemMax = 32_768;

const noControls = /^\P{Cc}*$/u;
const visibleAscii = /^[\x21-\x7e]+$/;

/** RFC 6749, Appendix A: VSCHAR, and a scope's tokens. */
const vschars = /^[\x20-\x7e]+$/;
const scopeTokens = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

const clear = (max: number) =>
  z
    .string()
    .max(max)
    .regex(noControls, 'Must not contain control characters')
    .refine(isWellFormed, 'Must be Unicode without halves of surrogate pairs');

/** What a request says of an endpoint's auth, secrets included. */
export function authSettingsSchema(refuseUrl: RefuseUrl) {
  return z
    .discriminatedUnion('kind', [basicSchema, bearerSchema, oauthSchema(refuseUrl), mtlsSchema])
    .meta({ description: 'How attempts introduce themselves; its secrets are never shown again' });
}

const basicSchema = z.strictObject({
  kind: z.literal('basic'),
  username: clear(200)
    .min(1)
    .refine((name) => !name.includes(':'), 'Must not contain ":"'),
  password: clear(1000),
});

const bearerSchema = z.strictObject({
  kind: z.literal('bearer'),
  token: z.string().max(4096).regex(visibleAscii, 'Must be printable ASCII without blanks'),
});

const oauthSchema = (refuseUrl: RefuseUrl) =>
  z.strictObject({
    kind: z.literal('oauth2'),
    token_url: urlSchema(refuseUrl),
    client_id: z.string().max(500).regex(vschars, 'Must be printable ASCII'),
    client_secret: z.string().max(1000).regex(vschars, 'Must be printable ASCII'),
    scope: z.string().max(1000).regex(scopeTokens, 'Must be scopes, one blank apart').nullish(),
  });

const mtlsSchema = z
  .strictObject({
    kind: z.literal('mtls'),
    certificate: z.string().min(1).max(pemMax).meta({ description: 'PEM; may be a chain' }),
    key: z.string().min(1).max(pemMax).meta({ description: 'PEM, without a passphrase' }),
  })
  .check((payload) => {
    const mistake = payload.issues.length === 0 ? pairMistake(payload.value) : undefined;
    if (mistake) addMistake(payload, mistake);
  });

type AuthSettings = z.output<ReturnType<typeof authSettingsSchema>>;

/** What is shown of it and what is sealed. */
export function splitAuth(auth: AuthSettings): {
  readonly shown: EndpointAuth;
  readonly secret: Readonly<Record<string, string>>;
} {
  switch (auth.kind) {
    case 'basic': {
      const { kind, username, password } = auth;
      return { shown: { kind, username }, secret: { password } };
    }
    case 'bearer':
      return { shown: { kind: auth.kind }, secret: { token: auth.token } };
    case 'oauth2': {
      const { kind, token_url, client_id, client_secret, scope = null } = auth;
      return { shown: { kind, token_url, client_id, scope }, secret: { client_secret } };
    }
    case 'mtls': {
      const { kind, certificate, key } = auth;
      const { subject, validTo } = new X509Certificate(certificate);
      const valid_to = new Date(validTo).toISOString();
      return {
        // Empty where only alternative names say whose it is: Node then has none, unlike its types.
        shown: { kind, subject: subject?.replaceAll('\n', ', ') ?? '', valid_to },
        secret: { certificate, key },
      };
    }
  }
}

/** Not a word of what was sent is in it: half of that is a secret. */
function pairMistake({ certificate, key }: { certificate: string; key: string }) {
  const read = readCertificate(certificate);
  if (typeof read === 'string') return { path: ['certificate'], message: read };
  const opened = readKey(key);
  if (typeof opened === 'string') return { path: ['key'], message: opened };
  if (read.checkPrivateKey(opened)) return undefined;
  return { path: ['key'], message: 'Is not the key of the certificate' };
}

/** @returns the first of a chain, or what is wrong */
function readCertificate(pem: string): X509Certificate | string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first] = blocks.map((block) => new X509Certificate(block));
    if (!first) return 'Must be a certificate as PEM: -----BEGIN CERTIFICATE-----';
    return Date.parse(first.validTo) > Date.now() ? first : 'The certificate has expired';
  } catch {
    return 'Can not be read as a certificate';
  }
}

function readKey(pem: string): KeyObject | string {
  try {
    return createPrivateKey(pem);
  } catch {
    return 'Can not be read as a private key: it must be PEM without a passphrase';
  }
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}
