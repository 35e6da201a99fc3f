import type { Integration, RawRequest, Received, Rejection } from '../../src/domain/channel.ts';
import { larkSignature } from '../../src/runtime/lark-crypto.ts';
import type { Channel, Clock } from './channel.ts';
import { hashId } from './dedupe-hash.ts';
import {
  decryptEnvelope,
  eventIdOf,
  eventTypeOf,
  isChallenge,
  parseEnvelope,
  redactEnvelope,
  tokenOf,
} from './lark-envelope.ts';
import type { Envelope } from './lark-envelope.ts';
import { verifyPlatform } from './platform-scheme.ts';
import type { Verified } from './platform-scheme.ts';
import {
  findHeader,
  isRejected,
  readMediaType,
  refuseEncoding,
  refuseType,
  rejected,
  requireHeader,
  validSecrets,
} from './request-reader.ts';
import { matchSecrets, matchToken, refuseMismatch } from './secret-match.ts';
import { refuseSeconds, refuseTime, skewOf } from './timestamp.ts';

/**
 * Feishu / Lark: `X-Lark-Signature` and an encrypted body where the app has an Encrypt Key, else its
 * Verification Token in the body.
 *
 * Source: Feishu docs, "Configure the request address", and the SDKs for Node.js and Go.
 */
export const lark: Channel = {
  methods: ['POST'],
  // To a card's callback the body is a reply: an empty object changes nothing there.
  reply: { contentType: 'application/json', body: '{}' },
  receive,
  redactBody: ({ body }) => redactEnvelope(body),
};

/** Lark tries again after 15 s, 5 min, 1 h and 6 h, maybe with the first signature: 7.1 h in all. */
const retryToleranceS = 8 * 3600;

/** An envelope that was found, and the secrets that spoke for it so far. */
interface Opened {
  readonly envelope: Envelope;
  readonly secretIds: readonly string[];
}

function receive(request: RawRequest, integration: Integration, clock: Clock): Received {
  const isRelayed = integration.mode === 'platform';
  const opened = (isRelayed ? openRelayed : openNative)(request, integration, clock);
  if (isRejected(opened)) return opened;
  const { envelope, signed, secretIds } = opened;
  if (isChallenge(envelope)) return answerChallenge(envelope, secretIds);
  const unreadable = isRelayed ? undefined : refuseForm(request);
  if (unreadable) return unreadable;
  const { place, value } = eventTypeOf(envelope);
  const type = typeof value === 'string' ? value : '';
  const refused = refuseType(type, place);
  if (refused) return refused;
  return {
    kind: 'event',
    type,
    dedupeId: eventIdOf(envelope) ?? hashId(integration, signed),
    body: redactEnvelope(envelope.bytes),
    secretIds,
  };
}

function answerChallenge({ json }: Envelope, secretIds: readonly string[]): Received {
  const { challenge } = json;
  if (typeof challenge !== 'string') {
    return rejected('malformed_body', 'A url_verification must have its challenge as a string');
  }
  const reply = JSON.stringify({ challenge });
  return { kind: 'handshake', contentType: 'application/json', reply, secretIds };
}

/** From a relay of ours comes the envelope as it was inside; it has looked at the token. */
function openRelayed(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): (Opened & Verified) | Rejection {
  const verified = verifyPlatform(request, integration, clock);
  if (isRejected(verified)) return verified;
  const envelope = refuseForm(request) ?? parsePlain(request);
  return isRejected(envelope) ? envelope : { ...verified, envelope };
}

function openNative(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): (Opened & Verified) | Rejection {
  const opened = isHeld(integration, 'encrypt_key')
    ? openEncrypted(request, integration, clock)
    : openPlain(request);
  if (isRejected(opened)) return opened;
  const tokenIds = verifyToken(opened.envelope, integration, clock);
  if (isRejected(tokenIds)) return tokenIds;
  const secretIds = [...new Set([...opened.secretIds, ...tokenIds])];
  return { envelope: opened.envelope, secretIds, signed: [request.body] };
}

function openPlain(request: RawRequest): Opened | Rejection {
  const envelope = parsePlain(request);
  return isRejected(envelope) ? envelope : { envelope, secretIds: [] };
}

function openEncrypted(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Opened | Rejection {
  const signerIds = verifySignature(request, integration, clock);
  if (isRejected(signerIds)) return signerIds;
  const outer = parseEnvelope(request.body);
  if (isRejected(outer)) return outer;
  const { encrypt } = outer.json;
  if (typeof encrypt !== 'string') {
    return rejected(
      'encryption_required',
      'Set the Encrypt Key of this integration in the developer console: what arrives is not encrypted',
    );
  }
  const opened = decryptEnvelope(encrypt, validSecrets(integration, 'encrypt_key', clock));
  if (!opened) {
    return rejected(
      'decrypt_failed',
      'The Encrypt Key in the developer console must be one of this integration, and hold a JSON object',
    );
  }
  // A challenge is the one thing that Lark sends encrypted, but not signed.
  if (signerIds === undefined && !isChallenge(opened.envelope)) {
    return rejected('signature_missing', 'Send the header X-Lark-Signature');
  }
  return { envelope: opened.envelope, secretIds: [...(signerIds ?? []), ...opened.secretIds] };
}

/** Which keys made the signature; `undefined` when there is none. */
function verifySignature(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): readonly string[] | undefined | Rejection {
  const given = findHeader(request, 'X-Lark-Signature');
  if (given === undefined || isRejected(given)) return given;
  const timestamp = requireHeader(request, 'X-Lark-Request-Timestamp', 'timestamp_missing');
  if (isRejected(timestamp)) return timestamp;
  const nonce = requireHeader(request, 'X-Lark-Request-Nonce', 'parameter_missing');
  if (isRejected(nonce)) return nonce;
  const malformed = refuseSeconds(timestamp, 'X-Lark-Request-Timestamp') ?? refuseHex(given);
  if (malformed) return malformed;
  const late = refuseTime(timestamp, clock, integration.toleranceS ?? retryToleranceS);
  if (late) return late;
  const keys = validSecrets(integration, 'encrypt_key', clock);
  const signature = Buffer.from(given, 'hex');
  const { secretIds, computed } = matchSecrets(keys, [signature], (key) =>
    larkSignature(key, { timestamp, nonce, body: request.body }),
  );
  if (secretIds.length > 0) return secretIds;
  return refuseMismatch(
    'The Encrypt Key in the developer console must be one of this integration, and the body must arrive unchanged',
    { skewS: skewOf(timestamp, clock), given: [signature], computed },
  );
}

function refuseHex(signature: string): Rejection | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(signature)) return undefined;
  return rejected('signature_malformed', 'X-Lark-Signature must be 64 hex digits');
}

/** Which tokens it carries; none are asked for where only an Encrypt Key is held. */
function verifyToken(
  envelope: Envelope,
  integration: Integration,
  clock: Clock,
): readonly string[] | Rejection {
  const isHeldTo = isHeld(integration, 'verification_token') || !isHeld(integration, 'encrypt_key');
  if (!isHeldTo) return [];
  const { place, value } = tokenOf(envelope);
  if (typeof value !== 'string' || value === '') {
    return rejected('token_missing', `The body must have the Verification Token as ${place}`);
  }
  const ids = matchToken(validSecrets(integration, 'verification_token', clock), value);
  if (ids.length > 0) return ids;
  return rejected(
    'token_mismatch',
    'The Verification Token in the developer console must be one of this integration',
  );
}

/** Whether one is configured: a kind whose secrets have all run out is not held to less. */
function isHeld({ secrets }: Integration, kind: string): boolean {
  return secrets.some((secret) => secret.kind === kind);
}

/** The body as it came, where nothing is here to open it with. */
function parsePlain(request: RawRequest): Envelope | Rejection {
  const envelope = parseEnvelope(request.body);
  if (isRejected(envelope) || !Object.hasOwn(envelope.json, 'encrypt')) return envelope;
  return rejected(
    'encrypt_key_missing',
    'The body is encrypted: give this integration the Encrypt Key of the developer console, or a relay must decrypt it',
  );
}

/** Refuse what is compressed, or not said to be JSON. */
function refuseForm(request: RawRequest): Rejection | undefined {
  const coded = refuseEncoding(request);
  if (coded) return coded;
  const type = readMediaType(request);
  if (isRejected(type)) return type;
  if (type === 'application/json') return undefined;
  return rejected('unsupported_content_type', 'Send the header Content-Type: application/json');
}
