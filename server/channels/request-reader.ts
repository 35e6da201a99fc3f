import { isStillValid } from '../../src/domain/channel.ts';
import type {
  Evidence,
  Integration,
  IntegrationSecret,
  RawRequest,
  Rejection,
  RejectionReason,
} from '../../src/domain/channel.ts';
import type { Clock } from './channel.ts';

/** Refuse a request. `detail` says what to change and tells no secret; `evidence` is not answered. */
export function rejected(reason: RejectionReason, detail: string, evidence?: Evidence): Rejection {
  return { kind: 'rejected', reason, detail, ...(evidence && { evidence }) };
}

/** Tell a refusal from what was read. */
export function isRejected(read: unknown): read is Rejection {
  return typeof read === 'object' && read !== null && 'kind' in read && read.kind === 'rejected';
}

/**
 * Read a header that may occur once. Empty counts as absent.
 *
 * @returns the value without blanks around it, `undefined`, or a refusal when it occurs twice
 */
export function findHeader(request: RawRequest, name: string): string | undefined | Rejection {
  const [value, second] = listHeader(request, name);
  if (second !== undefined) {
    return rejected('duplicate_parameter', `Send the header ${name} once`);
  }
  return value === '' ? undefined : value;
}

/** Read a header that must occur once; `reason` is for when it is absent or empty. */
export function requireHeader(
  request: RawRequest,
  name: string,
  reason: RejectionReason,
): string | Rejection {
  return findHeader(request, name) ?? rejected(reason, `Send the header ${name}`);
}

/** Every occurrence of a header, in order, without blanks around the values. */
export function listHeader(request: RawRequest, name: string): readonly string[] {
  return headersOf(request).get(name.toLowerCase()) ?? [];
}

/** The headers of a request by lower-case name; read once, for a channel asks for many of them. */
export function headersOf(request: RawRequest): ReadonlyMap<string, readonly string[]> {
  const known = headersOfRequests.get(request);
  if (known) return known;
  const headers = new Map<string, string[]>();
  for (const [sent, value] of request.headers) {
    const name = sent.toLowerCase();
    const values = headers.get(name);
    if (values) values.push(trimBlanks(value));
    else headers.set(name, [trimBlanks(value)]);
  }
  headersOfRequests.set(request, headers);
  return headers;
}

const headersOfRequests = new WeakMap<RawRequest, ReadonlyMap<string, readonly string[]>>();

/** Blanks of HTTP only: `trim()` would also take U+00A0, which may be a part of a value. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** Refuse compressed bodies: what was signed are the bytes as they came. */
export function refuseEncoding(request: RawRequest): Rejection | undefined {
  const coding = findHeader(request, 'Content-Encoding');
  if (isRejected(coding)) return coding;
  if (coding === undefined || coding.toLowerCase() === 'identity') return undefined;
  return rejected('unsupported_content_encoding', 'Send the body without Content-Encoding');
}

/** The media type in lower case, without parameters; empty when none was sent. */
export function readMediaType(request: RawRequest): string | Rejection {
  const sent = findHeader(request, 'Content-Type');
  if (isRejected(sent)) return sent;
  const [type = ''] = (sent ?? '').split(';');
  return trimBlanks(type).toLowerCase();
}

/** Refuse what cannot be the name of an event type. `place` is where the sender put it. */
export function refuseType(type: string, place: string): Rejection | undefined {
  if (/^[A-Za-z0-9_.:/-]{1,128}$/.test(type)) return undefined;
  return rejected(
    'event_type_missing',
    `${place} must be 1 to 128 letters, digits or any of "_.:/-"`,
  );
}

/** The secrets of a kind that are valid now; all of them are to be tried. */
export function validSecrets(
  { secrets }: Integration,
  kind: string,
  { now }: Pick<Clock, 'now'>,
): IntegrationSecret[] {
  return secrets.filter((secret) => secret.kind === kind && isStillValid(secret.expiresAt, now));
}
