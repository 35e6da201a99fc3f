import { durationWords } from '../../parts/time-words.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Trigger } from '../triggers/trigger-state.ts';

/** What holds the runs of a trigger back, and how long it tries: for `KeyValues`, only what it has. */
export function guardWordsOf(trigger: Trigger): [string, string | undefined][] {
  const { join, dedupe, debounce, throttle, timeout_s: timeout, retry } = trigger;
  return [
    ['Joins', join ? `${byWords(join.by)}, within ${spanWords(join.within_s)}` : undefined],
    [
      'Deduplicates',
      dedupe ? `by ${visibleLine(dedupe.key)}, for ${spanWords(dedupe.for_s)}` : undefined,
    ],
    [
      'Debounces',
      debounce ? `${keyWords(debounce.key)}, for ${spanWords(debounce.for_s)}` : undefined,
    ],
    ['At a time', laneWords(trigger)],
    [
      'At most',
      throttle
        ? `${throttle.limit} in ${spanWords(throttle.per_s)}, ${keyWords(throttle.key)}`
        : undefined,
    ],
    ['Time for an attempt', timeout === null ? undefined : spanWords(timeout)],
    [
      'Attempts',
      retry ? `${retry.attempts}, the second after ${spanWords(retry.backoff_s)}` : undefined,
    ],
  ];
}

const busyWords = {
  queue: 'the others wait in order',
  skip: 'the others are skipped',
  replace: 'a new one takes the place of those before',
} as const;

function laneWords({ concurrency }: Trigger): string | undefined {
  if (concurrency === null) return undefined;
  const { key, limit, on_busy: onBusy } = concurrency;
  return `${limit}, ${keyWords(key)}: ${busyWords[onBusy]}`;
}

function keyWords(key: string | null): string {
  return key === null ? 'of all runs' : `by ${visibleLine(key)}`;
}

function byWords(by: Readonly<Record<string, string>>): string {
  const parts = Object.entries(by).map(([name, key]) => `${name} by ${key}`);
  return visibleLine(parts.join(', '));
}

function spanWords(seconds: number): string {
  return durationWords(seconds * 1000);
}
