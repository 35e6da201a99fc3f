import { asBuffer } from '../../src/runtime/body.ts';

const stars = Buffer.from('"***"');

/** Where something lies in the bytes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is to be replaced under a key: the value itself, or something inside of it. */
interface Wish {
  isValue: boolean;
  readonly inside: Map<string, Wish>;
}

/** A walk through the bytes, and what it found to replace, in order. */
interface Walk {
  readonly bytes: Buffer;
  readonly spans: Span[];
}

/**
 * Replace values of a JSON text by `"***"`; every other byte stays as it was.
 *
 * Each occurrence of a repeated key is replaced, whatever its value. Of bytes that are no JSON, what
 * could be read as such is replaced, an open value up to the end. Time and memory are linear: a
 * stranger's body comes here too, and nesting costs nothing below the paths.
 *
 * @param paths - ASCII keys from the root: `[['header', 'token']]`; arrays are not entered
 */
export function redactJson(bytes: Uint8Array, paths: readonly (readonly string[])[]): Buffer {
  const walk: Walk = { bytes: asBuffer(bytes), spans: [] };
  const { inside } = wishOf(paths);
  let at = 0;
  while (at < bytes.length) at = readValue(walk, at, inside);
  return replace(walk);
}

function wishOf(paths: readonly (readonly string[])[]): Wish {
  const root: Wish = { isValue: false, inside: new Map() };
  for (const path of paths) {
    let wish = root;
    for (const key of path) {
      const inner = wish.inside.get(key) ?? { isValue: false, inside: new Map() };
      wish.inside.set(key, inner);
      wish = inner;
    }
    wish.isValue = true;
  }
  return root;
}

function replace({ bytes, spans }: Walk): Buffer {
  const removed = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const redacted = Buffer.allocUnsafe(bytes.length - removed + spans.length * stars.length);
  let filled = 0;
  let kept = 0;
  // By hand: a call of `copy` for each of a million short pieces costs seconds.
  const append = (from: Buffer, start: number, end: number): void => {
    for (let at = start; at < end; at += 1) redacted[filled++] = from[at] ?? 0;
  };
  for (const { start, end } of spans) {
    append(bytes, kept, start);
    append(stars, 0, stars.length);
    kept = end;
  }
  append(bytes, kept, bytes.length);
  return redacted;
}

/** Read what begins here, and answer where it ends. Only objects are looked into. */
function readValue(walk: Walk, start: number, wishes: ReadonlyMap<string, Wish>): number {
  if (walk.bytes[start] !== sign.brace || wishes.size === 0) return endOfValue(walk.bytes, start);
  let at = start + 1;
  while (at < walk.bytes.length && !isClosing(walk.bytes[at])) at = readMember(walk, at, wishes);
  return Math.min(at + 1, walk.bytes.length);
}

/** Read a key and all that follows up to the next comma or bracket: in JSON, one value. */
function readMember(walk: Walk, start: number, wishes: ReadonlyMap<string, Wish>): number {
  const { bytes, spans } = walk;
  const keyAt = skipBlanks(bytes, start);
  if (isEndOfMember(bytes[keyAt])) return keyAt + (bytes[keyAt] === sign.comma ? 1 : 0);
  const keyEnd = endOfValue(bytes, keyAt);
  const wish = wishes.get(readKey(bytes, { start: keyAt, end: keyEnd }));
  const valueAt = skipBlanks(bytes, keyEnd);
  let at = valueAt;
  let end = valueAt;
  while (!isEndOfMember(bytes[at])) {
    const isEntered = wish !== undefined && !wish.isValue;
    end = isEntered ? readValue(walk, at, wish.inside) : endOfValue(bytes, at);
    at = skipBlanks(bytes, end);
  }
  if (wish?.isValue === true && end > valueAt) spans.push({ start: valueAt, end });
  return at;
}

/** A key may be written with escapes. Keys of paths are ASCII: the rest need not be decoded. */
function readKey(bytes: Buffer, { start, end }: Span): string {
  const written = bytes.toString('latin1', start, end);
  if (bytes[start] !== sign.quote) return written;
  if (!written.includes('\\')) return written.slice(1, -1);
  try {
    return String(JSON.parse(written));
  } catch {
    return written;
  }
}

/** The end of the string, scalar, object or array that begins here; of a stray sign, the next byte. */
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const byte = bytes[at];
    if (isOpening(byte)) depth += 1;
    else if (isClosing(byte)) depth -= 1;
    at = byte === sign.quote ? endOfString(bytes, at) : at + 1;
    if (depth === 0 && isScalar(byte)) at = endOfScalar(bytes, at);
  } while (depth > 0 && at < bytes.length);
  return at;
}

/** Every sign of JSON's own is ASCII: read byte by byte, whatever stands in its strings. */
const sign = { quote: 0x22, comma: 0x2c, colon: 0x3a, backslash: 0x5c, brace: 0x7b };

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== sign.quote) at += bytes[at] === sign.backslash ? 2 : 1;
  return Math.min(at + 1, bytes.length);
}

function endOfScalar(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && isScalar(bytes[at])) at += 1;
  return at;
}

/** Colons count as blanks: nothing hangs on where they are. */
function skipBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === sign.colon;
}

function isOpening(byte: number | undefined): boolean {
  return byte === sign.brace || byte === 0x5b;
}

function isClosing(byte: number | undefined): boolean {
  return byte === 0x7d || byte === 0x5d;
}

function isEndOfMember(byte: number | undefined): boolean {
  return byte === undefined || byte === sign.comma || isClosing(byte);
}

function isScalar(byte: number | undefined): boolean {
  return !isBlank(byte) && !isOpening(byte) && !isEndOfMember(byte) && byte !== sign.quote;
}
