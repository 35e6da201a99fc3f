/** Ids in addresses: anything else is answered 404 without a look at the database. */
export const idPattern = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * The instant that an id carries (the first 48 bits of its UUIDv7), to the millisecond.
 *
 * Rows of tables that are partitioned by day are found by their id alone because of it.
 *
 * @returns `undefined` for an id that is not prefix + 32 hex digits
 */
export function instantOf(id: string): Date | undefined {
  const [, hex] = /^[a-z]{2,4}_([0-9a-f]{12})[0-9a-f]{20}$/.exec(id) ?? [];
  return hex === undefined ? undefined : new Date(Number.parseInt(hex, 16));
}

/**
 * The least id of a kind that an instant can have: `id >= idBound('evt', from)` is "at or after it".
 *
 * @param prefix - as `evt`
 * @param at - from 1970 on
 */
export function idBound(prefix: string, at: Date): string {
  return `${prefix}_${at.getTime().toString(16).padStart(12, '0')}`;
}

/**
 * Ids with the first and last of the instants in them, between which the partitions of their rows lie.
 * Without these every partition is read from end to end; as 1,000 pairs of id and instant, they take
 * PostgreSQL seconds to plan. An id that carries none is left out: no row has it.
 */
export function datedIds(ids: readonly string[]): {
  readonly ids: string[];
  readonly first: Date;
  readonly last: Date;
} {
  const dated = ids.flatMap((id) => {
    const at = instantOf(id);
    return at ? [{ id, at }] : [];
  });
  const instants = dated.map(({ at }) => at).toSorted((a, b) => +a - +b);
  const [first = new Date(0)] = instants;
  return { ids: dated.map(({ id }) => id), first, last: instants.at(-1) ?? first };
}
