import type { z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import { quote } from './trigger-problems.ts';
import { keysAt } from './trigger-schema.ts';
import { pathText } from './yaml-position.ts';

/** A mistake at a path of the document; a number counts into the text there, `key` is its key. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly offset?: number | 'key';
}

/** The rest of a sentence that begins with the key; what a schema says itself goes before it. */
export function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? 'is required and missing'
      : `must be ${wordFor(issue.expected)}`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return wordingOfShort(Number(issue.minimum));
    return issue.origin === 'string' ? 'is empty' : `must be at least ${issue.minimum}`;
  }
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
  return issue.code === 'invalid_value' ? wordingOfChoice(issue) : 'is not as it must be';
}

const words: ReadonlyMap<string, string> = new Map([
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
  ['int', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['string', 'a text (in quotes, when it looks like something else)'],
]);

/** The words of YAML for what a value must be. */
function wordFor(expected: string): string {
  return words.get(expected) ?? `a ${expected}`;
}

function wordingOfShort(minimum: number): string {
  return minimum === 1
    ? 'is empty: it needs at least one'
    : `is too short: it needs at least ${minimum} items`;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' items long' : '';
}

function wordingOfChoice({ input, values }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidValue>) {
  const choices = values.map(String);
  const meant = typeof input === 'string' ? nearest(input, choices) : undefined;
  const hint = meant === undefined ? '' : `: did you mean "${meant}"?`;
  return `must be one of ${choices.join(', ')}${hint}`;
}

/** What the check of the form found, as mistakes of a person. */
export function mistakesOf(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[] = [],
): Mistake[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(path);
      return issue.keys.map((key) => unknownKey([...path, key], key, known));
    }
    if (issue.code === 'invalid_union') return mistakesOf(meantForm(issue.errors), path);
    return [{ path, message: `${pathText(path)} ${issue.message}` }];
  });
}

function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Mistake {
  const hint = hintFor(key, known);
  return { path, message: `Unknown key ${quote(key)}: ${hint}`, offset: 'key' };
}

/** The near word, or all there are. */
export function hintFor(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined
    ? `there are ${[...new Set(known)].join(', ')}`
    : `did you mean "${meant}"?`;
}

/** Of several forms a value may have, the one it is nearest to: the right kind, the fewest unknown keys. */
function meantForm(forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const [nearestForm] = forms
    .map((issues) => ({ issues, strangeness: strangeness(issues) }))
    .toSorted((a, b) => a.strangeness - b.strangeness);
  return nearestForm?.issues ?? [];
}

function strangeness(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.path.length > 0) return sum;
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    return issue.code === 'invalid_type' ? Infinity : sum;
  }, 0);
}
