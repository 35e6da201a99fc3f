import type { Knex } from 'knex';
import { deliveryHeaders, openEndpointSecrets } from '../src/runtime/delivery-request.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import type { Target } from './attempt-target.ts';
import type { Post } from './http.ts';

export interface RequestParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  /** Milliseconds a consumer has to answer, where its endpoint does not say. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** Signed with the secrets that are valid now; body and `webhook-id` are the same in every attempt. */
export async function makePost(
  parts: RequestParts,
  { delivery, endpoint, event }: Target,
  { number, startedAt }: { readonly number: number; readonly startedAt: Date },
): Promise<Post> {
  const { body, traceparent } = event;
  const secrets = await openEndpointSecrets(parts, endpoint.id, startedAt);
  const headers = deliveryHeaders({
    webhookId: delivery.id,
    eventType: event.type,
    body,
    traceparent,
    secrets,
    userAgent: parts.userAgent,
    number,
    startedAt,
  });
  return { url: endpoint.url, headers, body, timeoutMs: endpoint.timeout_ms ?? parts.timeoutMs };
}
