import { toProblem } from '../../api/problem.ts';
import type { ProblemItem } from '../../api/problem.ts';

/** One row of names and values, as it is typed. */
export interface Pair {
  /** Unique among the rows; it stays while the name is typed. */
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

export function pairsOf(record: Readonly<Record<string, string>>): readonly Pair[] {
  return Object.entries(record).map(([name, value], key) => ({ key, name, value }));
}

/** Without rows in which nothing was typed. */
export function recordOf(pairs: readonly Pair[]): Record<string, string> {
  const typed = pairs.filter(({ name, value }) => name.trim() !== '' || value !== '');
  return Object.fromEntries(typed.map(({ name, value }) => [name.trim(), value]));
}

export function withRow(pairs: readonly Pair[]): readonly Pair[] {
  const key = Math.max(-1, ...pairs.map((pair) => pair.key)) + 1;
  return [...pairs, { key, name: '', value: '' }];
}

/** Where a problem tells what is wrong with a row: `/headers/x-tenant`. */
export function pointerTo(field: string, { name }: Pair): string {
  return `${field}/${name.trim().replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Refuse rows of which all but the last would be lost: an object has each name once.
 *
 * @param fields - the rows by pointer, as `/metadata`
 * @throws ApiProblem as the API words it
 */
export function refuseRepeated(fields: Readonly<Record<string, readonly Pair[]>>): void {
  const errors = Object.entries(fields).flatMap(([field, pairs]) => repeatedOf(field, pairs));
  if (errors.length === 0) return;
  throw toProblem(422, { title: 'Nothing was saved', detail: 'A name is there twice', errors });
}

function repeatedOf(field: string, pairs: readonly Pair[]): readonly ProblemItem[] {
  const names = pairs.map(({ name }) => name.trim()).filter((name) => name !== '');
  const repeated = pairs.filter(
    (pair) => names.indexOf(pair.name.trim()) < names.lastIndexOf(pair.name.trim()),
  );
  const pointers = new Set(repeated.map((pair) => pointerTo(field, pair)));
  return [...pointers].map((pointer) => ({ pointer, detail: 'Is there twice' }));
}
