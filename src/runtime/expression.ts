import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import type { CelInput } from '@bufbuild/cel';
import type { TriggerScope } from '../domain/trigger.ts';
import { convertVariable, fromCel, listItemsKept, scopeVariables } from './cel-values.ts';
import { ExpressionError } from './expression-error.ts';
import { inspect } from './expression-tree.ts';
import type { Inspection } from './expression-tree.ts';
import { quote } from './trigger-problems.ts';

/** Beyond these the parser's own stack and time are at risk (5,000 parentheses overflow it). */
const lengthMax = 4096;
const nestingMax = 50;

/** Three nested comprehensions over 100 items burn seconds: two are the most. */
const comprehensionsMax = 2;

/** Each may take some 150 ms over the largest lists: forty of them stopped a server for six seconds. */
const nestedComprehensionsMax = 4;

/** How many items a list of an event may have: under no or one comprehension, and under two. */
const listItemsMax = [listItemsKept, listItemsKept, 200] as const;

export { ExpressionError, scopeVariables };

/** An expression that was parsed once, to be evaluated often. */
export interface Expression {
  /** Whether its value is known not to be a bool whatever the event: a number, a sum. */
  readonly isNeverBool: boolean;
  /** Whether its value is the same for every event. */
  readonly isConstant: boolean;
  /**
   * @returns plain JSON values: numbers for ints, text for times
   * @throws ExpressionError when it has no value for this event, a missing field say
   */
  evaluate(scope: TriggerScope): unknown;
}

const env = celEnv();

/**
 * Parse a CEL expression over `event`, `body`, `headers` and `query`, or in a join over those and
 * its parts (`variablesOf`).
 *
 * @throws ExpressionError with its offset: syntax, an unknown variable or function, too much of it
 */
export function compileExpression(
  source: string,
  variables: readonly string[] = scopeVariables,
): Expression {
  refuseTooMuch(source);
  const parsed = parseSource(source);
  const { tree, run } = guarded(() => planTree(parsed, variables));
  const used = [...new Set(tree.variables.map(({ name }) => name))];
  const limit = listItemsMax[tree.comprehensions] ?? 0;
  return {
    isNeverBool: tree.isNeverBool,
    isConstant: used.length === 0,
    evaluate(scope) {
      return guarded(() => {
        const result = run(bind(used, scope, limit));
        if (!isCelError(result)) return fromCel(result);
        throw new ExpressionError(explain(result.message), tree.offsetOf(result.exprId) ?? 0);
      });
    },
  };
}

/** The variables of a scope with these parts. */
export function variablesOf(parts: readonly string[]): readonly string[] {
  return [...scopeVariables, ...parts];
}

/** @throws ExpressionError for a list that is too long */
function bind(
  names: readonly string[],
  scope: TriggerScope,
  itemsMax: number,
): Record<string, CelInput> {
  const bindings = names.map((name) => {
    const { value, longestList } = convertVariable(scope, name);
    if (longestList <= itemsMax) return [name, value] as const;
    throw new ExpressionError(
      `The event has a list of ${longestList} items: ${itemsMax} are the limit for this expression`,
      0,
    );
  });
  return Object.fromEntries(bindings);
}

function planTree(
  parsed: ReturnType<typeof parse>,
  variables: readonly string[],
): { tree: Inspection; run: ReturnType<typeof plan> } {
  const tree = inspect(parsed);
  refuseUnknown(tree, variables);
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
export function compileCondition(
  source: string,
  variables: readonly string[] = scopeVariables,
): (scope: TriggerScope) => boolean {
  const expression = compileExpression(source, variables);
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

function refuseUnknown(tree: Inspection, variables: readonly string[]): void {
  for (const { name, offset } of tree.variables) {
    if (variables.includes(name)) continue;
    throw new ExpressionError(
      `Unknown variable ${quote(name)}: there are ${variables.join(', ')}`,
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
  if (tree.nestedComprehensions > nestedComprehensionsMax) {
    throw new ExpressionError(
      `Too many comprehensions stand within others: ${nestedComprehensionsMax} are the limit`,
      0,
    );
  }
}

/** `_&&_`, `!_`, `@in`, …: always there. No name that a person can write has such a character. */
function isOperator(name: string): boolean {
  return /\W/.test(name);
}

/** CEL's own words, with what people trip over. */
function explain(message: string): string {
  if (!/no matching overload/.test(message)) return message;
  return `${message} (numbers of a JSON body are doubles: write 1.0 for 1, or int(…) around the field)`;
}
