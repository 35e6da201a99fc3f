import { compileCondition, compileExpression, ExpressionError, variablesOf } from './expression.ts';
import { checkTemplate } from './template.ts';
import type { Mistake } from './trigger-mistakes.ts';
import { pathText } from './yaml-position.ts';

/** A character takes up to 40 µs to parse, and a file is checked while somebody waits. */
const expressionsMax = 200;
const charactersMax = 8000;

type Path = readonly PropertyKey[];

/** How a text is compiled. */
type Compile = (text: string, variables: readonly string[]) => unknown;

/** A text that is, or holds, expressions. */
interface Place {
  readonly path: Path;
  readonly text: string;
  readonly compile: Compile;
  readonly variables: readonly string[];
}

/** Compile every expression of a document, whatever else is wrong with it. */
export function findExpressionMistakes(document: unknown): Mistake[] {
  const places = findPlaces(document);
  const sources = places.flatMap(({ compile, text }) =>
    compile === checkTemplate ? text.split('${{').slice(1) : [text],
  );
  const characters = sources.reduce((sum, { length }) => sum + length, 0);
  if (sources.length > expressionsMax || characters > charactersMax) {
    const { path } = places.toSorted((a, b) => b.text.length - a.text.length)[0] ?? { path: [] };
    const limits = `${expressionsMax} of them, ${charactersMax} characters in all`;
    return [{ path, message: `The expressions of the file are too long: ${limits} are the limit` }];
  }
  return places.flatMap(findMistake);
}

function findMistake({ path, text, compile, variables }: Place): Mistake[] {
  try {
    compile(text, variables);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ path, message: `${pathText(path)}: ${error.message}`, offset: error.offset }];
  }
}

/**
 * What is asked once a join is complete sees its parts by their names. Guards and what is asked of
 * one part see that part's event alone: the others may not have come.
 */
function findPlaces(document: unknown): Place[] {
  const all = valueAt(document, ['on', 'all']);
  const indexes = Array.isArray(all) ? [...all.keys()] : [];
  const names = indexes
    .map((index) => valueAt(document, ['on', 'all', index, 'as']))
    .filter((name) => typeof name === 'string');
  const by = Object.keys(Object(valueAt(document, ['on', 'by'])));
  const guards = ['dedupe', 'debounce', 'concurrency', 'throttle'];
  const textsAt = (paths: readonly Path[], compile: Compile, parts: readonly string[]): Place[] =>
    paths.flatMap((path) =>
      findTexts(valueAt(document, path), path).map((found) => ({
        ...found,
        compile,
        variables: variablesOf(parts),
      })),
    );
  return [
    ...textsAt([['when']], compileCondition, names),
    ...textsAt(
      indexes.map((index) => ['on', 'all', index, 'when']),
      compileCondition,
      [],
    ),
    ...textsAt(
      [...by.map((name) => ['on', 'by', name]), ...guards.map((guard) => [guard, 'key'])],
      compileExpression,
      [],
    ),
    ...textsAt([['do', 'key']], compileExpression, names),
    ...textsAt([['with'], ['do', 'with'], ['do', 'forward']], checkTemplate, names),
  ];
}

function findTexts(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, item]) => findTexts(item, [...path, key]));
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return isThere ? Reflect.get(value, key) : undefined;
  }, document);
}
