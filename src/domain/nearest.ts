/** More changes than this, or than half of the word, is another word, not a slip of the finger. */
const slipMax = 3;

/** The known word that a misspelt one was meant to be, or `undefined` when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const allowed = Math.min(slipMax, Math.floor(word.length / 2));
  const [best] = known
    .filter(({ length }) => Math.abs(length - word.length) <= allowed)
    .map((candidate) => ({ candidate, changes: countChanges(word, candidate) }))
    .toSorted((a, b) => a.changes - b.changes);
  return best && best.changes <= allowed ? best.candidate : undefined;
}

/** The Levenshtein distance: insertions, removals and replacements from one text to the other. */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
