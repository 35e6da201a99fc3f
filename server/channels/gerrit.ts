import { createHash } from 'node:crypto';
import type { Integration, RawRequest, Rejection } from '../../src/domain/channel.ts';
import type { Channel, Clock } from './channel.ts';
import { receiveJson } from './json-provider.ts';
import type { Verified } from './platform-scheme.ts';
import { requireParameter } from './query-reader.ts';
import { isRejected, rejected, requireHeader, validSecrets } from './request-reader.ts';
import { matchSecrets, matchToken } from './secret-match.ts';
import { findTypeField } from './type-reader.ts';

/**
 * Gerrit's plugin `webhooks`: it signs nothing, so a token in the URL, or a user and a password.
 *
 * Source: `GerritCodeReview/plugins_webhooks`, `HttpSession` and `HttpClientProvider`.
 */
export const gerrit: Channel = {
  methods: ['POST'],
  secretParameters: ['token'],
  receive: receiveJson({
    verifierOf: ({ scheme }) => (scheme === 'basic' ? verifyBasic : verifyUrlToken),
    canBeForm: false,
    findType: (_, parsed) => findTypeField(parsed, 'type'),
    typeMissing: 'Send "type" in the body',
    typePlace: '"type" in the body',
  }),
};

function verifyUrlToken(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  const token = requireParameter(request, 'token', 'token_missing');
  if (isRejected(token)) return token;
  const secretIds = matchToken(validSecrets(integration, 'token', clock), token);
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  return rejected(
    'token_mismatch',
    'The token in the url of webhooks.config must be one of this integration, percent-encoded',
  );
}

/** Gerrit's HTTP client sends the password only after it was asked for it. */
const challenge = 'Basic realm="durahook"';

function verifyBasic(
  request: RawRequest,
  integration: Integration,
  clock: Clock,
): Verified | Rejection {
  const given = requireHeader(request, 'Authorization', 'token_missing');
  if (isRejected(given)) return given.reason === 'token_missing' ? { ...given, challenge } : given;
  const { username } = integration;
  // Without a user nobody can be it.
  const secrets = username === null ? [] : validSecrets(integration, 'password', clock);
  const { secretIds } = matchSecrets(secrets, [sha256(readCredentials(given))], (value) =>
    sha256(Buffer.from(`${username}:${value}`)),
  );
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  const detail =
    'The user and the password in the url of webhooks.config must be those of this integration';
  return { ...rejected('token_mismatch', detail), challenge };
}

/** `user:password` in bytes; empty where the header is not of the form `Basic <base64>`. */
function readCredentials(authorization: string): Buffer {
  const [, base64 = ''] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : Buffer.alloc(0);
}

/** Compared as digests: no time tells a length. */
function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
