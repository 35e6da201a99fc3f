import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import { hmacSha256 } from '../../src/runtime/signature.ts';
import type { Channel, Clock } from './channel.ts';
import { receiveJson } from './json-provider.ts';
import type { Verified } from './platform-scheme.ts';
import { findHeader, isRejected, rejected, requireHeader, validSecrets } from './request-reader.ts';
import { matchSecrets, refuseMismatch } from './secret-match.ts';

/**
 * GitHub: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the body>`.
 *
 * Source: GitHub docs, "Validating webhook deliveries". Only the body is signed: the delivery's GUID
 * stops a double send, not someone who kept a signed body.
 */
export const github: Channel = {
  methods: ['POST'],
  receive: receiveJson({
    verifierOf: () => verifyGithub,
    canBeForm: true,
    findType: (request) => findHeader(request, 'X-GitHub-Event'),
    typeMissing: 'Send the header X-GitHub-Event',
    typePlace: 'X-GitHub-Event',
    findId: (request) => findHeader(request, 'X-GitHub-Delivery'),
  }),
};

function verifyGithub(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  const given = requireHeader(request, 'X-Hub-Signature-256', 'signature_missing');
  if (isRejected(given)) return given;
  const [, hex] = /^sha256=([0-9a-fA-F]{64})$/.exec(given) ?? [];
  if (hex === undefined) {
    return rejected('signature_malformed', 'X-Hub-Signature-256 must be sha256=<64 hex digits>');
  }
  const signature = Buffer.from(hex, 'hex');
  const secrets = validSecrets(integration, 'secret', clock);
  const { secretIds, computed } = matchSecrets(secrets, [signature], (value) =>
    hmacSha256(value, request.body),
  );
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  return refuseMismatch(
    'The secret in the settings of the GitHub webhook must be one of this integration, and the body must arrive unchanged',
    { given: [signature], computed },
  );
}
