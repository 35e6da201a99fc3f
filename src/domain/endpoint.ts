import { isVerboseType } from './catalog.ts';
import { isOperationalType } from './operational-events.ts';

/**
 * Whether an endpoint asked for an event type.
 *
 * @param wanted - exact types, `*`, or a beginning followed by `.*` (`session.*`); operational types
 *   are not in `*`
 */
export function subscribes(wanted: readonly string[], type: string): boolean {
  if (wanted.includes(type)) return true;
  if (isVerboseType(type)) return false;
  return wanted.some(
    (item) =>
      (item === '*' && !isOperationalType(type)) ||
      (item.endsWith('.*') && type.startsWith(item.slice(0, -1))),
  );
}
