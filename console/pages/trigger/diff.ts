/** One line of a comparison. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Cells of the table of a comparison: more would hold the browser up. */
const cellsMax = 4_000_000;

/**
 * What changed between two texts, line by line, in the order of the later one.
 *
 * Of two that differ in too many lines everything between their common beginning and end counts as changed.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const start = commonLength(old, now);
  const most = Math.min(old.length, now.length) - start;
  const end = Math.min(most, commonLength(old.toReversed(), now.toReversed()));
  return [
    ...linesOf('same', now.slice(0, start)),
    ...changed(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...linesOf('same', now.slice(now.length - end)),
  ];
}

function linesOf(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}

function commonLength(old: readonly string[], now: readonly string[]): number {
  const length = old.findIndex((line, index) => line !== now[index]);
  return length === -1 ? Math.min(old.length, now.length) : length;
}

function changed(old: readonly string[], now: readonly string[]): DiffLine[] {
  if (old.length * now.length > cellsMax) {
    return [...linesOf('removed', old), ...linesOf('added', now)];
  }
  const kept = keptTable(old, now);
  const lines: DiffLine[] = [];
  let [at, to] = [0, 0];
  while (at < old.length || to < now.length) {
    const [oldLine, newLine] = [old[at], now[to]];
    if (oldLine !== undefined && oldLine === newLine) {
      lines.push({ kind: 'same', text: oldLine });
      at += 1;
      to += 1;
    } else if (
      newLine === undefined ||
      (oldLine !== undefined && kept(at + 1, to) >= kept(at, to + 1))
    ) {
      lines.push({ kind: 'removed', text: oldLine ?? '' });
      at += 1;
    } else {
      lines.push({ kind: 'added', text: newLine });
      to += 1;
    }
  }
  return lines;
}

/** How many lines two ends have in common, by where they begin: the longest common subsequence. */
function keptTable(
  old: readonly string[],
  now: readonly string[],
): (at: number, to: number) => number {
  const width = now.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  const of = (at: number, to: number): number => table[at * width + to] ?? 0;
  for (let at = old.length - 1; at >= 0; at -= 1) {
    for (let to = now.length - 1; to >= 0; to -= 1) {
      const isSame = old[at] === now[to];
      table[at * width + to] = isSame
        ? of(at + 1, to + 1) + 1
        : Math.max(of(at + 1, to), of(at, to + 1));
    }
  }
  return of;
}
