import type { TriggerScope } from '../domain/trigger.ts';
import { compileCondition, compileExpression, scopeVariables } from './expression.ts';
import { partsOf, trimmed } from './expression-parts.ts';
import type { Parts, Piece } from './expression-parts.ts';

/** No more of a value is shown. */
const valueLengthMax = 120;

/** To compile a character takes up to 40 µs, and every other request waits for it: no more in all. */
const charactersMax = 4096;

/** More values than these explain nothing. */
const valuesMax = 8;

/** What a value was for an event: `body.action` is `"closed"`. */
export interface ShownValue {
  readonly expression: string;
  /** JSON, cut to 120 characters. */
  readonly value: string;
}

/** The smallest part of a condition that made it what it is. */
export interface Decisive {
  readonly expression: string;
  /** Where it begins in the condition, counted in characters from 0. */
  readonly offset: number;
  /** `false`, `true`, or `failed: ` and why. */
  readonly outcome: string;
  /** Of what it compares; a constant is not told. */
  readonly values: readonly ShownValue[];
}

export interface ConditionExplanation {
  /** Undefined = it has no value for this event: see `failure`. */
  readonly value: boolean | undefined;
  readonly failure: string | null;
  readonly decisive: Decisive;
}

type Outcome = { readonly value: boolean } | { readonly failure: string };

interface Decided {
  readonly piece: Piece;
  readonly outcome: Outcome;
}

/** Undefined = the parts before were too long together. */
type Evaluate = (piece: Piece) => Decided | undefined;

/**
 * Evaluate a condition and find the smallest part of it that decided, or of a long and deep one a
 * larger part. Never throws.
 */
export function explainCondition(
  source: string,
  scope: TriggerScope,
  variables: readonly string[] = scopeVariables,
): ConditionExplanation {
  const whole = {
    piece: trimmed({ text: source, offset: 0 }),
    ...outcomeOf(source, scope, variables),
  };
  let charactersLeft = charactersMax;
  const evaluate: Evaluate = (piece) => {
    charactersLeft -= piece.text.length;
    if (charactersLeft < 0) return undefined;
    // The line break ends a comment that a part ends with.
    return { piece, ...outcomeOf(`${piece.text}\n`, scope, variables) };
  };
  const { piece, outcome } = whole.isCompiled ? decide(whole, evaluate) : whole;
  return {
    value: 'value' in whole.outcome ? whole.outcome.value : undefined,
    failure: 'failure' in whole.outcome ? whole.outcome.failure : null,
    decisive: {
      expression: piece.text,
      offset: piece.offset,
      outcome: 'value' in outcome ? String(outcome.value) : `failed: ${outcome.failure}`,
      values: whole.isCompiled ? valuesIn(piece, scope, variables) : [],
    },
  };
}

function outcomeOf(
  source: string,
  scope: TriggerScope,
  variables: readonly string[],
): { readonly outcome: Outcome; readonly isCompiled: boolean } {
  let isCompiled = false;
  try {
    const condition = compileCondition(source, variables);
    isCompiled = true;
    return { outcome: { value: condition(scope) }, isCompiled };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { outcome: { failure }, isCompiled };
  }
}

function decide(whole: Decided, evaluate: Evaluate): Decided {
  const part = deciderOf(whole, evaluate);
  // A part by itself may look at longer lists than the whole: where only the whole fails, it decides.
  return part && 'failure' in part.outcome === 'failure' in whole.outcome
    ? decide(part, evaluate)
    : whole;
}

/** The part one layer down to which an expression owes its outcome; undefined = to several, or none. */
function deciderOf({ piece, outcome }: Decided, evaluate: Evaluate): Decided | undefined {
  const parts = partsOf(piece);
  if (parts.kind === 'leaf') return undefined;
  if (parts.kind === 'group') return { piece: parts.operand, outcome };
  if (parts.kind === 'not') return negatedOf(parts.operand, outcome, evaluate);
  if (parts.kind === 'choice') return chosenOf(parts, evaluate);
  if ('value' in outcome && outcome.value !== (parts.kind === 'or')) return undefined;
  return firstOf(parts.operands, outcome, evaluate);
}

/** What is negated; evaluated only where it may fail in other words than the whole. */
function negatedOf(operand: Piece, outcome: Outcome, evaluate: Evaluate): Decided | undefined {
  return 'value' in outcome
    ? { piece: operand, outcome: { value: !outcome.value } }
    : evaluate(operand);
}

/** The first part that came out as the whole did. */
function firstOf(
  operands: readonly Piece[],
  outcome: Outcome,
  evaluate: Evaluate,
): Decided | undefined {
  for (const operand of operands) {
    const decided = evaluate(operand);
    if (!decided || isSame(decided.outcome, outcome)) return decided;
  }
  return undefined;
}

/** What was chosen, or the condition where that is all there is to tell. */
function chosenOf(
  { condition, choices }: Extract<Parts, { kind: 'choice' }>,
  evaluate: Evaluate,
): Decided | undefined {
  const asked = evaluate(condition);
  const [yes, no] = choices;
  if (!asked || 'failure' in asked.outcome) return asked;
  const chosen = asked.outcome.value ? yes : no;
  return /^(?:true|false)$/.test(chosen.text) ? asked : evaluate(chosen);
}

/** Whether both failed, in whatever words, or have one value. */
function isSame(a: Outcome, b: Outcome): boolean {
  if ('failure' in a || 'failure' in b) return 'failure' in a && 'failure' in b;
  return a.value === b.value;
}

function valuesIn(
  piece: Piece,
  scope: TriggerScope,
  variables: readonly string[],
): readonly ShownValue[] {
  const expressions = [...new Set(sidesIn(piece).map(({ text }) => text))].slice(0, valuesMax);
  return expressions.flatMap((expression) => {
    try {
      const compiled = compileExpression(expression, variables);
      return compiled.isConstant ? [] : [{ expression, value: shown(compiled.evaluate(scope)) }];
    } catch {
      return []; // Where it has none, the outcome says so.
    }
  });
}

function sidesIn(piece: Piece): readonly Piece[] {
  const parts = partsOf(piece);
  if (parts.kind === 'leaf') return parts.sides;
  if (parts.kind === 'not' || parts.kind === 'group') return sidesIn(parts.operand);
  if (parts.kind === 'choice') return [parts.condition, ...parts.choices].flatMap(sidesIn);
  return parts.operands.flatMap(sidesIn);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax - 1)}…` : text;
}
