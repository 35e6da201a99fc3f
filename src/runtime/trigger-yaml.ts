import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
} from 'yaml';
import type { Alias, Document } from 'yaml';
import { quote } from './trigger-problems.ts';
import type { TriggerProblem } from './trigger-problems.ts';
import { depthMax, findExcess } from './yaml-limits.ts';
import { pathAt, positionIn } from './yaml-position.ts';
import type { Position, PositionOf } from './yaml-position.ts';

/** How large a trigger file may be. */
export const textMaxBytes = 256 * 1024;

const aliasesMax = 50;

/** How many values a document may have, its aliases written out. */
const nodesMax = 20_000;

/** More faults of a broken text are noise. */
const faultsMax = 20;

/** A trigger file that is well-formed YAML: its value, and where each part of it stands. */
export interface TriggerYaml {
  readonly value: unknown;
  readonly positionOf: PositionOf;
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
  if (bytes.length > textMaxBytes) return at(1, `The file is larger than ${textMaxBytes} bytes`);
  const text = decode(bytes);
  if (text === undefined) return at(1, 'The file is not UTF-8: save it in this encoding');
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
  const excess = findExcess(text);
  if (excess) {
    const line = text.slice(0, excess.offset).split('\n').length;
    return { problems: [{ file, line, column: 1, path: '', message: excess.message }] };
  }
  const [document, second] = parse(text, lines);
  const report = (faults: readonly Fault[]): Problems => ({
    problems: faults.map(({ offset, message }) => {
      // What is behind the document is no part of it.
      const path = document && offset < document.range[2] ? pathAt(document, offset) : '';
      return { file, ...lineAt(lines, offset), path, message };
    }),
  });
  if (!document) return report([{ offset: 0, message: 'The file is empty: a trigger is a map' }]);
  const faults = [document, ...(second ? [second] : [])].flatMap(faultsOf);
  if (faults.length > 0) return report(faults.slice(0, faultsMax));
  if (second) {
    const message = 'A file is one document: there is a second';
    return report([{ offset: second.range[0], message }]);
  }
  const structural = findStructural(document);
  if (structural.length > 0) return report(structural.slice(0, faultsMax));
  const value = expand(document);
  if (value === undefined)
    return report([{ offset: 0, message: 'The aliases expand to too much' }]);
  const source = { document, text, lineAt: (offset: number) => lineAt(lines, offset) };
  return { value, positionOf: positionIn(source) };
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** Keys are compared by `findStructural`: the library needs the square of their number for it. */
function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const options = { lineCounter, uniqueKeys: false, version: '1.2' as const };
  const documents = parseAllDocuments(text, options);
  return Array.isArray(documents) ? documents : [];
}

function lineAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The library's words without its place and, but for short ones, without what it repeats of the text. */
function faultsOf({ errors, warnings }: Document.Parsed): Fault[] {
  return [...errors, ...warnings].map(({ message, pos }) => {
    const [first = message] = message.split('\n');
    const words = first.replace(/ at line \d+, column \d+:?$/, '');
    return {
      offset: pos[0],
      message: words.length > wordsMax ? `${words.slice(0, wordsMax)}…` : words,
    };
  });
}

const wordsMax = 110;

/** The library counts what aliases multiply to, and throws. */
function expand(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch {
    return undefined;
  }
}

/** What is well-formed and yet no trigger: too deep, a key twice, an alias into itself. */
function findStructural(document: Document): Fault[] {
  const faults: Fault[] = [];
  const walk: Walk = { faults, above: new Set(), aliases: 0, anchors: new Map() };
  const size = walkNode(document.contents, walk);
  return size > nodesMax && faults.length === 0
    ? [{ offset: 0, message: 'The aliases expand to too much' }]
    : faults;
}

interface Walk {
  readonly faults: Fault[];
  /** The maps and lists around the place. */
  readonly above: Set<unknown>;
  aliases: number;
  /** What stands at each anchor so far, and how many values it is with its aliases written out. */
  readonly anchors: Map<string, { readonly node: unknown; size: number }>;
}

/** @returns how many values it is with its aliases written out */
function walkNode(node: unknown, walk: Walk): number {
  if (isAlias(node)) return walkAlias(node, walk);
  const anchored = { node, size: 1 };
  if (isNode(node) && node.anchor !== undefined) walk.anchors.set(node.anchor, anchored);
  if (!isMap(node) && !isSeq(node)) return 1;
  if (walk.above.size >= depthMax) {
    walk.faults.push({ offset: offsetOf(node), message: `Nested deeper than ${depthMax} levels` });
    return 1;
  }
  walk.above.add(node);
  if (isMap(node)) walkKeys(node.items, walk);
  for (const item of node.items) {
    anchored.size += walkNode(isPair(item) ? item.value : item, walk);
  }
  walk.above.delete(node);
  return anchored.size;
}

function walkKeys(pairs: readonly { readonly key: unknown }[], { faults }: Walk): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    const offset = offsetOf(key);
    if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
      faults.push({ offset, message: 'A key must be a text' });
      continue;
    }
    const name = typeof key.value === 'string' ? key.value : JSON.stringify(key.value);
    if (seen.has(name)) {
      faults.push({ offset, message: `Duplicate key ${quote(name)}: a key stands once` });
    }
    if (name === '<<') {
      faults.push({ offset, message: 'The merge key "<<" is not supported: write its keys out' });
    }
    seen.add(name);
  }
}

function walkAlias(alias: Alias, walk: Walk): number {
  const target = walk.anchors.get(alias.source);
  const offset = offsetOf(alias);
  walk.aliases += 1;
  if (!target) {
    walk.faults.push({ offset, message: `The alias ${quote(`*${alias.source}`)} has no anchor` });
  } else if (walk.above.has(target.node)) {
    walk.faults.push({ offset, message: 'The alias refers to itself: a cycle' });
  } else if (walk.aliases === aliasesMax + 1) {
    walk.faults.push({ offset, message: `More than ${aliasesMax} aliases: they expand` });
  }
  return target?.size ?? 1;
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
