/** Types that are too many for whoever did not name them: a glob does not bring them. */
const verboseTypes: ReadonlySet<string> = new Set(['agent.step']);

/**
 * Whether an endpoint asked for an event type.
 *
 * @param wanted - exact types, `*`, or a beginning followed by `.*` (`session.*`)
 */
export function subscribes(wanted: readonly string[], type: string): boolean {
  if (wanted.includes(type)) return true;
  if (verboseTypes.has(type)) return false;
  return wanted.some(
    (item) => item === '*' || (item.endsWith('.*') && type.startsWith(item.slice(0, -1))),
  );
}
