import { visibleLine } from '../../parts/visible-text.ts';

/** The keys under which a run is guarded, each null where its trigger has no such guard. */
interface GuardKeys {
  readonly dedupe: string | null;
  readonly debounce: string | null;
  readonly concurrency: string | null;
  readonly throttle: string | null;
  readonly join: string | null;
  readonly part: string | null;
}

const words = {
  join: 'Joined by',
  part: 'Its part of the join',
  dedupe: 'Deduplicated by',
  debounce: 'Debounced by',
  concurrency: 'In the lane',
  throttle: 'Throttled by',
} as const;

/** The guards that there are, for `KeyValues`, in the order in which they are asked. An empty key is that of all runs. */
export function guardFacts(keys: GuardKeys): [string, string | undefined][] {
  const names = ['join', 'part', 'dedupe', 'debounce', 'concurrency', 'throttle'] as const;
  return names.map((name) => [words[name], keyWords(keys[name])]);
}

function keyWords(key: string | null): string | undefined {
  if (key === null) return undefined;
  return key === '' ? 'all runs of the trigger' : visibleLine(key);
}
