import { idBound, instantOf } from '../src/domain/id.ts';
import type { After } from '../src/store/live-rows.ts';

/**
 * How far back is looked each time: rows become visible when they are committed, which is later than
 * the instant in their id, and the clocks of servers differ.
 */
export const overlapMs = 5000;

/** More new rows than this in one look are not sent one by one: the client reads its list again. */
export const freshMax = 200;

/** Which rows of one kind are new since the last look. */
export interface LiveWindow {
  /** What to read. */
  next(): After;
  /** Of what was read, what is new; `undefined` when it is too much. */
  take<R extends { readonly id: string }>(rows: readonly R[]): R[] | undefined;
}

/** @param prefix - of the ids, as `evt` */
export function makeLiveWindow(prefix: string): LiveWindow {
  const seen = new Set<string>();
  let newest = Date.now();
  let floor = newest - overlapMs;
  return {
    next() {
      const at = new Date(Math.max(floor, newest - overlapMs));
      return { id: idBound(prefix, at), at, limit: seen.size + freshMax + 1 };
    },
    take(rows) {
      const fresh = rows.filter(({ id }) => !seen.has(id));
      if (fresh.length > freshMax) {
        floor = Date.now();
        newest = floor;
        seen.clear();
        return undefined;
      }
      for (const { id } of fresh) {
        seen.add(id);
        const at = instantOf(id)?.getTime() ?? 0;
        // A server whose clock is ahead must not hide what the others write.
        newest = Math.max(newest, Math.min(at, Date.now()));
      }
      const bound = idBound(prefix, new Date(newest - overlapMs));
      for (const id of seen) if (id < bound) seen.delete(id);
      return fresh;
    },
  };
}
