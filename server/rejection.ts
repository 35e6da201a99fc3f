import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { rejectionReasons } from '../src/domain/channel.ts';
import type { RejectionReason } from '../src/domain/channel.ts';
import { problems } from '../src/domain/problem.ts';
import { drain } from './raw-request.ts';

/** Why the ingress did not take a request: the channel's reasons, and two that come before any channel. */
export type Refusal = RejectionReason | 'not_found' | 'unavailable';

/** How long a sender should wait while events cannot be stored, in seconds. */
const retryAfterS = 5;

const titles: Readonly<Record<Refusal, string>> = {
  method_not_allowed: 'The address does not take this method',
  body_too_large: 'The body is too large',
  parameter_missing: 'A parameter is missing',
  duplicate_parameter: 'A parameter occurs more than once',
  signature_missing: 'The request is not signed',
  signature_malformed: 'The signature does not have the form of its scheme',
  signature_mismatch: 'The signature matches no valid secret',
  timestamp_missing: 'The timestamp is missing',
  timestamp_malformed: 'The timestamp is not a number of the unit it must have',
  timestamp_out_of_tolerance: 'The timestamp is too far from our clock',
  token_missing: 'The token is missing',
  token_mismatch: 'The token matches no valid secret',
  encryption_required: 'The body must be encrypted',
  encrypt_key_missing: 'The body is encrypted and there is no key for it',
  decrypt_failed: 'The body cannot be decrypted',
  receive_id_mismatch: 'The message is for another receiver',
  unsupported_content_type: 'The content type is not taken',
  unsupported_content_encoding: 'The content encoding is not taken',
  malformed_body: 'The body does not have its form',
  event_type_missing: 'The event type is missing',
  not_found: problems['not-found'].title,
  unavailable: problems.unavailable.title,
};

/**
 * Answer a refusal as `application/problem+json` (RFC 9457) with its `reason`.
 *
 * @param detail - what to change; must tell no secret
 */
export function renderRefusal(ctx: Context, reason: Refusal, detail: string): void {
  const status = statusOf(reason);
  const problem = {
    type: `/problems/${reason.replaceAll('_', '-')}`,
    title: titles[reason],
    status,
    reason,
    detail,
    request_id: requestIdOf(ctx),
  };
  ctx.status = status;
  if (status === 503) ctx.set('Retry-After', String(retryAfterS));
  if (status === 413) closeAfter(ctx, JSON.stringify(problem));
  else ctx.body = problem;
  ctx.type = 'application/problem+json';
}

/** The id that the answer carries in `X-Request-Id`; one is made where there is none yet. */
export function requestIdOf(ctx: Context): string {
  if (!ctx.response.get('X-Request-Id')) ctx.set('X-Request-Id', randomUUID());
  return ctx.response.get('X-Request-Id');
}

function statusOf(reason: Refusal): number {
  if (reason === 'not_found') return problems['not-found'].status;
  if (reason === 'unavailable') return problems.unavailable.status;
  return rejectionReasons[reason];
}

/** The whole answer first, its end only when the sender has had time to read it. */
function closeAfter(ctx: Context, text: string): void {
  async function* answerThenDrain(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
    await drain(ctx.req);
  }
  ctx.set('Connection', 'close');
  ctx.body = Readable.from(answerThenDrain());
  ctx.length = Buffer.byteLength(text);
}
