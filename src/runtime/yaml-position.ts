import { isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import { shorten } from './trigger-problems.ts';
import { offsetInScalar } from './yaml-offset.ts';

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of a path, or of the nearest part above it; a number counts into a text, `key` is its key. */
export type PositionOf = (path: readonly PropertyKey[], offset?: number | 'key') => Position;

interface Source {
  readonly document: Document;
  readonly text: string;
  readonly lineAt: (offset: number) => Position;
}

/** Where the parts of a document stand in its text. */
export function positionIn({ document, text, lineAt }: Source): PositionOf {
  return (path, offset = 0) => {
    const node = offset === 'key' ? keyAt(document, path) : nodeAt(document, path);
    const [start, end] = node?.range ?? [0, 0];
    if (offset === 'key' || !isScalar(node) || typeof node.value !== 'string') return lineAt(start);
    const { type, value } = node;
    const into = offset === 0 ? 0 : offsetInScalar(text.slice(start, end), { type, value }, offset);
    return lineAt(start + into);
  };
}

/** A path as people write it: `do.with.ref`. */
export function pathText(path: readonly PropertyKey[]): string {
  return shorten(path.map(String).join('.'));
}

/** The path of the part around a place of the text. */
export function pathAt(document: Document, offset: number): string {
  const path: PropertyKey[] = [];
  let node: unknown = document.contents;
  while (isMap(node) || isSeq(node)) {
    const next = isMap(node) ? stepInMap(node.items, offset) : stepInList(node.items, offset);
    if (!next) break;
    path.push(next.key);
    node = next.value;
  }
  return pathText(path);
}

interface Step {
  readonly key: PropertyKey;
  readonly value: unknown;
}

function stepInMap(pairs: readonly Pair[], offset: number): Step | undefined {
  const pair = pairs.findLast(({ key }) => startOf(key) <= offset);
  if (!pair || !isScalar(pair.key)) return undefined;
  return { key: String(pair.key.value), value: pair.value };
}

function stepInList(items: readonly unknown[], offset: number): Step | undefined {
  const key = items.findLastIndex((item) => startOf(item) <= offset);
  return key < 0 ? undefined : { key, value: items[key] };
}

/** Where a node begins; what has no place is nowhere. */
function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? Infinity) : Infinity;
}

/** The node of the longest part of a path that is there. */
function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = document.contents;
  for (const key of path) {
    const next = pairOf(node, key);
    if (next) node = next.value ?? next.key;
    else if (isSeq(node) && typeof key === 'number') node = node.items[key] ?? node;
    else break;
  }
  return isNode(node) ? node : undefined;
}

function pairOf(node: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find(
    ({ key: candidate }) => isScalar(candidate) && String(candidate.value) === String(key),
  );
}

/** The key itself, where that is what is wrong. */
function keyAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  const map = nodeAt(document, path.slice(0, -1)) ?? document.contents;
  const key = pairOf(map, path.at(-1) ?? '')?.key;
  return isNode(key) ? key : nodeAt(document, path);
}
