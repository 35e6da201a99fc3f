import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { pageSize, viewOf } from '../../api/list.ts';
import type { ListView } from '../../api/list.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { read, readKey } from '../../api/read.ts';
import type { Answer } from '../../api/read.ts';
import { nextReadMs } from '../../api/refresh.ts';
import type { Entry, Session } from './session-words.ts';

const path = '/v1/sessions/{id}/entries';

/** The ways to other entries of a session, by their words; undefined where there is no way. */
export type EntryMoves = Readonly<
  Record<'Earliest' | 'Earlier' | 'Later' | 'Newest', (() => void) | undefined>
>;

/** What the address asks of the entries: those after a number, those of one kind. */
interface Asked {
  readonly after: number | undefined;
  readonly kind: string | undefined;
}

/**
 * A page of the entries of a session.
 *
 * While the address asks for none, it is the newest ones, as they come; those of one kind have no numbers without
 * gaps, so they are read from the first on.
 */
export function useEntries(
  { id, entry_count: count }: Session,
  everyMs: number,
): ListView<Entry> & { readonly moves: EntryMoves } {
  const asked = useAsked();
  const newest = Math.max(0, count - pageSize);
  const after = asked.after ?? (asked.kind === undefined ? newest : 0);
  const query = { limit: String(pageSize), after: String(after), kind: asked.kind };
  const options = { id, query };
  const result = useQuery<Answer<typeof path>, ApiProblem>({
    queryKey: readKey(path, options),
    queryFn: ({ signal }) => read(path, options, signal),
    refetchInterval: ({ state }) => nextReadMs(everyMs, state.error),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const moves = useMoves(asked, after, result.data?.next_cursor ?? undefined);
  return { ...viewOf(result, ({ data }) => data), moves };
}

function useAsked(): Asked {
  const { after = '', kind } = useSearchTexts();
  return { after: /^\d{1,9}$/.test(after) ? Number(after) : undefined, kind };
}

function useMoves(asked: Asked, after: number, next: string | undefined): EntryMoves {
  const setSearch = useSetSearch();
  const isFollowing = asked.after === undefined && asked.kind === undefined;
  const to = (place: string | undefined) => () => setSearch({ after: place });
  return {
    Earliest: after > 0 ? to('0') : undefined,
    Earlier:
      after > 0 && asked.kind === undefined ? to(String(Math.max(0, after - pageSize))) : undefined,
    Later: next === undefined || isFollowing ? undefined : to(next),
    Newest: isFollowing || asked.kind !== undefined ? undefined : to(undefined),
  };
}
