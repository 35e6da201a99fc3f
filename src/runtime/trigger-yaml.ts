import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import { quote } from './trigger-problems.ts';
import type { TriggerProblem } from './trigger-problems.ts';

const sizeMaxBytes = 256 * 1024;
const depthMax = 32;
const aliasesMax = 50;

/** A trigger file that is well-formed YAML: its value, and where each part of it stands. */
export interface TriggerYaml {
  readonly value: unknown;
  /** Line and column of a path, or of the nearest part above it; a number counts into a scalar, `key` is its key. */
  positionOf(
    path: readonly PropertyKey[],
    offset?: number | 'key',
  ): { line: number; column: number };
}

type Problems = { readonly problems: readonly TriggerProblem[] };

/**
 * Read the bytes of a trigger file: strict UTF-8 without NUL, one document of YAML 1.2, unique keys,
 * no unknown tag, no cyclic or multiplying alias.
 */
export function readTriggerYaml(file: string, bytes: Buffer): TriggerYaml | Problems {
  const at = (line: number, message: string): Problems => ({
    problems: [{ file, line, column: 1, path: '', message }],
  });
  if (bytes.length > sizeMaxBytes) return at(1, `The file is larger than ${sizeMaxBytes} bytes`);
  const text = decode(bytes);
  if (text === undefined) return at(1, 'The file is not UTF-8');
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control) {
    return at(
      text.slice(0, control.index).split('\n').length,
      'A control character (as NUL) is not allowed',
    );
  }
  return readText(file, text);
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readText(file: string, text: string): TriggerYaml | Problems {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    version: '1.2',
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const problemAt = (offset: number, message: string): Problems => {
    const { line, col } = lines.linePos(offset);
    return {
      problems: [{ file, line: Math.max(line, 1), column: Math.max(col, 1), path: '', message }],
    };
  };
  if (!document) return problemAt(0, 'The file is empty: a trigger is a map');
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return {
      problems: faults.flatMap(
        (fault) =>
          problemAt(fault.pos[0], wording(fault.message, text.slice(fault.pos[0]))).problems,
      ),
    };
  }
  if (second) return problemAt(second.range[0], 'A file is one document: there is a second');
  const structural = findStructural(document);
  if (structural) return problemAt(structural.offset, structural.message);
  const value = expand(document);
  if (value === undefined) return problemAt(0, 'The aliases expand to too much');
  return {
    value,
    positionOf: (path, offset = 0) => positionOf({ document, lines, text }, path, offset),
  };
}

/** The library counts what aliases multiply to, and throws. */
function expand(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch {
    return undefined;
  }
}

/** The library's words without its place, and our own for the key that stands twice. */
function wording(message: string, place: string): string {
  const [first = message] = message.split('\n');
  const words = first.replace(/ at line \d+, column \d+:?$/, '');
  if (!/keys must be unique/i.test(words)) return words;
  return `Duplicate key ${quote(place.split(':')[0] ?? '')}: a key stands once`;
}

/** Too deep, an alias into itself, or more aliases than a person writes. */
function findStructural(document: Document): { offset: number; message: string } | undefined {
  let found: { offset: number; message: string } | undefined;
  let aliases = 0;
  visit(document, (_, node, ancestors) => {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    if (ancestors.length > 2 * depthMax)
      found = { offset, message: `Nested deeper than ${depthMax}` };
    if (isAlias(node)) {
      aliases += 1;
      const target = node.resolve(document);
      if (!target) found = { offset, message: `The alias "*${node.source}" has no anchor` };
      else if (ancestors.includes(target))
        found = { offset, message: 'The alias refers to itself: a cycle' };
      else if (aliases > aliasesMax)
        found = { offset, message: `More than ${aliasesMax} aliases: they expand` };
    }
    return found ? visit.BREAK : undefined;
  });
  return found;
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly text: string;
}

function positionOf(
  { document, lines, text }: Source,
  path: readonly PropertyKey[],
  offset: number | 'key',
): { line: number; column: number } {
  const node = offset === 'key' ? keyAt(document, path) : nodeAt(document, path);
  const start = node?.range?.[0] ?? 0;
  const into = offset === 'key' ? 0 : offsetInto(node, text, offset);
  const { line, col } = lines.linePos(start + into);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Where the n-th character of a scalar's value stands in the file; exact for plain text and blocks. */
function offsetInto(node: Node | undefined, text: string, offset: number): number {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return 0;
  const [start, end] = node.range;
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return 1 + offset;
  if (node.type === 'PLAIN') return offset;
  return offsetIntoBlock(text.slice(start, end), node.value.slice(0, offset));
}

/** A block (`|`) begins on the line after its sign, and each line of it is indented. */
function offsetIntoBlock(raw: string, before: string): number {
  const lines = raw.split('\n');
  const done = before.split('\n');
  const skipped = lines.slice(0, done.length).reduce((sum, line) => sum + line.length + 1, 0);
  const indent = /^ */.exec(lines[done.length] ?? '')?.[0].length ?? 0;
  return skipped + indent + (done.at(-1)?.length ?? 0);
}

/** The node of the longest part of a path that is there; for a key alone, the key. */
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
  const key = pairOf(
    nodeAt(document, path.slice(0, -1)) ?? document.contents,
    path.at(-1) ?? '',
  )?.key;
  return isNode(key) ? key : nodeAt(document, path);
}
