import type { TriggerDefinition, TriggerScope } from '../domain/trigger.ts';
import { compileCondition, compileExpression, ExpressionError, variablesOf } from './expression.ts';
import { quote } from './trigger-problems.ts';

/** An expression of a trigger, and where in its file it stands: `dedupe.key`. */
export interface PlacedExpression {
  readonly path: string;
  readonly source: string;
}

type Evaluate = (scope: TriggerScope) => unknown;

/** What was compiled of each trigger; a trigger is matched with one object for as long as it lives. */
const compiled = new WeakMap<TriggerDefinition, Map<string, Evaluate>>();

/** The variables that the expressions of a trigger have: in a join its parts are among them. */
export function variablesIn({ on }: TriggerDefinition): readonly string[] {
  return variablesOf(on.flatMap(({ as }) => (as === null ? [] : [as])));
}

/**
 * Whether a condition of a trigger is true.
 *
 * @throws ExpressionError that says where: `when: field not found: a (at character 5 of "body.a")`
 */
export function isTrueIn(
  definition: TriggerDefinition,
  placed: PlacedExpression,
  scope: TriggerScope,
): boolean {
  return at(placed, () => {
    const evaluate = compiledIn(definition, `bool ${placed.source}`, () =>
      compileCondition(placed.source, variablesIn(definition)),
    );
    return evaluate(scope) === true;
  });
}

/**
 * The value of an expression of a trigger, as plain JSON.
 *
 * @throws ExpressionError that says where, as `isTrueIn` does
 */
export function evaluateIn(
  definition: TriggerDefinition,
  placed: PlacedExpression,
  scope: TriggerScope,
): unknown {
  return at(placed, () => {
    const evaluate = compiledIn(definition, `any ${placed.source}`, () => {
      const expression = compileExpression(placed.source, variablesIn(definition));
      return (of) => expression.evaluate(of);
    });
    return evaluate(scope);
  });
}

/** An error of an expression, told to a person: its place in the file, and the place in itself. */
export function placedError(
  { path, source }: PlacedExpression,
  message: string,
  offset: number,
): ExpressionError {
  const place = `at character ${offset + 1} of ${quote(source)}`;
  return new ExpressionError(`${path}: ${message} (${place})`, offset);
}

function compiledIn(definition: TriggerDefinition, key: string, make: () => Evaluate): Evaluate {
  const own = compiled.get(definition) ?? new Map<string, Evaluate>();
  compiled.set(definition, own);
  const evaluate = own.get(key) ?? make();
  own.set(key, evaluate);
  return evaluate;
}

function at<T>(placed: PlacedExpression, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw placedError(placed, error.message, error.offset);
  }
}
