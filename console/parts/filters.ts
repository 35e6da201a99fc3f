import { useCallback, useMemo } from 'react';
import type { Query } from '../api/read.ts';
import { useSearchTexts, useSetSearch } from '../address.ts';

/** One thing to filter by. Its value is in the address, under its name, and goes to the API as it is. */
export type FilterField =
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly label: string;
      readonly placeholder?: string;
      /** Offered while it is typed; anything else may be typed too. */
      readonly suggestions?: readonly string[];
    }
  | {
      readonly kind: 'select';
      readonly name: string;
      readonly label: string;
      readonly options: readonly (string | { readonly value: string; readonly label: string })[];
      /** What is meant while nothing is chosen; "Any" without it. */
      readonly anyLabel?: string;
    }
  /** `range`, or `from` and `to`, in the address; `from` and `to` for the API. */
  | { readonly kind: 'time'; readonly label?: string };

export type SelectField = Extract<FilterField, { kind: 'select' }>;

/** The offered time ranges: name in the address, words, and length in ms. */
export const timeRanges = [
  { value: '15m', label: 'Last 15 min', ms: 900_000 },
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last 24 h', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 604_800_000 },
] as const;

/** Names in the address that a field owns. */
export function namesOf(field: FilterField): readonly string[] {
  return field.kind === 'time' ? ['range', 'from', 'to'] : [field.name];
}

/** What the address asks of the fields, as the API's query: for `useList`. */
export function useFilters(fields: readonly FilterField[]): Query {
  const search = useSearchTexts();
  const sinceMs = timeRanges.find(({ value }) => value === search['range'])?.ms;
  // To the minute, or each rendering would be another query.
  const from =
    sinceMs === undefined ? undefined : Math.floor((Date.now() - sinceMs) / 60_000) * 60_000;
  return useMemo(() => {
    const names = fields.flatMap(namesOf).filter((name) => name !== 'range');
    const query = Object.fromEntries(names.map((name) => [name, search[name]]));
    return from === undefined ? query : { ...query, from: new Date(from).toISOString() };
  }, [fields, search, from]);
}

/** Whether the address asks any of the fields. */
export function useIsFiltered(fields: readonly FilterField[]): boolean {
  const search = useSearchTexts();
  return fields.flatMap(namesOf).some((name) => search[name] !== undefined);
}

/** Changes filters, and goes to the first page of what is found. */
export function useSetFilters(): (changes: Readonly<Record<string, string | undefined>>) => void {
  const setSearch = useSetSearch();
  return useCallback(
    (changes) => setSearch({ ...changes, cursor: undefined }, { replace: true }),
    [setSearch],
  );
}

/** Takes all filters of the fields away. */
export function useClearFilters(fields: readonly FilterField[]): () => void {
  const setFilters = useSetFilters();
  return () =>
    setFilters(Object.fromEntries(fields.flatMap(namesOf).map((name) => [name, undefined])));
}
