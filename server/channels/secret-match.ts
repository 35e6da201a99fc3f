import { createHash } from 'node:crypto';
import type { IntegrationSecret, Rejection } from '../../src/domain/channel.ts';
import { isSameDigest } from '../../src/runtime/signature.ts';
import { rejected } from './request-reader.ts';

/** Which secrets fit, and what each would have made. */
export interface Match {
  readonly secretIds: readonly string[];
  /** One per secret, in order. */
  readonly computed: readonly Buffer[];
}

/**
 * Find the secrets whose digest is among the given ones.
 *
 * Every secret is tried against every digest, always: time must not tell which one came close.
 */
export function matchSecrets(
  secrets: readonly IntegrationSecret[],
  given: readonly Buffer[],
  digestOf: (value: string) => Buffer,
): Match {
  const tried = secrets.map(({ id, value }) => {
    const digest = digestOf(value);
    return { id, digest, hits: given.map((other) => isSameDigest(other, digest)) };
  });
  return {
    secretIds: tried.filter(({ hits }) => hits.includes(true)).map(({ id }) => id),
    computed: tried.map(({ digest }) => digest),
  };
}

/** The ids of the secrets that are the given token. Compared as digests: no time tells a length. */
export function matchToken(
  secrets: readonly IntegrationSecret[],
  token: string,
): readonly string[] {
  const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
  return matchSecrets(secrets, [sha256(token)], sha256).secretIds;
}

/** What did not match, for the operator: how far the clocks differ, and the digests. */
export interface Mismatch {
  readonly skewS?: number;
  readonly given: readonly Buffer[];
  readonly computed: readonly Buffer[];
}

/** Refuse a signature that none of the secrets makes. */
export function refuseMismatch(detail: string, { given, computed, ...skew }: Mismatch): Rejection {
  return rejected('signature_mismatch', detail, {
    ...skew,
    received: given.map(hexPrefixOf).join(', '),
    computed: computed.map(hexPrefixOf),
  });
}

/** How much of a signature is kept as evidence: enough to compare, too little to forge. */
const prefixLength = 8;

/** The first characters of a signature, in hex. */
function hexPrefixOf(signature: Buffer): string {
  return signature.toString('hex').slice(0, prefixLength);
}
