import type { Integration, RawRequest } from '../../src/domain/channel.ts';
import { hmacSha256, isSameDigest } from '../../src/runtime/signature.ts';
import type { Clock, Rejected } from './channel.ts';
import { isRejected, listHeader, rejected, requireHeader, validSecrets } from './request-reader.ts';
import { refuseSeconds, refuseTime } from './timestamp.ts';

/** What was signed, for whoever needs a hash of it. */
export interface Verified {
  readonly signed: readonly (string | Uint8Array)[];
}

/**
 * Verify the platform's own scheme: `X-Webhook-Signature: v1=<hex>` is the HMAC-SHA256 of
 * `timestamp + "." + body`, the timestamp in seconds and at most the tolerance away from now.
 *
 * The header is a list: during a rotation a sender signs with the old and the new secret.
 */
export function verifyPlatform(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejected {
  const list = listHeader(request, 'X-Webhook-Signature')
    .filter((value) => value !== '')
    .join(',');
  if (list === '') return rejected('signature_missing', 'Send the header X-Webhook-Signature');
  const timestamp = requireHeader(request, 'X-Webhook-Timestamp', 'timestamp_missing');
  if (isRejected(timestamp)) return timestamp;
  const malformed = refuseSeconds(timestamp, 'X-Webhook-Timestamp');
  if (malformed) return malformed;
  const signatures = readSignatures(list);
  if (signatures.length === 0) {
    return rejected('signature_malformed', 'X-Webhook-Signature must hold v1=<64 hex digits>');
  }
  const late = refuseTime(timestamp, clock, integration.toleranceS);
  if (late) return late;
  const signed = [`${timestamp}.`, request.body];
  // Every secret against every signature, always: time must not tell which one came close.
  const matches = validSecrets(integration, 'platform', clock)
    .map((secret) => hmacSha256(secret, ...signed))
    .flatMap((digest) => signatures.map((signature) => isSameDigest(signature, digest)));
  if (matches.includes(true)) return { signed };
  return rejected(
    'signature_mismatch',
    'Sign timestamp + "." + the exact bytes of the body, with a secret of this integration',
  );
}

/** The digests of the items that have the form of version 1; other versions are left alone. */
function readSignatures(list: string): Buffer[] {
  return list.split(',').flatMap((item) => {
    const [, hex] = /^\s*v1=([0-9a-fA-F]{64})\s*$/.exec(item) ?? [];
    return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
  });
}
