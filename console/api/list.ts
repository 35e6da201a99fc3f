import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useSearchTexts, useSetSearch } from '../address.ts';
import type { ApiProblem } from './problem.ts';
import { read, readKey } from './read.ts';
import type { Answer, GetPath, Query, ReadOptions } from './read.ts';
import { nextReadMs } from './refresh.ts';

/** Paths that answer `{data, next_cursor}`. */
export type ListPath = {
  [P in GetPath]: Answer<P> extends { data: readonly unknown[]; next_cursor: string | null }
    ? P
    : never;
}[GetPath];

/** One row of such a path. */
export type Row<P extends ListPath> = Answer<P> extends { data: readonly (infer R)[] } ? R : never;

/** Forward and back; undefined where there is no more. */
export interface Pager {
  readonly next: (() => void) | undefined;
  readonly previous: (() => void) | undefined;
}

/** A list as `DataTable` shows it: loading while it has neither rows nor a problem. */
export interface ListView<R> {
  readonly rows: readonly R[] | undefined;
  readonly problem: ApiProblem | null;
  readonly isFetching: boolean;
  readonly retry: () => void;
  readonly pager?: Pager;
}

/** Rows of a page, as many as fit on a few screens. */
export const pageSize = 50;

/**
 * One page of a list: `useList('/v1/events', { type: 'session.created' })`.
 *
 * The page is in the address as `cursor`, so that the browser's back is the page before. Only the page that is shown
 * is kept.
 */
export function useList<P extends ListPath>(
  path: P,
  filters: Query,
  { id, everyMs = false }: Pick<ReadOptions, 'id' | 'everyMs'> = {},
): ListView<Row<P>> {
  const { cursor } = useSearchTexts();
  const options = {
    query: { ...filters, limit: String(pageSize), cursor },
    ...(id !== undefined && { id }),
  };
  const result = useQuery<ListAnswer<Row<P>>, ApiProblem>({
    queryKey: readKey(path, options),
    queryFn: async ({ signal }) => (await read(path, options, signal)) as ListAnswer<Row<P>>,
    refetchInterval: ({ state }) => nextReadMs(everyMs, state.error),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const pager = usePager(result.data?.next_cursor ?? undefined);
  // Not while the same page is only read again: its buttons would come and go, and the keyboard's place with them.
  return { ...viewOf(result, ({ data }) => data), isFetching: result.isPlaceholderData, pager };
}

interface ListAnswer<R> {
  readonly data: readonly R[];
  readonly next_cursor: string | null;
}

/** A list that comes in one piece: `viewOf(useRead('/v1/triggers'), ({ data }) => data)`. */
export function viewOf<A, R>(
  result: {
    readonly data: A | undefined;
    readonly error: ApiProblem | null;
    readonly isFetching: boolean;
    readonly refetch: (options: { readonly cancelRefetch: boolean }) => Promise<unknown>;
  },
  rowsOf: (answer: A) => readonly R[],
): ListView<R> {
  const { data, error, isFetching, refetch } = result;
  return {
    rows: data === undefined ? undefined : rowsOf(data),
    problem: error,
    isFetching,
    // What is under way is let finish: a slow list that is asked again and again would never show anything.
    retry: () => void refetch({ cancelRefetch: false }),
  };
}

function usePager(nextCursor: string | undefined): Pager {
  const { cursor } = useSearchTexts();
  const setSearch = useSetSearch();
  const listPage = useLocation({ select: ({ state }) => state.listPage ?? 0 });
  // Whoever came by a link has no page before in the history: then back is the beginning.
  const back = (): void => {
    if (listPage > 0) window.history.back();
    else setSearch({ cursor: undefined });
  };
  return {
    previous: cursor === undefined ? undefined : back,
    next:
      nextCursor === undefined
        ? undefined
        : () => setSearch({ cursor: nextCursor }, { listPage: listPage + 1 }),
  };
}
