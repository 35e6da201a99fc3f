/** Whether an event type is one of a pattern's: an exact type, or a beginning and a star. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
