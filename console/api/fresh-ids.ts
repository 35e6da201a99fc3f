/** As many as a list shows. */
const freshMax = 50;

/** The ids of what came last, after one more message; what it holds is not checked. */
export function freshIds(ids: readonly string[], row: unknown): readonly string[] {
  if (typeof row !== 'object' || row === null || !('id' in row)) return ids;
  const { id } = row;
  if (typeof id !== 'string') return ids;
  return [id, ...ids.filter((known) => known !== id)].slice(0, freshMax);
}
