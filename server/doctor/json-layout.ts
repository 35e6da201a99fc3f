import { depthMax } from '../../src/runtime/body-limits.ts';

/** A JSON value in which numbers, strings and the order of keys are as they were written. */
export type JsonNode =
  | { readonly kind: 'plain'; readonly raw: string }
  | { readonly kind: 'list'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonNode])[] };

/** How a program writes JSON. */
export interface JsonStyle {
  /** Between items; with an indent, a line break follows. */
  readonly comma: string;
  readonly colon: string;
  readonly indent: string;
  readonly isSorted: boolean;
  /** From a string as it stands in JSON, quotes included. */
  readonly string: (raw: string) => string;
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Some milliseconds of work. A generator that pauses at each value would be several times slower. */
const valuesPerPause = 1000;

/** Work that can be left alone at each `undefined`; what it returns is its result. */
type Paused<Result> = Generator<undefined, Result>;

/**
 * Read JSON without losing how it was written: `1.0` and `12345678901234567890` stay.
 *
 * @returns `undefined` when it is no JSON, or nested too deep
 */
export function* readJsonNode(text: string): Paused<JsonNode | undefined> {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  yield undefined;
  const words = text.matchAll(tokens);
  return yield* readValue({ words, word: nextWord(words), count: 0 }, 0);
}

/** Reads a text word by word. */
interface Reader {
  readonly words: Iterator<RegExpExecArray>;
  /** The next one; `undefined` at the end. */
  word: string | undefined;
  /** Values so far. */
  count: number;
}

function nextWord(words: Reader['words']): string | undefined {
  const next = words.next();
  return next.done === true ? undefined : next.value[0];
}

function take(reader: Reader): string {
  const { word = '' } = reader;
  reader.word = nextWord(reader.words);
  return word;
}

function* readValue(reader: Reader, depth: number): Paused<JsonNode | undefined> {
  const word = take(reader);
  if (word !== '{' && word !== '[') return { kind: 'plain', raw: word };
  if (depth >= depthMax) return undefined;
  return yield* (word === '[' ? readList : readObject)(reader, depth + 1);
}

function* readList(reader: Reader, depth: number): Paused<JsonNode | undefined> {
  const items: JsonNode[] = [];
  while (!isEnd(reader, ']')) {
    if (isPauseDue(reader)) yield undefined;
    const item = yield* readValue(reader, depth);
    if (!item) return undefined;
    items.push(item);
  }
  return { kind: 'list', items };
}

function* readObject(reader: Reader, depth: number): Paused<JsonNode | undefined> {
  const members: [string, JsonNode][] = [];
  while (!isEnd(reader, '}')) {
    if (isPauseDue(reader)) yield undefined;
    const key = take(reader);
    take(reader); // The colon.
    const value = yield* readValue(reader, depth);
    if (!value) return undefined;
    members.push([key, value]);
  }
  return { kind: 'object', members };
}

/** Steps over a comma, or over the end. What is read is known to be JSON. */
function isEnd(reader: Reader, end: string): boolean {
  const { word } = reader;
  if (word === ',' || word === end) take(reader);
  return word === end || word === undefined;
}

function isPauseDue(work: { count: number }): boolean {
  work.count += 1;
  return work.count % valuesPerPause === 0;
}

/** Write a value in a style. */
export function writeJsonNode(node: JsonNode, style: JsonStyle): Paused<string> {
  return write(node, { style, count: 0 }, '\n');
}

interface Writer {
  readonly style: JsonStyle;
  /** Values so far. */
  count: number;
}

function* write(node: JsonNode, writer: Writer, lineBreak: string): Paused<string> {
  const { style } = writer;
  if (node.kind === 'plain') return plainText(node.raw, style);
  const inner = lineBreak + style.indent;
  const items: string[] = [];
  if (node.kind === 'list') {
    for (const item of node.items) {
      if (isPauseDue(writer)) yield undefined;
      items.push(
        item.kind === 'plain' ? plainText(item.raw, style) : yield* write(item, writer, inner),
      );
    }
    return enclose(['[', ']'], items, { style, lineBreak });
  }
  for (const [key, value] of style.isSorted ? sortMembers(node.members) : node.members) {
    if (isPauseDue(writer)) yield undefined;
    items.push(`${style.string(key)}${style.colon}${yield* write(value, writer, inner)}`);
  }
  return enclose(['{', '}'], items, { style, lineBreak });
}

function plainText(raw: string, style: JsonStyle): string {
  return raw.startsWith('"') ? style.string(raw) : raw;
}

function enclose(
  [open, close]: readonly [string, string],
  items: readonly string[],
  { style, lineBreak }: { readonly style: JsonStyle; readonly lineBreak: string },
): string {
  if (items.length === 0) return open + close;
  if (style.indent === '') return open + items.join(style.comma) + close;
  const inner = lineBreak + style.indent;
  return open + inner + items.join(style.comma + inner) + lineBreak + close;
}

function sortMembers(
  members: readonly (readonly [string, JsonNode])[],
): (readonly [string, JsonNode])[] {
  return members.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)));
}
