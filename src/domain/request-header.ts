/** Of the connection, of the body, and what the platform says of itself and of the event. */
const own =
  /^(?:host|connection|keep-alive|transfer-encoding|upgrade|expect|te|trailer|proxy-.+|content-(?:type|length|encoding)|user-agent|traceparent|tracestate|webhook-.+|x-webhook-.+|ce-.+)$/;

/**
 * Whether the platform alone says what a header of an attempt holds, also where it sends none.
 *
 * @param name - in lower case
 */
export function isOwnHeader(name: string): boolean {
  return own.test(name);
}
