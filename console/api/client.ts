import { makeClient } from '../../src/client/index.ts';
import { toProblem, unreachable } from './problem.ts';
import { makeSignalStore } from './signal-store.ts';

/** Whether this browser is logged in: `ended` and `none` come with a 401. */
export const login = makeSignalStore<'open' | 'ended' | 'none'>('open');

/** Whether the server answered last time. */
export const connection = makeSignalStore<'up' | 'lost'>('up');

/** The API, typed by its OpenAPI document. The session's cookie is its key. */
export const api = makeClient({ baseUrl: window.location.origin });

api.use({
  onResponse: ({ response }) => {
    connection.set(isGatewayAway(response) ? 'lost' : 'up');
  },
  onError: ({ error }) => {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    connection.set('lost');
    return unreachable();
  },
});

/**
 * The data of an answer: `answerOf(api.GET('/v1/events/{id}', { params: { path: { id } } }))`.
 *
 * @throws ApiProblem for everything that is no success
 */
export async function answerOf<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T; // A 204 has none, and its type says so.
  const problem = toProblem(response.status, error);
  if (response.status === 401) login.set(problem.said.code === 'login-needed' ? 'ended' : 'none');
  throw problem;
}

/** A proxy in front of us that finds nobody: it speaks no problem+json, we always do. */
function isGatewayAway({ status, headers }: Response): boolean {
  const isOurs = (headers.get('Content-Type') ?? '').includes('json');
  return [502, 503, 504].includes(status) && !isOurs;
}
