import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import { asBuffer, percentDecode } from '../../src/runtime/body.ts';
import { hmacSha256 } from '../../src/runtime/signature.ts';
import { readBase64Digest } from './base64-digest.ts';
import type { Parsed } from './body-parser.ts';
import type { Channel, Clock } from './channel.ts';
import { receiveJson } from './json-provider.ts';
import { redactForm } from './form-redaction.ts';
import { redactJson } from './json-redaction.ts';
import type { Verified } from './platform-scheme.ts';
import {
  isRejected,
  readMediaType,
  rejected,
  requireHeader,
  validSecrets,
} from './request-reader.ts';
import { matchSecrets, refuseMismatch } from './secret-match.ts';
import { refuseMilliseconds, refuseTimeMs, skewOfMs } from './timestamp.ts';
import { verifyTokenHeader } from './token-header.ts';
import { findTypeField, findTypeHeader } from './type-reader.ts';

/**
 * Gitee: in `X-Gitee-Token` the password, or a signature of the time with the key:
 * base64 HMAC-SHA256 of `timestamp + "\n" + key`. Neither covers the body.
 *
 * Source: Gitee help, "WebHook 密钥验证和验证算法" and "WebHook 推送数据格式说明".
 */
export const gitee: Channel = {
  methods: ['POST'],
  redactBody,
  receive: receiveJson({
    verifierOf: ({ scheme }) => (scheme === 'signature' ? verifySignature : verifyPassword),
    canBeForm: true,
    findType: (request, parsed) => findTypeHeader(request, 'X-Gitee-Event') ?? findHookName(parsed),
    typeMissing: 'Send the header X-Gitee-Event, or "hook_name" in the body',
    typePlace: 'The event type in X-Gitee-Event or "hook_name"',
    redactBody,
  }),
};

function verifyPassword(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  return verifyTokenHeader(request, {
    name: 'X-Gitee-Token',
    secrets: validSecrets(integration, 'password', clock),
    hint: 'The WebHook password (WebHook 密码) at Gitee must be one of this integration',
  });
}

/** Gitee's own figure: an hour. */
const toleranceS = 3600;

function verifySignature(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  const signed = readSigned(request);
  if (isRejected(signed)) return signed;
  const { timestamp, signature } = signed;
  const late = refuseTimeMs(timestamp, clock, integration.toleranceS ?? toleranceS);
  if (late) return late;
  const keys = validSecrets(integration, 'sign_key', clock);
  const { secretIds, computed } = matchSecrets(keys, [signature], (value) =>
    hmacSha256(value, `${timestamp}\n${value}`),
  );
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  return refuseMismatch(
    'The signing key (签名密钥) at Gitee must be one of this integration, and X-Gitee-Timestamp the one that was signed',
    { skewS: skewOfMs(timestamp, clock), given: [signature], computed },
  );
}

function readSigned(
  request: RawRequest,
): { readonly timestamp: string; readonly signature: Buffer } | Rejection {
  const token = requireHeader(request, 'X-Gitee-Token', 'signature_missing');
  if (isRejected(token)) return token;
  const timestamp = requireHeader(request, 'X-Gitee-Timestamp', 'timestamp_missing');
  if (isRejected(timestamp)) return timestamp;
  const malformed = refuseMilliseconds(timestamp, 'X-Gitee-Timestamp');
  if (malformed) return malformed;
  // Gitee's page ends with URL-encoding; what arrives is plain base64. Both are taken.
  const signature = readBase64Digest(percentDecode(token).toString('latin1'));
  if (signature) return { timestamp, signature };
  return rejected('signature_malformed', 'X-Gitee-Token must be 44 base64 characters');
}

/** `tag_push_hooks` is `tag_push`. */
function findHookName(parsed: Parsed): string | undefined | Rejection {
  const name = findTypeField(parsed, 'hook_name');
  return typeof name === 'string' ? name.replace(/_hooks$/, '') : name;
}

/**
 * Gitee puts the password into the body as well, in every scheme.
 *
 * A request that is refused may declare its body as something else: then whatever could be read of it
 * is replaced.
 */
function redactBody(request: RawRequest): Uint8Array {
  const declared = readMediaType(request);
  const isJson = startsAsJson(request.body);
  let { body } = request;
  if (isJson || declared !== 'application/x-www-form-urlencoded') {
    body = redactJson(body, [['password']]);
  }
  if (!isJson || declared !== 'application/json') {
    body = redactForm(body, { jsonField: 'payload', key: 'password' });
  }
  return body;
}

function startsAsJson(body: Uint8Array): boolean {
  return /^(?:\u00EF\u00BB\u00BF)?[ \t\r\n]*\{/.test(asBuffer(body).toString('latin1'));
}
