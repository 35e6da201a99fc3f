import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

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
