import type { JSX } from 'react';
import { durationWords } from '../../parts/time-words.ts';
import { clockWords } from './reason-words.ts';

/** How far the sender's time was from ours; a dash where it said none. */
export function ClockDifference({ seconds }: { seconds: number | null }): JSX.Element {
  if (seconds === null) return <span>–</span>;
  return <span>{clockWords(seconds, durationWords(Math.abs(seconds) * 1000))}</span>;
}
