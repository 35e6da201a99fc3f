/** Where in a YAML text something is typed. */
export interface YamlPlace {
  /** The keys around it, from the top; `-` stands for an item of a list. */
  readonly path: readonly string[];
  /** What is typed there: a key of that map, or the value itself. */
  readonly kind: 'key' | 'value';
  /** Where the word that is typed begins, in characters of the text. */
  readonly from: number;
}

/**
 * Where in a YAML text an offset is, of a text that need not be whole: judged by indentation, and within a line by
 * braces. Braces that span lines are not followed.
 *
 * @returns undefined in comments, in quotes and in texts of many lines
 */
export function yamlPlaceAt(text: string, offset: number): YamlPlace | undefined {
  const lines = text.slice(0, offset).split('\n');
  const { indent, dashes, rest } = partsOf(lines.pop() ?? '');
  const inner = placeInLine(rest);
  if (inner === undefined) return undefined;
  const items = dashes.length === 0 ? [] : ['-'];
  const outer = keysAbove(lines, { column: indent, isItem: items.length > 0 });
  if (outer === undefined) return undefined;
  const from = offset - rest.length + inner.from;
  return { path: [...outer, ...items, ...inner.path], kind: inner.kind, from };
}

/** A line as its indentation, the dash of a list with the spaces behind it, and what follows. */
function partsOf(line: string): { indent: number; dashes: string; rest: string } {
  const [, spaces = '', dashes = '', rest = ''] = /^( *)((?:- +)?)(.*)$/s.exec(line) ?? [];
  return { indent: spaces.length, dashes, rest };
}

/** Where a line stands: what is around it stands further to the left, or as far as the dash of an item. */
interface Stand {
  readonly column: number;
  readonly isItem: boolean;
}

/** The keys whose maps or lists a line is in; undefined when it is part of a text of many lines. */
function keysAbove(lines: readonly string[], line: Stand): string[] | undefined {
  const path: string[] = [];
  let stand = line;
  for (const above of lines.toReversed()) {
    const found = enclosing(above, stand);
    if (found?.isText) return undefined;
    path.unshift(...(found?.keys ?? []));
    stand = found?.stand ?? stand;
  }
  return path;
}

/** What a line above says of what is around a line; undefined when it is a neighbour, or deeper. */
function enclosing(
  above: string,
  stand: Stand,
): { readonly keys: string[]; readonly isText: boolean; readonly stand: Stand } | undefined {
  const { indent, dashes, rest } = partsOf(above);
  const [key, value] = keyAndValue(rest);
  const column = indent + dashes.length;
  const isParent = stand.isItem ? column <= stand.column : column < stand.column;
  const keys = key !== undefined && isParent ? [key] : [];
  const isSameItem = dashes !== '' && !stand.isItem && column === stand.column;
  if (keys.length === 0 && !isSameItem) return undefined;
  return {
    keys: dashes === '' ? keys : ['-', ...keys],
    isText: keys.length > 0 && /^[|>]/.test(value),
    stand: { column: indent, isItem: dashes !== '' },
  };
}

/** Of a line that begins with a key; that is undefined for any other. */
function keyAndValue(line: string): [string | undefined, string] {
  const [, key, value = ''] = /^([\w.-]+):(?: +(.*))?$/.exec(line.trimEnd()) ?? [];
  return [key, value];
}

/** A map or list that is open at some point of a line; the line itself is a map. */
interface Frame {
  readonly kind: 'map' | 'list';
  key: string | undefined;
}

function placeInLine(line: string): YamlPlace | undefined {
  const frames: Frame[] = [{ kind: 'map', key: undefined }];
  let from = 0;
  for (let at = 0; at < line.length; at += 1) {
    const word = line.slice(from, at).trim();
    const char = line[at] ?? '';
    if (word === '' && /["'#|>]/.test(char)) {
      at = quoteEnd(line, at);
      if (at === -1) return undefined;
    } else if (isTurn(line, at, { word, isFlow: frames.length > 1 })) {
      turn(frames, { char, word });
      from = at + 1;
    }
  }
  return placeOf(frames, from + line.slice(from).search(/[^ ]|$/));
}

/** Where a quoted word ends; -1 for one that does not, and for comments and the marks of a text of many lines. */
function quoteEnd(line: string, at: number): number {
  const char = line[at] ?? '';
  return /["']/.test(char) ? line.indexOf(char, at + 1) : -1;
}

/** Whether a character opens, closes or divides something, and is no part of a word. */
function isTurn(
  line: string,
  at: number,
  { word, isFlow }: { readonly word: string; readonly isFlow: boolean },
): boolean {
  const char = line[at] ?? '';
  if (char === '{' || char === '[') return word === '';
  if (char === ':') return /^(?: |$)/.test(line.slice(at + 1));
  return isFlow && /[\]},]/.test(char);
}

function turn(frames: Frame[], { char, word }: { char: string; word: string }): void {
  const frame = frames.at(-1);
  if (char === '{' || char === '[')
    frames.push({ kind: char === '{' ? 'map' : 'list', key: undefined });
  else if (char === ',' && frame) frame.key = undefined;
  else if (char === ':' && frame) frame.key = word;
  else frames.pop();
}

function placeOf(frames: readonly Frame[], from: number): YamlPlace {
  const last = frames.at(-1);
  const path = frames.flatMap(({ kind, key }) => (kind === 'list' ? ['-'] : (key ?? [])));
  return { path, kind: last?.kind === 'map' && last.key === undefined ? 'key' : 'value', from };
}
