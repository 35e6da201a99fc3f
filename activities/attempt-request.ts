import type { Knex } from 'knex';
import { openEndpointSecrets } from '../src/runtime/delivery-request.ts';
import { openAuth } from '../src/runtime/endpoint-auth.ts';
import { endpointRequest, shownHeaders } from '../src/runtime/endpoint-request.ts';
import type { EndpointRequest, EndpointRequestParts } from '../src/runtime/endpoint-request.ts';
import type { Sealer } from '../src/runtime/sealing.ts';
import type { EndpointRow } from '../src/store/delivery-tables.ts';
import { withoutSecrets } from './answer-secrets.ts';
import type { ClientCertificate } from './http-agents.ts';
import { noTimings } from './http.ts';
import type { Answer, HttpClient } from './http.ts';
import type { Tokens } from './oauth-tokens.ts';

export interface RequestParts {
  readonly db: Knex;
  readonly sealer: Sealer;
  readonly http: HttpClient;
  readonly tokens: Tokens;
  /** Milliseconds a consumer has to answer, where its endpoint does not say. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** What is sent to an endpoint, and as which attempt. */
export interface Sending extends Pick<
  EndpointRequestParts,
  'webhookId' | 'event' | 'number' | 'startedAt'
> {
  readonly endpoint: EndpointRow;
  /** A test event, and no attempt of a delivery. */
  readonly isTest?: boolean;
  /** How the consumer may acknowledge it later: sent, and never shown. */
  readonly ackHeaders?: Readonly<Record<string, string>>;
}

export interface Sent {
  readonly answer: Answer;
  /** As it may be shown: without credentials. Empty when nothing was posted. */
  readonly request: EndpointRequest;
  /** What token and POST had together. */
  readonly deadlineMs: number;
}

/**
 * POST once to an endpoint: in its format, with its headers and auth, signed with the secrets that
 * are valid now. Body and `webhook-id` are the same in every attempt.
 *
 * Any outcome is an answer. Without what the endpoint's auth needs nothing is posted: the reason is
 * then `auth`, and the body says what the token endpoint did.
 */
export async function sendRequest(parts: RequestParts, sending: Sending): Promise<Sent> {
  const { endpoint, startedAt, isTest = false } = sending;
  const deadlineMs = endpoint.timeout_ms ?? parts.timeoutMs;
  const secrets = await openEndpointSecrets(parts, endpoint.id, startedAt);
  const askedAt = performance.now();
  const credentials = await findCredentials(parts, endpoint, deadlineMs);
  const authMs = Math.round(performance.now() - askedAt);
  if (credentials.failure !== undefined) {
    return { answer: failedAuth(credentials.failure, authMs), request: noRequest, deadlineMs };
  }
  const { authorization = null, certificate } = credentials;
  const { userAgent } = parts;
  const request = endpointRequest({ ...sending, secrets, userAgent, authorization, isTest });
  const timeoutMs = Math.max(deadlineMs - authMs, 1);
  const headers = { ...request.headers, ...sending.ackHeaders };
  const post = { url: endpoint.url, body: request.body, headers, timeoutMs, certificate };
  const answer = await parts.http.post(post);
  const secret = [...credentials.secrets, sending.ackHeaders?.['webhook-ack-token']];
  if (answer.status === 401 && credentials.token !== undefined) {
    parts.tokens.forget(endpoint.id, credentials.token);
  }
  return {
    answer: { ...withoutSecrets(answer, secret), durationMs: authMs + answer.durationMs },
    request: { ...request, headers: shownHeaders(request.headers) },
    deadlineMs,
  };
}

const noRequest: EndpointRequest = { headers: {}, body: Buffer.alloc(0) };

/** What a consumer is shown to know us by. */
interface Credentials {
  readonly authorization?: string;
  /** What is secret in `authorization`, in each form that may be echoed. */
  readonly secrets: readonly string[];
  readonly certificate?: ClientCertificate;
  /** The access token in `authorization`. */
  readonly token?: string;
  /** Why there are none. */
  readonly failure?: string;
}

async function findCredentials(
  { sealer, tokens, userAgent }: RequestParts,
  endpoint: EndpointRow,
  timeoutMs: number,
): Promise<Credentials> {
  const auth = openAuth(sealer, endpoint);
  switch (auth?.kind) {
    case undefined:
      return { secrets: [] };
    case 'basic': {
      const pair = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
      return { authorization: `Basic ${pair}`, secrets: [pair, auth.password] };
    }
    case 'bearer':
      return { authorization: `Bearer ${auth.token}`, secrets: [auth.token] };
    case 'mtls':
      return { certificate: auth, secrets: [] };
    case 'oauth2': {
      const got = await tokens.get({ endpointId: endpoint.id, auth, userAgent, timeoutMs });
      if ('failure' in got) return { ...got, secrets: [] };
      const { token } = got;
      return { authorization: `Bearer ${token}`, secrets: [token], token };
    }
  }
}

function failedAuth(detail: string, durationMs: number): Answer {
  const nothing = { status: null, headers: {}, retryAfterMs: null, timings: noTimings };
  return { ...nothing, reason: 'auth', body: Buffer.from(detail), durationMs };
}
