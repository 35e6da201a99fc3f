import { createHash, randomBytes } from 'node:crypto';
import { makeId } from './ids.ts';

/** A key as its owner sees it, once, and what is kept of it. */
export interface NewApiKey {
  readonly id: string;
  /** `dh_<id>_<secret>`. */
  readonly key: string;
  readonly hash: Buffer;
}

/** 32 random bytes: more than anybody can guess, so that a fast hash is enough. */
const secretBytes = 32;

/** Make a key; its id is in it, so that it is found without a search over hashes. */
export function makeApiKey(): NewApiKey {
  const id = makeId('key');
  const key = `dh_${id}_${randomBytes(secretBytes).toString('base64url')}`;
  return { id, key, hash: hashApiKey(key) };
}

/** SHA-256 of the whole key. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The id in a key, or `undefined` for what can't be a key. */
export function apiKeyIdOf(key: string): string | undefined {
  const [, id] = /^dh_(key_[0-9a-f]{32})_[A-Za-z0-9_-]{43}$/.exec(key) ?? [];
  return id;
}
