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

/** Deeper values are not written anew: the walk is recursive, and no provider comes near. */
const depthMax = 64;

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Read JSON without losing how it was written: `1.0` and `12345678901234567890` stay.
 *
 * @returns `undefined` when it is no JSON, or nested too deep
 */
export function readJsonNode(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const reader = { words: text.match(tokens) ?? [], at: 0 };
  return readValue(reader, 0);
}

interface Reader {
  readonly words: readonly string[];
  at: number;
}

function readValue(reader: Reader, depth: number): JsonNode | undefined {
  const word = reader.words[reader.at] ?? '';
  reader.at += 1;
  if (word !== '{' && word !== '[') return { kind: 'plain', raw: word };
  if (depth >= depthMax) return undefined;
  return word === '[' ? readList(reader, depth + 1) : readObject(reader, depth + 1);
}

function readList(reader: Reader, depth: number): JsonNode | undefined {
  const items: JsonNode[] = [];
  while (!isEnd(reader, ']')) {
    const item = readValue(reader, depth);
    if (!item) return undefined;
    items.push(item);
  }
  return { kind: 'list', items };
}

function readObject(reader: Reader, depth: number): JsonNode | undefined {
  const members: [string, JsonNode][] = [];
  while (!isEnd(reader, '}')) {
    const key = reader.words[reader.at] ?? '';
    reader.at += 2;
    const value = readValue(reader, depth);
    if (!value) return undefined;
    members.push([key, value]);
  }
  return { kind: 'object', members };
}

/** Steps over a comma, or over the end. What is read is known to be JSON. */
function isEnd(reader: Reader, end: string): boolean {
  const word = reader.words[reader.at];
  if (word === ',' || word === end) reader.at += 1;
  return word === end || word === undefined;
}

/** Write a value in a style. */
export function writeJsonNode(node: JsonNode, style: JsonStyle): string {
  return write(node, style, '\n');
}

function write(node: JsonNode, style: JsonStyle, lineBreak: string): string {
  if (node.kind === 'plain') return node.raw.startsWith('"') ? style.string(node.raw) : node.raw;
  const inner = lineBreak + style.indent;
  if (node.kind === 'list') {
    const items = node.items.map((item) => write(item, style, inner));
    return enclose(['[', ']'], items, { style, lineBreak });
  }
  const members = style.isSorted ? sortMembers(node.members) : node.members;
  const items = members.map(
    ([key, value]) => `${style.string(key)}${style.colon}${write(value, style, inner)}`,
  );
  return enclose(['{', '}'], items, { style, lineBreak });
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
