import { asBuffer, escapesOf, formDecode } from '../../src/runtime/body.ts';
import { redactJson } from './json-redaction.ts';

/** Which secret a form carries, by itself or in the JSON of another field. */
export interface FormSecret {
  /** The field with the JSON. */
  readonly jsonField: string;
  /** The key at the root of the JSON; a field of this name is the secret itself. */
  readonly key: string;
}

/** One is honest and two are refused; a hostile form has a million, and each takes its time. */
const jsonFieldsMax = 16;

/** Replace a secret in a form by `***`; the form stays valid, and what surrounds it as it was sent. */
export function redactForm(body: Uint8Array, { jsonField, key }: FormSecret): Buffer {
  let seen = 0;
  const redacted = asBuffer(body)
    .toString('latin1')
    .replaceAll(fieldOf(key), '$1***')
    .replaceAll(fieldOf(jsonField), (_, name: string, value: string) => {
      seen += 1;
      return name + (seen > jsonFieldsMax ? '***' : redactValue(value, key));
    });
  return Buffer.from(redacted, 'latin1');
}

/** Finds a field of that name, however it is escaped: its name with `=`, and its value. */
function fieldOf(name: string): RegExp {
  return new RegExp(`(?<=^|&)(${escapesOf(name)}=)([^&]*)`, 'g');
}

function redactValue(encoded: string, key: string): string {
  const json = formDecode(encoded);
  const redacted = redactJson(json, [[key]]);
  return redacted.equals(json) ? encoded : encodeLike(encoded, json, redacted);
}

/** Encode bytes anew between the first and the last that changed; around them as they were sent. */
function encodeLike(encoded: string, before: Buffer, after: Buffer): string {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  const isSame = (fromEnd: number): boolean =>
    before[before.length - fromEnd] === after[after.length - fromEnd];
  while (tail < shorter - head && isSame(tail + 1)) tail += 1;
  const start = encoded.slice(0, offsetOf(encoded, head));
  const end = encoded.slice(offsetOf(encoded, before.length - tail));
  return start + formEncode(after.subarray(head, after.length - tail)) + end;
}

/** Where the encoding of a byte begins. */
function offsetOf(encoded: string, byte: number): number {
  const escape = /%[0-9a-fA-F]{2}/y;
  let offset = 0;
  for (let passed = 0; passed < byte; passed += 1) {
    escape.lastIndex = offset;
    offset += encoded[offset] === '%' && escape.test(encoded) ? 3 : 1;
  }
  return offset;
}

/** By byte: between two passwords may be 25 MiB, and as many short texts take a gigabyte. */
function formEncode(bytes: Uint8Array): string {
  const encoded = Buffer.allocUnsafe(bytes.length * 3);
  let length = 0;
  for (const byte of bytes) {
    if (isPlain[byte] === true) encoded[length++] = byte;
    else for (const part of escapes[byte] ?? []) encoded[length++] = part;
  }
  return encoded.toString('latin1', 0, length);
}

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
const isPlain = everyByte.map((byte) => /[A-Za-z0-9*._-]/.test(String.fromCharCode(byte)));
const escapes = everyByte.map((byte) =>
  Buffer.from(`%${byte.toString(16).toUpperCase().padStart(2, '0')}`),
);
