import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { paths } from '../../src/client/schema.ts';
import { answerOf, api } from './client.ts';
import type { ApiProblem } from './problem.ts';
import { nextReadMs } from './refresh.ts';

/** What a path answers to GET. */
export type Answer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer A } } } };
}
  ? A
  : never;

/** Paths that can be read. */
export type GetPath = {
  [P in keyof paths]: [Answer<P>] extends [never] ? never : P;
}[keyof paths];

/** Texts by name; what is undefined is not asked. */
export type Query = Readonly<Record<string, string | undefined>>;

/** So many ms; false: not again. */
type Every = number | false;

export interface ReadOptions {
  /** The `{id}` of the path. */
  readonly id?: string;
  /** Other parameters of the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
  /** Ask again every so many ms while the page is looked at, and there is such a thing. */
  readonly everyMs?: Every;
  /** False: don't ask (yet). */
  readonly isEnabled?: boolean;
}

/**
 * GET a path of the API and keep what it answers: `useRead('/v1/events/{id}', { id })`.
 *
 * `data` is the answer, `error` an `ApiProblem`.
 */
export function useRead<P extends GetPath>(
  path: P,
  options: Omit<ReadOptions, 'everyMs'> & {
    /** As that of `ReadOptions`, or decided anew by each answer: undefined before the first. */
    readonly everyMs?: Every | ((answer: Answer<P> | undefined) => Every);
  } = {},
): UseQueryResult<Answer<P>, ApiProblem> {
  const { everyMs = false, isEnabled = true } = options;
  return useQuery<Answer<P>, ApiProblem>({
    queryKey: readKey(path, options),
    queryFn: ({ signal }) => read(path, options, signal),
    refetchInterval: ({ state: { data, error } }) =>
      nextReadMs(typeof everyMs === 'function' ? everyMs(data) : everyMs, error),
    enabled: isEnabled,
  });
}

/** The key of a path's answers in the query client. */
export function readKey(
  path: string,
  { id, path: params, query }: Pick<ReadOptions, 'id' | 'path' | 'query'>,
): unknown[] {
  return [path, { id, ...params }, query ?? {}];
}

/**
 * GET a path once, outside of a component.
 *
 * @throws ApiProblem
 */
export async function read<P extends GetPath>(
  path: P,
  { id, path: params, query }: Pick<ReadOptions, 'id' | 'path' | 'query'>,
  signal?: AbortSignal,
): Promise<Answer<P>> {
  // The client's types follow one path at a time; here it is any, and `Answer` says what comes.
  const get = api.GET as unknown as (path: P, init: unknown) => Call<Answer<P>>;
  const pathParams = id === undefined ? params : { id, ...params };
  return answerOf(get(path, { params: { path: pathParams ?? {}, query: query ?? {} }, signal }));
}

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>;
