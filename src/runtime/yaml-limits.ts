import { Lexer } from 'yaml';

/** Deeper maps and lists have no honest use, and the parser calls itself for each level. */
export const depthMax = 32;

/** A line `key: value` has six; to parse as many takes a part of a second. */
const tokensMax = 20_000;

/** The parser needs the square of how many stand before one value. */
const propertiesMax = 100;

/** Before a text that stands without quotes, and what begins a document: no characters of the file. */
const plainSign = '\u001F';
const signs: readonly string[] = ['\u0002', '\u0018', plainSign];

interface Counts {
  tokens: number;
  properties: number;
  /** Brackets that are open. */
  brackets: number;
  /** Signs `-` and `?` of the line: each is a level. */
  levels: number;
}

/** Where a text is too much for the parser, found before it is parsed; undefined = nowhere. */
export function findExcess(text: string): { offset: number; message: string } | undefined {
  const counts: Counts = { tokens: 0, properties: 0, brackets: 0, levels: 0 };
  let offset = 0;
  let before = '';
  for (const token of new Lexer().lex(text)) {
    if (before !== plainSign) count(token, counts);
    const message = excessOf(counts);
    if (message !== undefined) return { offset, message };
    if (!signs.includes(token)) offset += token.length;
    before = token;
  }
  return undefined;
}

function count(token: string, counts: Counts): void {
  counts.tokens += 1;
  if (token === '[' || token === '{') counts.brackets += 1;
  if (token === ']' || token === '}') counts.brackets -= 1;
  if (token === '-' || token === '?') counts.levels += 1;
  if (token.endsWith('\n')) counts.levels = 0;
  if (token.startsWith('!') || token.startsWith('&')) counts.properties += 1;
}

function excessOf({ tokens, properties, brackets, levels }: Counts): string | undefined {
  if (brackets > depthMax || levels > depthMax) return `Nested deeper than ${depthMax} levels`;
  if (properties > propertiesMax) return `There are more than ${propertiesMax} tags and anchors`;
  return tokens > tokensMax
    ? 'The file is too long: there are too many keys and values'
    : undefined;
}
