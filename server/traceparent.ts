/** The header `traceparent` of a request. Source: W3C Trace Context, "traceparent Header". Anything else is not handed on. */
export function toTraceparent(sent: string | undefined): string | null {
  const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
  return sent !== undefined && form.test(sent) ? sent : null;
}
