import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

/** What the API answers, by the name that it has in `/openapi.json`. */
export type Answers = components['schemas'];

/** The API, typed: `client.GET('/v1/events/{id}', { params: { path: { id } } })`. */
export type ApiClient = Client<paths>;

export interface ClientOptions {
  /** Where Durahook answers: `https://hooks.example.com`. */
  readonly baseUrl: string;
  /** `dh_…`; without it, a browser's own login counts. */
  readonly apiKey?: string;
  /** Replaces `globalThis.fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A client of the API.
 *
 * Each call resolves to `{ data, error, response }`: one of `data` and `error` (RFC 9457) is there.
 * It rejects only when the server can't be reached.
 */
export function makeClient({ baseUrl, apiKey, fetch }: ClientOptions): ApiClient {
  return createClient<paths>({
    baseUrl,
    ...(apiKey !== undefined && { headers: { Authorization: `Bearer ${apiKey}` } }),
    ...(fetch && { fetch }),
  });
}
