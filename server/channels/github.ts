import type { Integration, RawRequest, Received, Rejection } from '../../src/domain/channel.ts';
import { hmacSha256 } from '../../src/runtime/signature.ts';
import { parseObject } from './body-parser.ts';
import type { Channel, Clock } from './channel.ts';
import { hashId } from './dedupe-hash.ts';
import { verifyPlatform } from './platform-scheme.ts';
import type { Verified } from './platform-scheme.ts';
import {
  findHeader,
  isRejected,
  hexPrefixOf,
  refuseEncoding,
  refuseType,
  rejected,
  requireHeader,
  validSecrets,
} from './request-reader.ts';
import { matchSecrets } from './secret-match.ts';

/**
 * GitHub: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the body>`.
 *
 * Source: GitHub docs, "Validating webhook deliveries". Only the body is signed: the delivery's GUID
 * stops a double send, not someone who kept a signed body.
 */
export const github: Channel = {
  methods: ['POST'],
  receive,
};

function receive(request: RawRequest, integration: Integration, clock: Clock): Received {
  const verify = integration.mode === 'platform' ? verifyPlatform : verifyGithub;
  const verified = verify(request, integration, clock);
  if (isRejected(verified)) return verified;
  const parsed = refuseEncoding(request) ?? parseObject(request, { canBeForm: true });
  if (isRejected(parsed)) return parsed;
  const type = requireHeader(request, 'X-GitHub-Event', 'event_type_missing');
  if (isRejected(type)) return type;
  const refused = refuseType(type, 'X-GitHub-Event');
  if (refused) return refused;
  const guid = findHeader(request, 'X-GitHub-Delivery');
  if (isRejected(guid)) return guid;
  return {
    kind: 'event',
    type,
    dedupeId: guid ?? hashId(integration, verified.signed),
    body: request.body,
    secretIds: verified.secretIds,
  };
}

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
  return rejected(
    'signature_mismatch',
    'The secret in the settings of the GitHub webhook must be one of this integration, and the body must arrive unchanged',
    {
      received: hexPrefixOf(signature),
      computed: computed.map(hexPrefixOf),
    },
  );
}
