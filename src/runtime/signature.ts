import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  timingSafeEqual,
} from 'node:crypto';

type Content = string | Uint8Array;

/** HMAC-SHA256 of the parts, one after another. A string as key is its UTF-8 bytes. */
export function hmacSha256(key: string | Buffer, ...parts: readonly Content[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Compare two digests without telling through time where they differ. */
export function isSameDigest(actual: Buffer, expected: Buffer): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/**
 * The platform's own scheme: `v1=<hex>` over `timestamp + "." + body`, for `X-Webhook-Signature`.
 *
 * @param secret - its UTF-8 bytes are the key, whatever it looks like
 * @param timestamp - unix seconds, as in the header
 */
export function signPlatform(secret: string, timestamp: string, body: Content): string {
  return `v1=${hmacSha256(secret, `${timestamp}.`, body).toString('hex')}`;
}

/**
 * Standard Webhooks: `v1,<base64>` over `id.timestamp.body`, for `webhook-signature`.
 *
 * Source: the Standard Webhooks specification, "Signature scheme".
 *
 * @param secret - `whsec_` and base64: the key is the decoded part
 */
export function signStandard(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: string; body: Content },
): string {
  return `v1,${hmacSha256(standardKey(secret), `${id}.${timestamp}.`, body).toString('base64')}`;
}

/** The key of Standard Webhooks is what a secret encodes behind `whsec_`, not its text. */
export function standardKey(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

/** A new endpoint secret: `whsec_` and 32 random bytes in base64. It serves both schemes. */
export function makeEndpointSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Whether a secret is a private key that signs as `v1a`, and not a shared one. */
export function isSigningKey(secret: string): boolean {
  return secret.startsWith(signingKeyPrefix);
}

const signingKeyPrefix = 'whsk_';

/** Of an Ed25519 key, private or public. */
const keyBytes = 32;

/**
 * A new key pair of Ed25519, as Standard Webhooks writes it: `whsk_` and base64 of the private key
 * followed by the public one; `whpk_` and base64 of the public one, by which anybody may verify.
 */
export function makeSigningKey(): { readonly secret: string; readonly publicKey: string } {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicBytes = Buffer.from(x, 'base64url');
  const pair = Buffer.concat([Buffer.from(d, 'base64url'), publicBytes]);
  return {
    secret: signingKeyPrefix + pair.toString('base64'),
    publicKey: `whpk_${publicBytes.toString('base64')}`,
  };
}

/**
 * Standard Webhooks, asymmetric: `v1a,<base64>`, an Ed25519 signature of `id.timestamp.body`.
 *
 * Source: the Standard Webhooks specification, "Signature scheme".
 *
 * @param secret - as `makeSigningKey` makes it
 */
export function signEd25519(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: string; body: Content },
): string {
  const pair = Buffer.from(secret.slice(signingKeyPrefix.length), 'base64');
  const d = pair.subarray(0, keyBytes).toString('base64url');
  const x = pair.subarray(keyBytes).toString('base64url');
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  return `v1a,${sign(null, signed, key).toString('base64')}`;
}
