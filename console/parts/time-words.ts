const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** The largest first: unit, and its length in seconds. */
const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/**
 * How far an instant is from another: `3 min. ago`, `in 2 hr.`; `just now` within ten seconds of the past.
 *
 * @param atMs - NaN, of a text that is no instant, has words too
 */
export function relativeWords(atMs: number, nowMs: number): string {
  if (!Number.isFinite(atMs)) return 'at no known time';
  const seconds = (atMs - nowMs) / 1000;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  if (seconds < 5 && seconds > -10) return 'just now'; // A clock with steps of 5 s is up to 5 s behind.
  return words.format(Math.trunc(seconds), 'second');
}

/** A span in the two largest units that say something: `850 ms`, `12.3 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair([seconds, 60], 'min', 's');
  if (seconds < 86_400) return pair([seconds / 60, 60], 'h', 'min');
  return pair([seconds / 3600, 24], 'd', 'h');
}

function pair([value, base]: readonly [number, number], large: string, small: string): string {
  const whole = Math.floor(value / base);
  const rest = Math.floor(value % base);
  return rest === 0 ? `${whole} ${large}` : `${whole} ${large} ${rest} ${small}`;
}
