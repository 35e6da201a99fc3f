import type { TriggerInput, TriggerScope } from '../domain/trigger.ts';
import { compileExpression, ExpressionError, variablesOf } from './expression.ts';
import { quote } from './trigger-problems.ts';

/** A piece of a template: text as it is, or an expression. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string; readonly offset: number };

/** Deeper `with` has no honest use. */
const depthMax = 32;

/**
 * Check every `${{ }}` in a text.
 *
 * @throws ExpressionError with the offset in the text
 */
export function checkTemplate(text: string, variables: readonly string[]): void {
  for (const piece of split(text)) {
    if (piece.kind === 'text') continue;
    within(piece.offset, () => compileExpression(piece.source, variables));
  }
}

/**
 * Evaluate a trigger's `with` for an event. A text that is one whole `${{ }}` takes the type of its
 * value; in a longer text the value is written as text.
 *
 * @throws ExpressionError naming the path in `with`
 */
export function renderInput(input: TriggerInput, scope: TriggerScope): TriggerInput {
  const entries = Object.entries(input).map(
    ([key, value]) => [key, render(value, { scope, path: `with.${key}`, depth: 0 })] as const,
  );
  return Object.fromEntries(entries);
}

interface Place {
  readonly scope: TriggerScope;
  readonly path: string;
  readonly depth: number;
}

function render(value: unknown, { scope, path, depth }: Place): unknown {
  if (depth > depthMax) throw new ExpressionError(`${path}: is nested too deep`, 0);
  if (typeof value === 'string') return renderText(value, scope, path);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      render(item, { scope, path: `${path}.${index}`, depth: depth + 1 }),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) =>
      [key, render(item, { scope, path: `${path}.${key}`, depth: depth + 1 })] as const,
  );
  return Object.fromEntries(entries);
}

/**
 * As `renderInput`, for one text.
 *
 * @throws ExpressionError that begins with the path
 */
export function renderText(text: string, scope: TriggerScope, path: string): unknown {
  const pieces = split(text);
  const variables = variablesOf(Object.keys(scope.parts ?? {}));
  const [only, second] = pieces;
  const valueOf = (source: string): unknown => {
    try {
      return compileExpression(source, variables).evaluate(scope);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new ExpressionError(`${path}: ${quote(source.trim())}: ${error.message}`, error.offset);
    }
  };
  if (only?.kind === 'expression' && !second) return valueOf(only.source);
  return pieces
    .map((piece) => (piece.kind === 'text' ? piece.text : textOf(valueOf(piece.source))))
    .join('');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** @throws ExpressionError for a `${{` without `}}` */
function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('${{', at);
    if (start < 0) break;
    const end = findEnd(text, start + 3);
    if (end < 0) throw new ExpressionError('"${{" is not closed by "}}"', start);
    if (start > at) pieces.push({ kind: 'text', text: text.slice(at, start) });
    pieces.push({ kind: 'expression', source: text.slice(start + 3, end), offset: start + 3 });
    at = end + 2;
  }
  if (at < text.length) pieces.push({ kind: 'text', text: text.slice(at) });
  return pieces;
}

/** Quoted text, an opening or a closing brace; an escape belongs to its quotes. */
const tokens = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{}]/gs;

/** Where the `}}` of an expression stands: not in quotes, not the end of a map in a map; -1 = nowhere. */
function findEnd(text: string, start: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(start).matchAll(tokens)) {
    const at = start + index;
    if (token === '}' && depth === 0 && text[at + 1] === '}') return at;
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
  }
  return text.indexOf('}}', start); // Quotes or braces don't match: the parser says where.
}

function within<T>(offset: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, offset + error.offset);
  }
}
