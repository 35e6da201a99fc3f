import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** What an id is an id of: its first letters. */
export type IdPrefix =
  | 'evt'
  | 'int'
  | 'trg'
  | 'run'
  | 'ses'
  | 'inp'
  | 'imp'
  | 'bud'
  | 'rej'
  | 'ep'
  | 'dlv'
  | 'rpl'
  | 'sec'
  | 'key'
  | 'aud'
  | 'lnk'
  | 'ten';

/** A new id: prefix, underscore, UUIDv7 in hex. `at` becomes the instant that the id carries. */
export function makeId(prefix: IdPrefix, at: Date = new Date()): string {
  const options = { msecs: at.getTime(), random: takeRandom() };
  return `${prefix}_${v7(options, Buffer.allocUnsafe(16)).toString('hex')}`;
}

/** Random bytes for 256 ids at a time: a call for each costs ten times as much. */
const pool = Buffer.allocUnsafe(4096);
let taken = pool.length;

function takeRandom(): Uint8Array {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += 16;
  return pool.subarray(taken - 16, taken);
}
