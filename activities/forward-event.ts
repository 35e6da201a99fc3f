import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import type { ForwardInput } from '../src/domain/activities.ts';
import { findEvent } from '../src/store/events.ts';
import type { EventRow } from '../src/store/tables.ts';
import type { Answer, HttpClient } from './http.ts';

export interface ForwardParts {
  readonly db: Knex;
  readonly http: HttpClient;
  readonly userAgent: string;
  /** Why a URL may not be posted to; its address is judged when it is dialled. */
  readonly refuseUrl: (raw: string) => string | undefined;
}

/** Long enough for a slow receiver, short enough for the 30 s of the activity. */
const timeoutMs = 10_000;

/** 4xx that another attempt may well turn into a 2xx. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * POST an event, or what a trigger makes of it, to an address. The receiver tells repeats by
 * `webhook-id`, the event's id.
 *
 * @throws ApplicationFailure `ForwardFailed`; not retried when the address is refused or the answer
 *   will be the same again
 */
export async function forwardEvent(
  { db, http, userAgent, refuseUrl }: ForwardParts,
  { tenantId, eventId, url, data }: ForwardInput,
): Promise<{ status: number }> {
  const refusal = refuseUrl(url);
  if (refusal !== undefined) throw failed(`Cannot forward to ${placeOf(url)}: ${refusal}`, false);
  const event = await findEvent(db, eventId, tenantId);
  if (!event) throw failed(`The event "${eventId}" is gone`, false);
  const headers = {
    'content-type': data === null ? contentTypeOf(event) : 'application/json',
    'user-agent': userAgent,
    'webhook-id': event.id,
    'x-webhook-event': event.type,
    ...(event.traceparent !== null && { traceparent: event.traceparent }),
  };
  const body = data === null ? event.body : Buffer.from(JSON.stringify(data));
  const answer = await http.post({ url, headers, body, timeoutMs });
  if (answer.status !== null && answer.reason === null) return { status: answer.status };
  throw failed(`Cannot forward to ${placeOf(url)}: ${whyOf(answer)}`, isPassing(answer));
}

/** Without path and query, which may hold a token. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'this address';
}

function contentTypeOf({ content_type }: EventRow): string {
  return content_type ?? 'application/octet-stream';
}

function whyOf({ status, reason }: Answer): string {
  if (status !== null) return `it answered ${status}`;
  return reason === 'blocked' ? 'the address is not on the public internet' : String(reason);
}

function isPassing({ status, reason }: Answer): boolean {
  if (status === null) return reason !== 'blocked';
  return status < 400 || status > 499 || passingStatuses.has(status);
}

function failed(message: string, isRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'ForwardFailed',
    message,
    nonRetryable: !isRetryable,
  });
}
