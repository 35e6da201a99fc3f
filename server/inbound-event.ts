import { createHash } from 'node:crypto';
import type { Integration, RawRequest, Received } from '../src/domain/channel.ts';
import type { Event } from '../src/domain/event.ts';
import { percentDecode } from '../src/runtime/body.ts';
import { makeId } from '../src/runtime/ids.ts';
import { headersOf } from './channels/request-reader.ts';
import { toTraceparent } from './traceparent.ts';

/** Headers that carry a secret by themselves: kept as `***`. */
const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'x-forwarded-authorization',
  'cookie',
  'x-gitlab-token',
  'x-gitee-token',
]);

/** A request, whom it was for, and when it came. */
export interface Judged {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly now: Date;
}

/**
 * Make the event to record of what a channel has verified.
 *
 * @param secretParameters - of the query: kept as `***`
 */
export function makeInboundEvent(
  received: Extract<Received, { kind: 'event' }>,
  { request, integration, now }: Judged,
  secretParameters: readonly string[],
): Event {
  const headers = mergeHeaders(request);
  return {
    id: makeId('evt', now),
    tenantId: integration.tenantId,
    direction: 'inbound',
    source: integration.channel,
    type: received.type,
    integrationId: integration.id,
    dedupeId: toStorableId(received.dedupeId),
    receivedAt: now,
    contentType: headers['content-type'] ?? null,
    headers,
    query: redactQuery(request.query, secretParameters),
    body: received.body,
    traceparent: toTraceparent(headers['traceparent']),
  };
}

/** Put `***` for the values of query parameters that carry a secret; the rest stays as sent. */
export function redactQuery(query: string, names: readonly string[]): string {
  if (names.length === 0) return query;
  const items = query.split('&').map((item) => {
    const [name = ''] = item.split('=', 1);
    return names.includes(percentDecode(name).toString('utf8')) ? `${name}=***` : item;
  });
  return items.join('&');
}

/** Lower-case names; what was sent several times is joined by `, `, as HTTP reads it. */
export function mergeHeaders(request: RawRequest): Record<string, string> {
  const merged = [...headersOf(request)].map(([name, values]) => {
    const kept = secretHeaders.has(name) ? values.map(() => '***') : values;
    return [name, kept.join(', ')] as const;
  });
  return Object.fromEntries(merged);
}

/** An index entry of PostgreSQL holds about 2,700 bytes; honest ids stay far below this. */
const dedupeIdLengthMax = 255;

/** What no column can hold (too long, a NUL, half a surrogate pair) is represented by its hash. */
function toStorableId(id: string | null): string | null {
  if (id === null) return null;
  const isStorable = id.length <= dedupeIdLengthMax && !id.includes('\0') && isWellFormed(id);
  return isStorable ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
