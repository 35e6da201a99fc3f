import type { Dispatcher } from 'undici';
import { waitMaxMs } from '../src/domain/retry.ts';
import { EgressBlocked } from '../src/runtime/egress.ts';

/** Why an attempt failed; part of the API. */
export type FailureReason =
  | 'timeout'
  | 'status'
  | 'gone'
  | 'connect'
  | 'dns'
  | 'tls'
  | 'blocked'
  | 'too_large'
  | 'protocol'
  | 'auth';

/** What the head of an answer says. */
export interface Judgement {
  readonly status: number;
  /** Null when it is a 2xx. */
  readonly reason: FailureReason | null;
  /** At most an hour; null when it does not ask for a wait. */
  readonly retryAfterMs: number | null;
}

export function judge({ statusCode, headers }: Dispatcher.ResponseData): Judgement {
  const isDelivered = statusCode >= 200 && statusCode <= 299;
  const retryAfterMs = [429, 503].includes(statusCode) ? waitOf(headers['retry-after']) : null;
  const failure = statusCode === 410 ? 'gone' : 'status';
  return { status: statusCode, reason: isDelivered ? null : failure, retryAfterMs };
}

/** `Retry-After` in seconds or as an HTTP date, in milliseconds from now. */
function waitOf(value: string | string[] | undefined): number | null {
  const text = String(value ?? '').trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return waitMs >= 0 ? Math.min(waitMs, waitMaxMs) : null;
}

const reasonOfCode: ReadonlyMap<string, FailureReason> = new Map([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['ENODATA', 'dns'],
  ['UND_ERR_HEADERS_OVERFLOW', 'too_large'],
  ['UND_ERR_SOCKET', 'connect'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['HPE_HEADER_OVERFLOW', 'too_large'],
  ['ERR_ASSERTION', 'protocol'], // Undici's of a 101.
]);

/** Why there is no answer. */
export function reasonOf(error: unknown): FailureReason {
  if (error instanceof EgressBlocked) return 'blocked';
  if (!(error instanceof Error)) return 'connect';
  // An answer that nobody asked for, as 100: undici gives it the code of a broken connection.
  if (/^bad (?:upgrade|response)$/.test(error.message)) return 'protocol';
  const code = 'code' in error ? String(error.code) : '';
  const known = reasonOfCode.get(code);
  if (known) return known;
  if (/CERT|TLS|SSL|SELF_SIGNED|ALTNAME|UNABLE_TO_/.test(code)) return 'tls';
  // Undici's parser error has no code for what does not even begin like HTTP.
  const isGarbage = error.name === 'HTTPParserError';
  return isGarbage || /^(?:HPE_|UND_ERR_)/.test(code) ? 'protocol' : 'connect';
}
