/** A piece of an expression's text. */
export interface Piece {
  readonly text: string;
  /** Where it begins in the whole, counted in characters from 0. */
  readonly offset: number;
}

/** How a boolean expression is built of smaller ones. */
export type Parts =
  | { readonly kind: 'or' | 'and'; readonly operands: readonly Piece[] }
  | { readonly kind: 'not'; readonly operand: Piece }
  | { readonly kind: 'group'; readonly operand: Piece }
  | {
      readonly kind: 'choice';
      readonly condition: Piece;
      readonly choices: readonly [Piece, Piece];
    }
  /** `sides` are those of a comparison, or what a method is called on. */
  | { readonly kind: 'leaf'; readonly sides: readonly Piece[] };

/** An operator outside of quotes and brackets. */
interface Operator {
  readonly token: string;
  readonly at: number;
}

/** Quoted text (raw, in three quotes, in one), a comment, a bracket, an operator that parts something. */
const tokens =
  /[rR][bB]?(?:"""[^]*?"""|'''[^]*?'''|"[^"]*"|'[^']*')|"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*|[([{]|[)\]}]|\|\||&&|[=!<>]=|[<>?:]|\b(?:in)\b/g;

const comparisons: readonly string[] = ['==', '!=', '<=', '>=', '<', '>', 'in'];

/** Take one layer of an expression that is known to parse apart, as CEL's precedence has it. */
export function partsOf(whole: Piece): Parts {
  const piece = trimmed(whole);
  const operators = findOperators(piece.text);
  const choice = choiceOf(piece, operators);
  if (choice) return choice;
  for (const [token, kind] of [['||', 'or'] as const, ['&&', 'and'] as const]) {
    const at = operators.filter((operator) => operator.token === token);
    if (at.length > 0) return { kind, operands: splitAt(piece, at) };
  }
  const comparison = operators.findLast(({ token }) => comparisons.includes(token));
  if (comparison) return { kind: 'leaf', sides: splitAt(piece, [comparison]) };
  if (piece.text.startsWith('!')) return { kind: 'not', operand: slice(piece, 1) };
  const opening = lastOpening(piece.text);
  if (opening === 0) return { kind: 'group', operand: slice(piece, 1, -1) };
  return { kind: 'leaf', sides: receiverOf(piece, opening) };
}

function findOperators(text: string): readonly Operator[] {
  const found: Operator[] = [];
  let depth = 0;
  for (const { 0: token, index: at } of text.matchAll(tokens)) {
    if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    else if (depth === 0) found.push({ token, at });
  }
  return found;
}

function choiceOf(piece: Piece, operators: readonly Operator[]): Parts | undefined {
  const first = operators.findIndex(({ token }) => token === '?');
  const question = operators[first];
  if (!question) return undefined;
  let open = 0;
  const colon = operators.slice(first).find(({ token }) => {
    if (token === '?') open += 1;
    if (token === ':') open -= 1;
    return open === 0 && token === ':';
  });
  if (!colon) return undefined;
  const [condition, rest] = splitAt(piece, [question]);
  const yes = slice(piece, question.at + 1, colon.at - piece.text.length);
  const no = slice(piece, colon.at + 1);
  return condition && rest ? { kind: 'choice', condition, choices: [yes, no] } : undefined;
}

function splitAt(piece: Piece, operators: readonly Operator[]): Piece[] {
  const starts = [0, ...operators.map(({ at, token }) => at + token.length)];
  const ends = [...operators.map(({ at }) => at), piece.text.length];
  return starts.map((start, index) =>
    slice(piece, start, (ends[index] ?? start) - piece.text.length || undefined),
  );
}

/** Where the bracket opens with which a text ends; -1 = it does not end with `)`. */
function lastOpening(text: string): number {
  const openings: number[] = [];
  let last = -1;
  for (const { 0: token, index: at } of text.matchAll(tokens)) {
    if ('([{'.includes(token)) openings.push(at);
    if (!')]}'.includes(token)) continue;
    const opening = openings.pop() ?? -1;
    last = token === ')' && at === text.length - 1 ? opening : -1;
  }
  return last;
}

/** What a method is called on: `body.ref` of `body.ref.startsWith('a')`. */
function receiverOf(piece: Piece, opening: number): readonly Piece[] {
  const [method] = /\.\w+$/.exec(piece.text.slice(0, Math.max(0, opening))) ?? [];
  return method === undefined ? [] : [slice(piece, 0, opening - method.length - piece.text.length)];
}

/** @param end - counted from the end, negative; absent = to the end */
function slice({ text, offset }: Piece, start: number, end?: number): Piece {
  return trimmed({ text: text.slice(start, end), offset: offset + start });
}

/** Without the white space around it. */
export function trimmed({ text, offset }: Piece): Piece {
  const start = text.length - text.trimStart().length;
  return { text: text.trim(), offset: offset + start };
}
