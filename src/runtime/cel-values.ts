import { celEnv, isCelList, isCelMap, isCelUint, parse, plan } from '@bufbuild/cel';
import type { CelInput, CelValue } from '@bufbuild/cel';
import type { EventScope, TriggerScope } from '../domain/trigger.ts';
import { ExpressionError } from './expression-error.ts';

/** What expressions see of every event. */
export const scopeVariables = ['event', 'body', 'headers', 'query'] as const;
type ScopeVariable = (typeof scopeVariables)[number] | 'data';

/** By the facts of an event and the name of a variable: it is asked about often and converted once. */
const kept = new WeakMap<EventScope['event'], Map<ScopeVariable, Kept>>();

/** A longer list is not converted at all: no expression may look at it. */
export const listItemsKept = 10_000;

/** A variable in the form that CEL takes. */
export interface Converted {
  readonly value: CelInput;
  /** Items of its longest list; beyond `listItemsKept` there is no value. */
  readonly longestList: number;
}

interface Kept extends Converted {
  readonly source: unknown;
}

interface Lists {
  longest: number;
}

/** Convert all variables of an event ahead of the expressions that will ask for them. */
export function convertScope(scope: EventScope): void {
  for (const name of scopeVariables) convertOwn(scope, name);
}

/**
 * A variable of an event in the form that CEL takes, converted once per event.
 *
 * @param name - `event`, `body`, `headers`, `query`, `data` where the scope has it, or a part of a join
 * @throws ExpressionError for a part that has not come
 */
export function convertVariable(scope: TriggerScope, name: string): Converted {
  if (isOwn(name) || (name === 'data' && 'data' in scope)) return convertOwn(scope, name);
  const part = Object.hasOwn(scope.parts ?? {}, name) ? scope.parts?.[name] : undefined;
  if (!part) throw new ExpressionError(`The part "${name}" has not come`, 0);
  const own = scopeVariables.map((each) => [each, convertOwn(part, each)] as const);
  return {
    value: new Map(own.map(([each, { value }]) => [each, value])),
    longestList: Math.max(...own.map(([, { longestList }]) => longestList)),
  };
}

function isOwn(name: string): name is (typeof scopeVariables)[number] {
  return scopeVariables.some((own) => own === name);
}

function convertOwn(scope: TriggerScope, name: ScopeVariable): Converted {
  const own = kept.get(scope.event) ?? new Map<ScopeVariable, Kept>();
  kept.set(scope.event, own);
  const source = scope[name];
  const before = own.get(name);
  if (before && before.source === source) return before;
  const lists: Lists = { longest: 0 };
  const converted = { source, value: toCel(source, lists), longestList: lists.longest };
  own.set(name, converted);
  return converted;
}

/** Objects become maps, so that no prototype is reached. */
function toCel(value: unknown, lists: Lists): CelInput {
  if (Array.isArray(value)) {
    lists.longest = Math.max(lists.longest, value.length);
    if (value.length > listItemsKept) return null;
    return value.map((item) => toCel(item, lists));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, toCel(item, lists)] as const);
    return new Map(entries);
  }
  return value as CelInput;
}

/** CEL's own text form of a time (RFC 3339) or a duration (`3600s`). */
const timeText = plan(celEnv(), parse('string(value)'));

/**
 * A value as plain JSON: numbers for ints, text for times and for ints too large for a number.
 *
 * @throws ExpressionError when JSON has no form for it
 */
export function fromCel(value: CelValue): unknown {
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
