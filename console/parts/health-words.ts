import type { Tone } from './state-badge.tsx';

/**
 * A success rate in a word or two.
 *
 * @param rate - 0 to 1; null when nothing was sent
 */
export function healthWords(rate: number | null): { readonly words: string; readonly tone: Tone } {
  if (rate === null) return { words: 'nothing sent', tone: 'idle' };
  if (rate === 1) return { words: 'healthy', tone: 'good' };
  if (rate >= 0.95) return { words: 'mostly healthy', tone: 'good' };
  if (rate >= 0.5) return { words: 'failing in part', tone: 'warn' };
  return { words: 'failing', tone: 'bad' };
}

/** `98 %`; not rounded up to 100 while something failed. */
export function percentWords(rate: number): string {
  const percent = rate * 100;
  return `${rate < 1 ? Math.min(99.9, Math.round(percent * 10) / 10) : 100} %`;
}
