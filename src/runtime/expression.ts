import { celEnv, isCelError, isCelList, isCelMap, isCelUint, parse, plan } from '@bufbuild/cel';
import type { CelInput, CelValue } from '@bufbuild/cel';
import type { TriggerScope } from '../domain/trigger.ts';
import { inspect } from './expression-tree.ts';
import type { Inspection } from './expression-tree.ts';
import { quote } from './trigger-problems.ts';

/** Beyond these the parser's own stack and time are at risk (5,000 parentheses overflow it). */
const lengthMax = 4096;
const nestingMax = 50;

/** Three nested comprehensions over 100 items burn seconds: two are the most. */
const comprehensionsMax = 2;

/** How many items a list of an event may have: under one comprehension, and under two. */
const listItemsMax = [10_000, 10_000, 200] as const;

export const scopeVariables = ['event', 'body', 'headers', 'query'] as const;

/** What is wrong with an expression, and where in it. Offsets count characters from 0. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** An expression that was parsed once, to be evaluated often. */
export interface Expression {
  /** Whether its value is known not to be a bool whatever the event: a literal. */
  readonly isNeverBool: boolean;
  /**
   * @returns plain JSON values: numbers for ints, text for times
   * @throws ExpressionError when it has no value for this event, a missing field say
   */
  evaluate(scope: TriggerScope): unknown;
}

const env = celEnv();

/** CEL's own text form of a time (RFC 3339) or a duration (`3600s`). */
const timeText = plan(env, parse('string(value)'));

/**
 * Parse a CEL expression over `event`, `body`, `headers` and `query`. The one place that knows CEL.
 *
 * @throws ExpressionError with its offset: syntax, an unknown variable or function, too much of it
 */
export function compileExpression(source: string): Expression {
  refuseTooMuch(source);
  const parsed = parseSource(source);
  const { tree, run } = guarded(() => planTree(parsed));
  const used = scopeVariables.filter((known) => tree.variables.some(({ name }) => name === known));
  const limit = listItemsMax[tree.comprehensions] ?? 0;
  return {
    isNeverBool: tree.isLiteral && typeof tree.literal !== 'boolean',
    evaluate(scope) {
      return guarded(() => {
        const bindings = Object.fromEntries(used.map((name) => [name, toCel(scope[name], limit)]));
        const result = run(bindings);
        if (!isCelError(result)) return fromCel(result);
        throw new ExpressionError(explain(result.message), tree.offsetOf(result.exprId) ?? 0);
      });
    },
  };
}

function planTree(parsed: ReturnType<typeof parse>): {
  tree: Inspection;
  run: ReturnType<typeof plan>;
} {
  const tree = inspect(parsed);
  refuseUnknown(tree);
  return { tree, run: plan(env, parsed) };
}

/** A long chain (`1+1+1…`) or a deep body overflows the stack: that too is an error of the expression. */
function guarded<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(`Is too complex: ${String(error)}`, 0);
  }
}

/**
 * As `compileExpression`, for a condition.
 *
 * @returns a function that throws ExpressionError rather than calling an error "no match"
 */
export function compileCondition(source: string): (scope: TriggerScope) => boolean {
  const expression = compileExpression(source);
  if (expression.isNeverBool) throw new ExpressionError('Must give a bool, true or false', 0);
  return (scope) => {
    const value = expression.evaluate(scope);
    if (typeof value === 'boolean') return value;
    throw new ExpressionError(`Must give a bool, and gave ${kindOf(value)}`, 0);
  };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function refuseTooMuch(source: string): void {
  if (source.length > lengthMax) {
    throw new ExpressionError(`Is too long: ${lengthMax} characters are the limit`, lengthMax);
  }
  let depth = 0;
  let operators = 0;
  for (const [offset, character] of source.split('').entries()) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if ('!-?'.includes(character)) operators += 1;
    if (depth > nestingMax || operators > 10 * nestingMax) {
      throw new ExpressionError(`Is nested too deep: ${nestingMax} levels are the limit`, offset);
    }
  }
}

function parseSource(source: string): ReturnType<typeof parse> {
  try {
    return parse(source);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [, line, column, message] = /<input>:(\d+):(\d+):?\s*(.*)$/s.exec(text) ?? [];
    const offset = line === undefined ? 0 : offsetAt(source, Number(line), Number(column));
    throw new ExpressionError(
      `Syntax: ${message ?? `invalid literal or escape (${text})`}`,
      offset,
    );
  }
}

function offsetAt(source: string, line: number, column: number): number {
  const before = source.split('\n').slice(0, line - 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + Math.max(0, column - 1);
}

function refuseUnknown(tree: Inspection): void {
  for (const { name, offset } of tree.variables) {
    if (scopeVariables.some((known) => known === name)) continue;
    throw new ExpressionError(
      `Unknown variable ${quote(name)}: there are ${scopeVariables.join(', ')}`,
      offset,
    );
  }
  for (const { name, offset } of tree.functions) {
    if (env.funcs.find(name) !== undefined || isOperator(name)) continue;
    throw new ExpressionError(`Unknown function ${quote(name)}`, offset);
  }
  if (tree.comprehensions > comprehensionsMax) {
    throw new ExpressionError(
      `Comprehensions are nested too deep: ${comprehensionsMax} levels are the limit`,
      0,
    );
  }
}

/** `_&&_`, `!_`, `@in`, …: always there. No name that a person can write has such a character. */
function isOperator(name: string): boolean {
  return /\W/.test(name);
}

/** Objects become maps, so that no prototype is reached. */
function toCel(value: unknown, itemsMax: number): CelInput {
  if (Array.isArray(value)) {
    if (value.length > itemsMax) {
      throw new ExpressionError(
        `The event has a list of ${value.length} items: ${itemsMax} are the limit for this expression`,
        0,
      );
    }
    return value.map((item) => toCel(item, itemsMax));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, toCel(item, itemsMax)] as const,
    );
    return new Map(entries);
  }
  return value as CelInput;
}

function fromCel(value: CelValue): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isCelUint(value)) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isCelList(value)) return [...value].map(fromCel);
  if (isCelMap(value)) {
    const entries = [...value].map(([key, item]) => [keyText(key), fromCel(item)] as const);
    return Object.fromEntries(entries);
  }
  const text = timeText({ value });
  if (typeof text === 'string') return text;
  throw new ExpressionError('Gives a value that JSON has no form for', 0);
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(fromCel(key as CelValue));
}

/** CEL's own words, with what people trip over. */
function explain(message: string): string {
  if (!/no matching overload/.test(message)) return message;
  return `${message} (numbers of a JSON body are doubles: write 1.0 for 1, or int(…) around the field)`;
}
