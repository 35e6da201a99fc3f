import { asBuffer, decodeText, formFields } from '../../src/runtime/body.ts';
import type { Fault } from './findings.ts';
import { readJsonNode, writeJsonNode } from './json-layout.ts';
import type { JsonNode, JsonStyle } from './json-layout.ts';

/** What the sender may have signed in place of what arrived. */
export interface BodyVariant {
  readonly bytes: Buffer;
  /** Nothing for the body as it arrived. */
  readonly faults: readonly Fault[];
}

/** The variants of a body, made when they are first asked for. */
export interface BodyVariants {
  /**
   * @param count - with this many faults: 0, 1 or 2
   * @returns `undefined` where some were written in vain: a moment to let others work
   */
  withFaults(count: number): Iterable<BodyVariant | undefined>;
  /** Whether a limit left some out. */
  isComplete(): boolean;
}

/** Beyond it JSON is not written anew: it takes longer than anybody waits. */
const bodyBytesMax = 1_048_576;

/** For all texts that are written anew together: some 60 texts of 128 KiB, or 8 of 1 MiB. */
const writtenBytesMax = 8_388_608;

/** Make the variants of a body, which is what arrived. */
export function makeBodyVariants(body: Uint8Array): BodyVariants {
  const bytes = asBuffer(body);
  const written = { isComplete: true };
  const singles = makeOnce(singleVariants(bytes, written));

  /** Each is another text in memory: they are made as they are tried, and not kept. */
  function* doubles(): Generator<BodyVariant | undefined> {
    for (const first of singles()) {
      if (!first) yield undefined;
      else yield* doublesOf(first);
    }
  }

  function withFaults(count: number): Iterable<BodyVariant | undefined> {
    if (count === 0) return [{ bytes, faults: [] }];
    if (count === 1) return singles();
    return count === 2 ? doubles() : [];
  }

  return { withFaults, isComplete: () => written.isComplete };
}

function* doublesOf(first: BodyVariant): Generator<BodyVariant> {
  for (const second of endVariants(first.bytes)) {
    if (isSameFault(first, second)) continue;
    yield { bytes: second.bytes, faults: [...first.faults, ...second.faults] };
  }
}

/** Hands out what was made before, and makes more only when that is used up. */
function makeOnce(
  source: Iterator<BodyVariant | undefined>,
): () => Generator<BodyVariant | undefined> {
  const made: BodyVariant[] = [];
  return function* () {
    let at = 0;
    while (true) {
      const known = made[at];
      const next = known ? { done: false, value: known } : source.next();
      if (next.done === true) return;
      if (next.value) at += 1;
      if (next.value && !known) made.push(next.value);
      yield next.value;
    }
  };
}

/** One by one: to write a large body in all styles takes a second. */
function* singleVariants(
  bytes: Buffer,
  written: { isComplete: boolean },
): Generator<BodyVariant | undefined> {
  yield* endVariants(bytes);
  if (bytes.length <= bodyBytesMax) {
    for (const variants of [lineEndVariants, charsetVariants, formVariants, emptyVariants]) {
      yield undefined;
      yield* variants(bytes);
    }
  }
  yield* jsonVariants(bytes, written);
}

function isSameFault(one: BodyVariant, other: BodyVariant): boolean {
  return one.faults.some(({ code }) => other.faults.some((fault) => fault.code === code));
}

/** Newlines and blanks at the ends, and a byte order mark in front. */
function* endVariants(bytes: Buffer): Generator<BodyVariant> {
  const trailing = (changed: Buffer, detail: string): BodyVariant => ({
    bytes: changed,
    faults: [{ code: 'trailing_newline', detail }],
  });
  for (const [end, name] of [
    ['\n', 'LF'],
    ['\r\n', 'CRLF'],
  ] as const) {
    const detail = `The sender signed a newline (${name}) at the end, which did not arrive`;
    yield trailing(Buffer.concat([bytes, Buffer.from(end)]), detail);
    if (endsWith(bytes, end)) {
      const shorter = bytes.subarray(0, bytes.length - end.length);
      yield trailing(shorter, `A newline (${name}) at the end arrived that was not signed`);
    }
  }
  const { start, end } = contentOf(bytes);
  if (end < bytes.length) {
    const detail = 'Blanks or newlines at the end arrived that were not signed';
    yield trailing(bytes.subarray(0, end), detail);
  }
  if (start > 0) {
    const detail = 'Blanks or newlines around the body arrived that were not signed';
    yield trailing(bytes.subarray(start, end), detail);
  }
  yield markVariant(bytes);
}

function endsWith(bytes: Buffer, end: string): boolean {
  return bytes.length >= end.length && bytes.subarray(-end.length).toString('latin1') === end;
}

/** Where what is no blank begins and ends. */
function contentOf(bytes: Buffer): { readonly start: number; readonly end: number } {
  let start = 0;
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1])) end -= 1;
  while (start < end && isBlank(bytes[start])) start += 1;
  return { start, end };
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

function markVariant(bytes: Buffer): BodyVariant {
  const isMarked = bytes.subarray(0, 3).equals(mark);
  const detail = isMarked
    ? 'A byte order mark arrived in front of the body that was not signed'
    : 'The sender signed a byte order mark in front of the body, which did not arrive';
  const changed = isMarked ? bytes.subarray(3) : Buffer.concat([mark, bytes]);
  return { bytes: changed, faults: [{ code: 'byte_order_mark', detail }] };
}

function lineEndVariants(bytes: Buffer): BodyVariant[] {
  const text = bytes.toString('latin1');
  if (!text.includes('\n')) return [];
  const lf = text.replaceAll('\r\n', '\n');
  const make = (latin1: string, detail: string): BodyVariant => ({
    bytes: Buffer.from(latin1, 'latin1'),
    faults: [{ code: 'line_endings', detail }],
  });
  return [
    make(lf, 'The sender signed LF at the ends of lines, CRLF arrived'),
    make(lf.replaceAll('\n', '\r\n'), 'The sender signed CRLF at the ends of lines, LF arrived'),
  ].filter((variant) => !variant.bytes.equals(bytes));
}

function charsetVariants(bytes: Buffer): BodyVariant[] {
  const text = decodeText(bytes);
  if (text === undefined || !/[^\0-\x7f]/.test(text)) return [];
  const make = (changed: Buffer, detail: string): BodyVariant => ({
    bytes: changed,
    faults: [{ code: 'charset', detail }],
  });
  const isLatin1 = !/[^\0-\xff]/.test(text);
  const asked = Buffer.from(text.replaceAll(/[^\0-\x7f]/gu, '?'));
  return [
    ...(isLatin1 ? [make(Buffer.from(text, 'latin1'), 'The sender signed it as Latin-1')] : []),
    make(Buffer.from(bytes.toString('latin1')), 'The sender signed UTF-8 that was encoded twice'),
    make(asked, 'The sender signed it in ASCII, with "?" for every other character'),
  ];
}

function formVariants(bytes: Buffer): BodyVariant[] {
  const faults: Fault[] = [
    { code: 'form_field_signed', detail: 'The sender signed the field "payload", decoded' },
  ];
  return formFields(bytes, 'payload')
    .slice(0, 1)
    .map((field) => ({ bytes: field, faults }));
}

function emptyVariants(bytes: Buffer): BodyVariant[] {
  const detail = 'The signature is that of a body of 0 bytes';
  const faults: Fault[] = [{ code: 'empty_body_signed', detail }];
  return bytes.length === 0 ? [] : [{ bytes: Buffer.alloc(0), faults }];
}

const layouts: readonly (readonly [
  words: string,
  Pick<JsonStyle, 'comma' | 'colon' | 'indent'>,
])[] = [
  ['compact', { comma: ',', colon: ':', indent: '' }],
  ['with ", " and ": " (Python)', { comma: ', ', colon: ': ', indent: '' }],
  ['indented by 2', { comma: ',', colon: ': ', indent: '  ' }],
  ['indented by 4', { comma: ',', colon: ': ', indent: '    ' }],
  ['indented by tabs', { comma: ',', colon: ': ', indent: '\t' }],
];

/** What a library makes of the characters of a string. */
const stringForms: readonly (readonly [words: string, JsonStyle['string']])[] = [
  ['', (raw) => raw],
  ['other characters than ASCII and "/" as they are', unescape],
  ['other characters than ASCII escaped', (raw) => escapeAscii(unescape(raw))],
  ['"/" escaped', (raw) => escapeSlash(unescape(raw))],
  [
    'other characters than ASCII and "/" escaped (PHP)',
    (raw) => escapeSlash(escapeAscii(unescape(raw))),
  ],
  ['"<", ">" and "&" escaped (Go)', (raw) => escapeHtml(unescape(raw))],
];

function unescape(raw: string): string {
  return JSON.stringify(JSON.parse(raw));
}

function escapeAscii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, unicodeEscape);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escapeSlash(text: string): string {
  return text.replaceAll('/', String.raw`\/`);
}

/** The JSON of the body as other programs write it; likeliest first, for the limit cuts the end. */
function* jsonVariants(
  bytes: Buffer,
  written: { isComplete: boolean },
): Generator<BodyVariant | undefined> {
  if (bytes.length > bodyBytesMax) written.isComplete = false;
  const text = bytes.length > bodyBytesMax ? undefined : decodeText(bytes);
  const node = text === undefined ? undefined : yield* readJsonNode(text);
  if (!node) return;
  const seen = new Set([text]);
  let left = writtenBytesMax;
  for (const { style, words } of stylesOf(node, text ?? '')) {
    if (left < bytes.length) {
      written.isComplete = false;
      break;
    }
    const changed = yield* writeJsonNode(node, style);
    left -= changed.length;
    const isKnown = seen.has(changed);
    seen.add(changed);
    const detail = `The sender signed the same JSON written ${words}`;
    const faults: Fault[] = [{ code: 'body_reserialised', detail }];
    yield isKnown ? undefined : { bytes: Buffer.from(changed), faults };
  }
}

function stylesOf(node: JsonNode, text: string): { style: JsonStyle; words: string }[] {
  if (node.kind === 'plain') return [];
  const hasSpecial = /[^\0-\x7f]|[\\/<>&]/.test(text);
  const forms = hasSpecial ? stringForms : stringForms.slice(0, 1);
  return [false, true].flatMap((isSorted) =>
    forms.flatMap(([formWords, string]) =>
      layouts.map(([layoutWords, layout]) => ({
        style: { ...layout, isSorted, string },
        words: [layoutWords, formWords, isSorted ? 'keys sorted' : ''].filter(Boolean).join(', '),
      })),
    ),
  );
}
