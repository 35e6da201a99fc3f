import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import { hmacSha256, standardKey } from '../../src/runtime/signature.ts';
import { readBase64Digest } from './base64-digest.ts';
import type { Parsed } from './body-parser.ts';
import type { Channel, Clock } from './channel.ts';
import { receiveJson } from './json-provider.ts';
import type { Verified } from './platform-scheme.ts';
import { findHeader, isRejected, rejected, requireHeader, validSecrets } from './request-reader.ts';
import { matchSecrets, refuseMismatch } from './secret-match.ts';
import { refuseSeconds, refuseTime, skewOf } from './timestamp.ts';
import { verifyTokenHeader } from './token-header.ts';
import { findTypeField, findTypeHeader } from './type-reader.ts';

/**
 * GitLab: the secret itself in `X-Gitlab-Token`, or (19 and later) Standard Webhooks in
 * `webhook-signature: v1,<base64 HMAC-SHA256 of id.timestamp.body>`.
 *
 * It may send both: only the scheme of the integration counts. Source: GitLab docs, "Webhooks", and
 * `app/services/web_hook_service.rb`.
 */
export const gitlab: Channel = {
  methods: ['POST'],
  receive: receiveJson({
    verifierOf: (integration) => (isSigned(integration) ? verifySignature : verifyToken),
    canBeForm: false,
    findType,
    typeMissing: 'Send "object_kind" in the body, or the header X-Gitlab-Event',
    typePlace: 'The event type in the body or in X-Gitlab-Event',
    findId,
  }),
};

function isSigned({ mode, scheme }: Integration): boolean {
  return mode === 'native' && scheme === 'signing_token';
}

function verifyToken(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  return verifyTokenHeader(request, {
    name: 'X-Gitlab-Token',
    secrets: validSecrets(integration, 'secret_token', clock),
    hint: 'The secret token in the settings of the GitLab webhook must be one of this integration',
  });
}

function verifySignature(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  const signed = readSigned(request);
  if (isRejected(signed)) return signed;
  const { id, timestamp, signatures } = signed;
  const late = refuseTime(timestamp, clock, integration.toleranceS);
  if (late) return late;
  // The id's bytes as they came: Node hands headers on as Latin-1.
  const prefix = Buffer.from(`${id}.${timestamp}.`, 'latin1');
  const secrets = validSecrets(integration, 'signing_token', clock);
  const { secretIds, computed } = matchSecrets(secrets, signatures, (value) =>
    hmacSha256(standardKey(value), prefix, request.body),
  );
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  return refuseMismatch(
    'The signing token of the GitLab webhook must be one of this integration, and webhook-id, webhook-timestamp and the body must arrive unchanged',
    { skewS: skewOf(timestamp, clock), given: signatures, computed },
  );
}

interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Buffer[];
}

function readSigned(request: RawRequest): Signed | Rejection {
  const list = requireHeader(request, 'webhook-signature', 'signature_missing');
  if (isRejected(list)) return list;
  const timestamp = requireHeader(request, 'webhook-timestamp', 'timestamp_missing');
  if (isRejected(timestamp)) return timestamp;
  const id = requireHeader(request, 'webhook-id', 'parameter_missing');
  if (isRejected(id)) return id;
  const malformed = refuseSeconds(timestamp, 'webhook-timestamp');
  if (malformed) return malformed;
  const signatures = readSignatures(list);
  if (signatures.length > 0) return { id, timestamp, signatures };
  return rejected('signature_malformed', 'webhook-signature must hold v1,<44 base64 characters>');
}

/** The digests of the items that have the form of version 1; other versions are left alone. */
function readSignatures(list: string): Buffer[] {
  return list.split(' ').flatMap((item) => {
    const digest = item.startsWith('v1,') ? readBase64Digest(item.slice(3)) : undefined;
    return digest ?? [];
  });
}

/** The body first: where it is signed, the header is not. */
function findType(request: RawRequest, parsed: Parsed): string | undefined | Rejection {
  return (
    findTypeField(parsed, 'object_kind') ??
    findTypeField(parsed, 'event_name') ??
    findTypeHeader(request, 'X-Gitlab-Event')
  );
}

/** Never X-Gitlab-Event-UUID: the webhooks that one event sets off share it. */
function findId(request: RawRequest, integration: Integration): string | undefined | Rejection {
  if (isSigned(integration)) return findHeader(request, 'webhook-id');
  return findHeader(request, 'Idempotency-Key') ?? findHeader(request, 'X-Gitlab-Webhook-UUID');
}
