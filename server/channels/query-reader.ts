import type { RawRequest, RejectionReason, Rejection } from '../../src/domain/channel.ts';
import { itemsOf, percentDecode } from '../../src/runtime/body.ts';
import { isRejected, rejected } from './request-reader.ts';

/**
 * Read a query parameter that may occur once. Its name matters in case; empty counts as absent.
 *
 * @returns the percent-decoded value (a `+` stays), `undefined`, or a refusal when it occurs twice
 */
export function findParameter(request: RawRequest, name: string): string | undefined | Rejection {
  const [value, second] = [...itemsOf(request.query)]
    .filter(([key]) => percentDecode(key).toString('utf8') === name)
    .map(([, sent]) => percentDecode(sent).toString('utf8'));
  if (second !== undefined) {
    return rejected('duplicate_parameter', `Send the query parameter "${name}" once`);
  }
  return value === '' ? undefined : value;
}

/** Read a query parameter that must occur once; `reason` is for when it is absent or empty. */
export function requireParameter(
  request: RawRequest,
  name: string,
  reason: RejectionReason,
): string | Rejection {
  const value = findParameter(request, name);
  if (isRejected(value)) return value;
  return value ?? rejected(reason, `Send the query parameter "${name}"`);
}
