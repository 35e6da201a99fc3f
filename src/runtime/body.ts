import { parseXml } from './xml.ts';

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
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of each field of that name in a form. URLSearchParams would repair what is not UTF-8. */
export function formFields(body: Uint8Array, name: string): Buffer[] {
  return asBuffer(body)
    .toString('latin1')
    .split('&')
    .map((field) => /^([^=]*)=?([^]*)$/.exec(field) ?? [])
    .filter(([, key = '']) => formDecode(key).toString('latin1') === name)
    .map(([, , value = '']) => formDecode(value));
}

/** A blank for each `+`, then percent-decoding. */
function formDecode(latin1: string): Buffer {
  return percentDecode(latin1.replaceAll('+', ' '));
}

/** The bytes behind an escaped text; a `%` without two hex digits stands for itself. */
export function percentDecode(latin1: string): Buffer {
  const escaped = Buffer.from(latin1, 'latin1');
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
  const isMessage = source === 'wecom';
  const [field] = !isMessage && isFormType(contentType) ? formFields(body, 'payload') : [];
  const text = decodeText(field ?? body);
  if (text === undefined) return null;
  if (isMessage) return parseXml(text) ?? parseJsonOrText(text);
  return field === undefined && !isJsonType(contentType) ? text : parseJsonOrText(text);
}

/** Text is an empty body that was declared JSON. */
function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
