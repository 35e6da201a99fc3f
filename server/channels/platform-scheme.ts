import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import { hmacSha256 } from '../../src/runtime/signature.ts';
import type { Clock } from './channel.ts';
import { isRejected, listHeader, rejected, requireHeader, validSecrets } from './request-reader.ts';
import { matchSecrets, refuseMismatch } from './secret-match.ts';
import { refuseSeconds, refuseTime, skewOf } from './timestamp.ts';

/** What was signed, for whoever needs a hash of it, and the secrets it was verified with. */
export interface Verified {
  readonly signed: readonly (string | Uint8Array)[];
  readonly secretIds: readonly string[];
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
): Verified | Rejection {
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
  const secrets = validSecrets(integration, 'platform', clock);
  const { secretIds, computed } = matchSecrets(secrets, signatures, (value) =>
    hmacSha256(value, ...signed),
  );
  if (secretIds.length > 0) return { signed, secretIds };
  return refuseMismatch(
    'Sign timestamp + "." + the exact bytes of the body, with a secret of this integration',
    { skewS: skewOf(timestamp, clock), given: signatures, computed },
  );
}

/**
 * The digests of the items that have the form of version 1; other versions are left alone.
 *
 * Blanks are those of HTTP: `\s` would also take U+00A0, which is a part of the value.
 */
function readSignatures(list: string): Buffer[] {
  const digests: Buffer[] = [];
  for (const item of list.split(',')) {
    const match = /^[ \t]*v1=([0-9a-fA-F]{64})[ \t]*$/.exec(item);
    if (match?.[1] !== undefined) digests.push(Buffer.from(match[1], 'hex'));
  }
  return digests;
}
