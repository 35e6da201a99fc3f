import { createHash } from 'node:crypto';
import type { Event } from '../domain/event.ts';
import { subscribes } from '../domain/endpoint.ts';
import type { TriggerScope } from '../domain/trigger.ts';
import type { EndpointRow } from '../store/delivery-tables.ts';
import { endpointExpression, endpointScopeOf } from './endpoint-expressions.ts';
import type { PlannedDelivery } from './recorder.ts';
import { reasonOf } from './trigger-planning.ts';

/** What a list shows of a reason in one line. */
const reasonMax = 300;

/** A longer key is as good as its digest; an index entry holds 2,700 bytes at most. */
const orderKeyMax = 200;

/** Every other request waits while expressions are evaluated: one event may hold them up no longer. */
const expressionsMaxMs = 500;

type Matched = Pick<EndpointRow, 'event_types' | 'filter' | 'order_by'>;

/** What an event is to an endpoint: sent, not for it, or skipped because nobody can tell. */
type Match =
  | { readonly kind: 'sent'; readonly orderKey: string | null }
  /** `why` in words, for a person. */
  | { readonly kind: 'unwanted'; readonly why: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * The deliveries of an event that is published: one per endpoint that wants its type and whose
 * filter is true. A filter without a value is no "no": that delivery is recorded as skipped.
 *
 * The body is looked at only where an endpoint has an expression.
 *
 * @param budgetMs - what all expressions together may take; tests pass their own
 */
export function matchEndpoints(
  event: Event,
  endpoints: readonly EndpointRow[],
  budgetMs = expressionsMaxMs,
): readonly PlannedDelivery[] {
  const scope = lazily(() => endpointScopeOf(event));
  const endsAt = performance.now() + budgetMs;
  return endpoints.flatMap((endpoint): PlannedDelivery[] => {
    const match =
      hasExpression(endpoint) && performance.now() > endsAt
        ? matchLate(endpoint, event.type, scope)
        : matchEndpoint(endpoint, event.type, scope);
    if (match.kind === 'unwanted') return [];
    if (match.kind === 'failed') return [{ endpoint, orderKey: null, failure: match.reason }];
    return [{ endpoint, orderKey: match.orderKey, failure: null }];
  });
}

/**
 * What an event is to one endpoint, as the endpoint is set today.
 *
 * @param scopeOfEvent - called when there is an expression to evaluate
 */
export function matchEndpoint(
  { event_types: wanted, filter, order_by: orderBy }: Matched,
  type: string,
  scopeOfEvent: () => TriggerScope,
): Match {
  if (!subscribes(wanted, type)) {
    return { kind: 'unwanted', why: `"${type}" is none of its event types` };
  }
  try {
    const isWanted = filter === null || endpointExpression('filter', filter)(scopeOfEvent());
    if (isWanted !== true) return { kind: 'unwanted', why: 'Its filter is false' };
  } catch (error) {
    return { kind: 'failed', reason: shortened(`filter_error: ${reasonOf(error)}`) };
  }
  return { kind: 'sent', orderKey: orderBy === null ? null : orderKeyOf(orderBy, scopeOfEvent) };
}

/** Without its expressions: they come too late. Only a filter keeps an event from being sent. */
function matchLate(endpoint: Matched, type: string, scopeOfEvent: () => TriggerScope): Match {
  const { event_types, filter } = endpoint;
  const match = matchEndpoint({ event_types, filter: null, order_by: null }, type, scopeOfEvent);
  return match.kind === 'sent' && filter !== null ? tooLong : match;
}

const tooLong: Match = {
  kind: 'failed',
  reason: 'filter_error: Was not evaluated: those of other endpoints took too long',
};

function hasExpression({ filter, order_by: orderBy }: Matched): boolean {
  return filter !== null || orderBy !== null;
}

/** A key that has no value is none: the delivery is in no order, which is no reason not to send it. */
function orderKeyOf(source: string, scopeOfEvent: () => TriggerScope): string | null {
  try {
    return keyText(endpointExpression('order_by', source)(scopeOfEvent()));
  } catch {
    return null;
  }
}

/** @returns null unless it is text, a number or a bool; the same value always gives the same key */
function keyText(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return null;
  }
  const text = String(value);
  const isStorable = text.length <= orderKeyMax && !text.includes('\0') && isWellFormed(text);
  return isStorable ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

function shortened(text: string): string {
  return Buffer.from(text.slice(0, reasonMax)).toString(); // Half a surrogate pair becomes �.
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
