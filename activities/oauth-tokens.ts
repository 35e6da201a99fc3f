import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OpenedAuth } from '../src/runtime/endpoint-auth.ts';
import type { Answer, HttpClient } from './http.ts';

type OauthAuth = Extract<OpenedAuth, { kind: 'oauth2' }>;

/** Who asks for a token. */
export interface Asker {
  readonly endpointId: string;
  readonly auth: OauthAuth;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/** `failure` says what the token endpoint did, and nothing that is secret. */
export type TokenAnswer = { readonly token: string } | { readonly failure: string };

/** The access tokens of a process: OAuth 2.0, client credentials (RFC 6749, section 4.4). */
export interface Tokens {
  /** The token of an endpoint; fetched when there is none, once for all that ask meanwhile. */
  get(asker: Asker): Promise<TokenAnswer>;
  /** Forget a token that its consumer refused: the next attempt fetches another. */
  forget(endpointId: string, token: string): void;
}

/** Where the token endpoint does not say how long a token is good. */
const lifetimeMs = 300_000;

/** So long before its end a token is fetched anew: the clocks differ, and the POST is still to come. */
const spareMs = 30_000;

/** Endpoints whose token is kept, at about 1 KiB each; beyond it the oldest is fetched anew. */
const endpointsMax = 10_000;

interface Kept {
  /** Tells a token of other credentials, whose secret was changed. */
  readonly credentials: string;
  readonly answer: Promise<TokenAnswer>;
  token: string | undefined;
  /** By the monotonic clock; unknown while it is fetched. */
  endsAt: number | undefined;
}

export function makeTokens(http: Pick<HttpClient, 'post'>): Tokens {
  const kept = new Map<string, Kept>(); // The one fetched longest ago is the first.

  function begin(asker: Asker, credentials: string): Kept {
    const fetching = fetchToken(http, asker);
    const entry: Kept = {
      credentials,
      token: undefined,
      endsAt: undefined,
      answer: fetching.then((fetched) => {
        if ('failure' in fetched) {
          if (kept.get(asker.endpointId) === entry) kept.delete(asker.endpointId);
          return fetched;
        }
        entry.token = fetched.token;
        entry.endsAt = performance.now() + fetched.goodForMs - spareMs;
        return { token: fetched.token };
      }),
    };
    return entry;
  }

  return {
    get(asker) {
      const { endpointId, auth } = asker;
      const credentials = digestOf(auth);
      const found = kept.get(endpointId);
      const isGood = found?.endsAt === undefined || performance.now() < found.endsAt;
      if (found?.credentials === credentials && isGood) return found.answer;
      const entry = begin(asker, credentials);
      kept.delete(endpointId);
      kept.set(endpointId, entry);
      if (kept.size > endpointsMax) kept.delete(kept.keys().next().value ?? '');
      return entry.answer;
    },
    forget(endpointId, token) {
      if (kept.get(endpointId)?.token === token) kept.delete(endpointId);
    },
  };
}

function digestOf({ token_url, client_id, client_secret, scope }: OauthAuth): string {
  const text = JSON.stringify([token_url, client_id, client_secret, scope]);
  return createHash('sha256').update(text).digest('base64');
}

async function fetchToken(
  http: Pick<HttpClient, 'post'>,
  { auth, userAgent, timeoutMs }: Asker,
): Promise<{ token: string; goodForMs: number } | { failure: string }> {
  const { token_url: url, client_id, client_secret, scope } = auth;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== null) form.set('scope', scope);
  // RFC 6749, section 2.3.1: each half is encoded before the two are joined.
  const pair = [client_id, client_secret]
    .map((half) => encodeURIComponent(half.replaceAll(/\p{Cs}/gu, '\ufffd')))
    .join(':');
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': userAgent,
  };
  return readToken(
    await http.post({ url, headers, body: Buffer.from(form.toString()), timeoutMs }),
  );
}

const tokenSchema = z.object({
  // In a header: anything else there would break it.
  access_token: z.string().regex(/^[\u0021-\u007e]{1,8192}$/),
  token_type: z.string().regex(/^bearer$/i),
  // The token is good without: some servers send null, or nothing that is a number.
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** RFC 6749, section 5.2. Any other text of an answer is not repeated: it could hold what we sent. */
const errorSchema = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ]),
});

function readToken({
  status,
  reason,
  body,
}: Answer): { token: string; goodForMs: number } | { failure: string } {
  if (status === null) return { failure: `The token endpoint did not answer: ${reason}` };
  const said = parse(body);
  if (reason !== null) {
    const error = errorSchema.safeParse(said);
    const why = error.success ? ` ${error.data.error}` : '';
    return { failure: `The token endpoint answered ${status}${why}` };
  }
  const parsed = tokenSchema.safeParse(said);
  if (!parsed.success) {
    return { failure: `The token endpoint answered ${status} without a bearer token` };
  }
  const { access_token: token, expires_in: seconds } = parsed.data;
  return { token, goodForMs: seconds === undefined ? lifetimeMs : seconds * 1000 };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
