import { v7 } from 'uuid';

/** What an id is an id of: its first letters. */
export type IdPrefix =
  | 'evt'
  | 'int'
  | 'trg'
  | 'run'
  | 'rej'
  | 'ep'
  | 'dlv'
  | 'rpl'
  | 'sec'
  | 'key'
  | 'ten';

/** A new id: prefix, underscore, UUIDv7 in hex. `at` becomes the instant that the id carries. */
export function makeId(prefix: IdPrefix, at: Date = new Date()): string {
  return `${prefix}_${v7({ msecs: at.getTime() }).replaceAll('-', '')}`;
}
