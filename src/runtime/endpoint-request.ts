import { isOwnHeader } from '../domain/request-header.ts';
import type { EndpointRow } from '../store/delivery-tables.ts';
import type { EventRow } from '../store/tables.ts';
import { formatEvent } from './delivery-format.ts';
import type { FormattedEvent } from './delivery-format.ts';
import { deliveryHeaders } from './delivery-request.ts';
import type { DeliveryRequestParts } from './delivery-request.ts';

/** What the POST of an event to an endpoint is made from. */
export interface EndpointRequestParts extends Pick<
  DeliveryRequestParts,
  'webhookId' | 'secrets' | 'userAgent' | 'number' | 'startedAt'
> {
  readonly endpoint: Pick<EndpointRow, 'format' | 'headers'>;
  readonly event: FormattedEvent & Pick<EventRow, 'traceparent'>;
  /** The value of `authorization`; null = the endpoint's auth needs none. */
  readonly authorization: string | null;
  readonly isTest: boolean;
}

export interface EndpointRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What is posted to an endpoint. The same parts make the same bytes: what was sent can be shown
 * later. The endpoint's own headers never replace one of ours.
 */
export function endpointRequest(parts: EndpointRequestParts): EndpointRequest {
  const { endpoint, event, authorization, isTest } = parts;
  const formatted = formatEvent(event, endpoint.format);
  const { body } = formatted;
  const own = Object.entries(endpoint.headers).filter(([name]) => !isOwnHeader(name));
  const headers = {
    ...Object.fromEntries(own),
    ...deliveryHeaders({
      ...parts,
      eventType: event.type,
      traceparent: event.traceparent,
      body,
    }),
    ...formatted.headers,
    ...(authorization !== null && { authorization }),
    ...(isTest && { 'x-webhook-test': 'true' }),
  };
  return { headers, body };
}

/** Headers as they may be shown: a credential in `authorization` is `***`. */
export function shownHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, ...('authorization' in headers && { authorization: '***' }) };
}
