import type { IntegrationSecret, RawRequest, Rejection } from '../../src/domain/channel.ts';
import { decodeText } from '../../src/runtime/body.ts';
import type { Verified } from './platform-scheme.ts';
import { isRejected, rejected, requireHeader } from './request-reader.ts';
import { matchToken } from './secret-match.ts';

/** A header that carries the secret itself, and whose it may be. */
export interface TokenHeader {
  readonly name: string;
  readonly secrets: readonly IntegrationSecret[];
  /** What to change when none is it. */
  readonly hint: string;
}

/** Verify a header that is the secret itself; it proves nothing about the body. */
export function verifyTokenHeader(
  request: RawRequest,
  { name, secrets, hint }: TokenHeader,
): Verified | Rejection {
  const given = requireHeader(request, name, 'token_missing');
  if (isRejected(given)) return given;
  const secretIds = matchToken(secrets, asText(given));
  if (secretIds.length > 0) return { signed: [request.body], secretIds };
  return rejected('token_mismatch', hint);
}

/** HTTP hands a header on as Latin-1; a secret that is no ASCII was sent as UTF-8. */
function asText(header: string): string {
  return decodeText(Buffer.from(header, 'latin1')) ?? header;
}
