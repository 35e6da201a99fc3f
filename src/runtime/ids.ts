import { randomFillSync, randomInt } from 'node:crypto';
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
  | 'idk'
  | 'aud'
  | 'lnk'
  | 'ten';

/** Counts the ids of this process, from anywhere in the lower half: it begins anew after 2 billion. */
let sequence = randomInt(2 ** 31);

/**
 * A new id: prefix, underscore, UUIDv7 in hex. `at` becomes the instant that the id carries; those of
 * the same millisecond ascend in the order in which a process makes them.
 */
export function makeId(prefix: IdPrefix, at: Date = new Date()): string {
  sequence = (sequence + 1) % 2 ** 32;
  const options = { msecs: at.getTime(), seq: sequence, random: takeRandom() };
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
