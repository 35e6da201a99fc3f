import type { JSX } from 'react';
import { durationWords, relativeWords } from './time-words.ts';
import { useNow } from './use-now.ts';

/** How far away an instant is; to the second, in UTC, when it is pointed at, or with `isExact` beside it. */
export function Time({
  at,
  isExact = false,
}: {
  /** RFC 3339; null shows a dash. */
  at: string | null | undefined;
  isExact?: boolean;
}): JSX.Element {
  const now = useNow(5000);
  if (at === null || at === undefined) return <span>–</span>;
  const exact = exactTime(at);
  const words = relativeWords(Date.parse(at), now);
  return (
    <time dateTime={at} title={exact} style={{ whiteSpace: isExact ? 'normal' : 'nowrap' }}>
      {isExact ? `${exact} (${words})` : words}
    </time>
  );
}

/** `2026-01-31 12:00:00.123 UTC`. */
export function exactTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** A span of milliseconds in words; null shows a dash. */
export function Duration({ ms }: { ms: number | null | undefined }): JSX.Element {
  return <span>{ms === null || ms === undefined ? '–' : durationWords(ms)}</span>;
}

/** Counts down to an instant, by the second; says `doneText` when it has come. */
export function Countdown({
  to,
  doneText = 'now',
}: {
  /** RFC 3339. */
  to: string;
  doneText?: string;
}): JSX.Element {
  const leftMs = Date.parse(to) - useNow(1000);
  return (
    <time dateTime={to} title={exactTime(to)} style={{ whiteSpace: 'nowrap' }}>
      {leftMs > 0 ? `in ${durationWords(Math.ceil(leftMs / 1000) * 1000)}` : doneText}
    </time>
  );
}
