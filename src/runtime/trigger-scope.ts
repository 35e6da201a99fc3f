import { payloadOf } from './body.ts';
import type { TriggerScope } from '../domain/trigger.ts';
import type { EventRow } from '../store/tables.ts';

/**
 * What expressions see of a stored event.
 */
export function scopeOf(
  event: Pick<
    EventRow,
    | 'id'
    | 'source'
    | 'type'
    | 'tenant_id'
    | 'received_at'
    | 'headers'
    | 'query'
    | 'body'
    | 'content_type'
  >,
  { attempt, isReplay }: { attempt: number; isReplay: boolean },
): TriggerScope {
  return {
    event: {
      id: event.id,
      source: event.source,
      type: event.type,
      tenant_id: event.tenant_id,
      received_at: event.received_at.toISOString(),
      attempt,
      replay: isReplay,
    },
    body: payloadOf({ ...event, contentType: event.content_type }),
    headers: event.headers,
    query: Object.fromEntries(new URLSearchParams(event.query.replaceAll('+', '%2B'))),
  };
}
