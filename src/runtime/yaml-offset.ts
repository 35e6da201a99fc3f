import type { Scalar } from 'yaml';

/**
 * Where the n-th character of a scalar's value stands in its text. YAML folds, unfolds and indents
 * only with white space: the other characters of the value are those of the text, in their order.
 *
 * @param raw - the scalar's text from its first sign (a quote, `|`, `>`) on
 * @returns how many characters into the text
 */
export function offsetInScalar(
  raw: string,
  { type, value }: { type: Scalar.Type | undefined; value: string },
  offset: number,
): number {
  const solid = value.slice(0, offset).replaceAll(/\s/g, '').length;
  const isOnSolid = /\S/.test(value.charAt(offset));
  let count = 0;
  let end = 0;
  for (const { start, text, decoded } of signs(raw, type)) {
    if (!/\S/.test(decoded)) continue;
    if (isOnSolid && count >= solid) return start;
    count += decoded.length;
    end = start + text.length;
    if (!isOnSolid && count >= solid) return end;
  }
  return end;
}

interface Sign {
  readonly start: number;
  readonly text: string;
  /** What it stands for; nothing for what only closes or continues. */
  readonly decoded: string;
}

function* signs(raw: string, type: Scalar.Type | undefined): Generator<Sign> {
  const start = startOf(raw, type);
  for (const { 0: text, index } of raw.slice(start).matchAll(patternOf(type))) {
    yield { start: start + index, text, decoded: decode(text, type) };
  }
}

/** After the opening quote, or on the line after the sign of a block. */
function startOf(raw: string, type: Scalar.Type | undefined): number {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return 1;
  return isBlock(type) ? raw.indexOf('\n') + 1 : 0;
}

function isBlock(type: Scalar.Type | undefined): boolean {
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL';
}

function patternOf(type: Scalar.Type | undefined): RegExp {
  if (type === 'QUOTE_DOUBLE') {
    return /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|\r?\n|[^])|[^]/g;
  }
  return type === 'QUOTE_SINGLE' ? /''|[^]/g : /[^]/g;
}

/** Escapes of white space; every other escape of one letter stands for one character. */
const blanks = 'ntrvfLP_ \t\n\r';

function decode(text: string, type: Scalar.Type | undefined): string {
  if (type === 'QUOTE_SINGLE') return text.slice(0, 1);
  if (type !== 'QUOTE_DOUBLE' || text.length === 1) return text;
  const code = /^\\[xuU]([0-9a-fA-F]+)$/.exec(text)?.[1];
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  return blanks.includes(text.charAt(1)) ? ' ' : '-';
}
