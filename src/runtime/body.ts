import { isUtf8 } from 'node:buffer';
import { parseXml } from './xml.ts';

/** What JSON calls an object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** `application/json`, `application/vnd.x+json`; parameters and case do not matter. */
export function isJsonType(contentType: string | null): boolean {
  return /^application\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

/** A form, as GitHub and Gitee may send one. */
export function isFormType(contentType: string | null): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '');
}

/** The same bytes, not copied, as Node's own type. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of UTF-8 bytes without a leading BOM, or `undefined` when they are something else. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = asBuffer(bytes).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Whether a parsed value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The `name=value` items of a query or a form, undecoded and in order; without `=` the value is empty.
 *
 * One at a time: a form of 25 MiB may have as many.
 */
export function* itemsOf(text: string): Generator<readonly [name: string, value: string]> {
  let start = 0;
  while (start <= text.length) {
    const next = text.indexOf('&', start);
    const end = next === -1 ? text.length : next;
    const item = text.slice(start, end);
    const equals = item.indexOf('=');
    yield equals === -1 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
    start = end + 1;
  }
}

/**
 * The bytes of the first two fields of that name in a form: whoever asks wants exactly one.
 *
 * URLSearchParams would repair what is not UTF-8.
 *
 * @param name - ASCII letters
 */
export function formFields(body: Uint8Array, name: string): Buffer[] {
  const form = new RegExp(`^${escapesOf(name)}$`);
  const found: Buffer[] = [];
  for (const [key, value] of itemsOf(asBuffer(body).toString('latin1'))) {
    if (key.length >= name.length && form.test(key)) found.push(formDecode(value));
    if (found.length === 2) break;
  }
  return found;
}

/** The pattern of a name of ASCII letters, each as it is or percent-encoded. */
export function escapesOf(name: string): string {
  const letters = Array.from(name, (letter) => {
    const hex = letter.charCodeAt(0).toString(16);
    return `(?:${letter}|%${hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)})`;
  });
  return letters.join('');
}

/** A blank for each `+`, and percent-decoding. */
export function formDecode(latin1: string): Buffer {
  const escaped = Buffer.from(latin1, 'latin1');
  // By byte: to replace 25 MiB of them in the text takes seconds, and a gigabyte.
  for (let at = 0; at < escaped.length; at += 1) if (escaped[at] === plusSign) escaped[at] = blank;
  return decodeBytes(escaped);
}

/** The bytes behind an escaped text; a `%` without two hex digits stands for itself. */
export function percentDecode(latin1: string): Buffer {
  return decodeBytes(Buffer.from(latin1, 'latin1'));
}

function decodeBytes(escaped: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at += 1) {
    const value = escaped[at] === percentSign ? hexPairAt(escaped, at + 1) : -1;
    decoded[length] = value === -1 ? (escaped[at] ?? 0) : value;
    length += 1;
    if (value !== -1) at += 2;
  }
  return decoded.subarray(0, length);
}

const percentSign = 0x25;
const plusSign = 0x2b;
const blank = 0x20;

/** The value of two hex digits, or -1. By byte: a form of 25 MiB may be escaped throughout. */
function hexPairAt(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * How many `{`, `[` and `,` the JSON of a sender that proved itself may have.
 *
 * Honest JSON has one in 21 bytes or more: 25 MiB of a push's shortest commits have 1,075,000. 25 MiB
 * of nothing else would be parsed for ten seconds.
 */
export const signsMax = 1_500_000;

/** Whether JSON has more than `max` of `{`, `[` and `,` outside of its strings: each makes a value. */
export function exceedsSigns(bytes: Uint8Array, max: number): boolean {
  let left = max;
  let isString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === sign.quote) isString = !isString;
    else if (!isString) left -= makesValue(byte) ? 1 : 0;
    else if (byte === sign.backslash) at += 1;
    if (left < 0) return true;
  }
  return false;
}

const sign = { quote: 0x22, comma: 0x2c, bracket: 0x5b, backslash: 0x5c, brace: 0x7b };

function makesValue(byte: number | undefined): boolean {
  return byte === sign.comma || byte === sign.brace || byte === sign.bracket;
}

/** What is read of a stored event. */
export interface StoredBody {
  readonly source: string;
  readonly body: Uint8Array;
  readonly contentType: string | null;
}

/**
 * What triggers see of a stored body: parsed where it was declared JSON, or a form with JSON in its
 * field `payload`; else text, or null when it is no text.
 *
 * A message of WeCom is XML or JSON, whatever its request was declared to be.
 */
export function payloadOf({ source, body, contentType }: StoredBody): unknown {
  if (source === 'wecom') return messageOf(body);
  const [field] = isFormType(contentType) ? formFields(body, 'payload') : [];
  const text = decodeText(field ?? body);
  if (text === undefined) return null;
  // The form of a generic sender was not looked into before it was recorded.
  const isJson = field ? !exceedsSigns(field, signsMax) : isJsonType(contentType);
  return isJson ? parseJsonOrText(text) : text;
}

function messageOf(body: Uint8Array): unknown {
  const text = decodeText(body);
  return text === undefined ? null : (parseXml(text) ?? parseJsonOrText(text));
}

/** Text is an empty body that was declared JSON. */
function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
