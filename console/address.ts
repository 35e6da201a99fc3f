import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

/** The part of an address behind `?`: names and texts, nothing else. */
export type Search = Readonly<Record<string, string>>;

/** Of a name that is given twice the last one counts. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

/** With its `?`; empty when nothing is asked. Empty and missing values are left out. */
export function formatSearch(search: Readonly<Record<string, unknown>>): string {
  const kept = Object.entries(search).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && value !== '' ? [[name, value]] : [],
  );
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept).toString()}`;
}

/** The page's `$id`. Empty on a page without one. */
export function useId(): string {
  const params: Readonly<Record<string, string | undefined>> = useParams({ strict: false });
  return params['id'] ?? '';
}

/** What the address asks. */
export function useSearchTexts(): Search {
  const text = useLocation({ select: ({ searchStr }) => searchStr });
  return useMemo(() => parseSearch(text), [text]);
}

/**
 * Change what the address asks; `undefined` and empty texts take a name away.
 *
 * The browser's history grows by one entry, unless `replace`.
 */
export function useSetSearch(): (
  changes: Readonly<Record<string, string | undefined>>,
  options?: { readonly replace?: boolean; readonly listPage?: number },
) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes, { replace = false, listPage = 0 } = {}) => {
      void navigate({
        to: '.',
        // Of where the router is by now: the page may not have shown the change before this one yet.
        search: (asked: object) => parseSearch(formatSearch({ ...asked, ...changes })),
        replace,
        state: (state) => ({ ...state, listPage }),
      });
    },
    [navigate],
  );
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** How many pages forward of a list led here; going back is the browser's own. */
    listPage?: number;
  }
}
