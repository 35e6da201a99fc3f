import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A cursor in a request: opaque to the client. */
export const cursorText = z.string().max(1000).optional();

/** What a client gets to go on from a place. */
export function writeCursorText(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** What a cursor holds; undefined = it is none of ours. */
export function readCursorText(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/**
 * What a cursor belongs to: a list or move with a filter. Eight digits tell filters apart well enough:
 * it guards against a mistake, not against an attack.
 */
export function cursorOwner(of: string, filter: object): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const sorted = given.toSorted(([a], [b]) => a.localeCompare(b));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `${of}-${hash.slice(0, 8)}`;
}
