import type { Answers } from '../../../src/client/index.ts';
import type { IconName } from '../../parts/icon.tsx';
import type { Tone } from '../../parts/state-badge.tsx';
import { durationWords } from '../../parts/time-words.ts';

export type Delivery = Answers['FullDelivery'];
export type Rung = Answers['Rung'];

/** The attempts of a cycle, made or not: one per wait of the schedule. */
export function rungsOf(delivery: Delivery, cycle: number): Rung[] {
  if (cycle === delivery.cycle) return delivery.ladder;
  const made = delivery.cycles.find((each) => each.cycle === cycle)?.attempts ?? [];
  const last = Math.max(0, ...made.map(({ number }) => number));
  const count = Math.max(delivery.schedule.length, last);
  return Array.from({ length: count }, (_, index): Rung => {
    const number = index + 1;
    const planned_wait_ms = delivery.schedule[index] ?? 0;
    const attempt = made.find((each) => each.number === number);
    if (attempt) {
      const state = attempt.reason === null ? 'done' : 'failed';
      return { number, planned_wait_ms, state, at: attempt.started_at, attempt };
    }
    // What was begun and is not recorded: the worker stopped in the middle of it.
    return { number, planned_wait_ms, state: number < last ? 'failed' : 'unused', at: null };
  });
}

/** The attempt that is looked at first: the last that was made, else the next. */
export function usualNumber(rungs: readonly Rung[]): number {
  const made = rungs.findLast(({ attempt }) => attempt !== undefined);
  return made?.number ?? 1;
}

/** How a slot of the ladder looks. */
export const looks: Readonly<
  Record<Rung['state'], { readonly words: string; readonly tone: Tone; readonly icon: IconName }>
> = {
  done: { words: 'delivered', tone: 'good', icon: 'check' },
  failed: { words: 'failed', tone: 'bad', icon: 'close' },
  running: { words: 'under way', tone: 'busy', icon: 'play' },
  scheduled: { words: 'scheduled', tone: 'warn', icon: 'clock' },
  waiting: { words: 'if needed', tone: 'idle', icon: 'clock' },
  unused: { words: 'not used', tone: 'idle', icon: 'skip' },
};

/** When a slot's attempt is made: `at once`, `after 30 s`. */
export function waitWords({ planned_wait_ms: ms }: Rung): string {
  return ms === 0 ? 'at once' : `after ${durationWords(ms)}`;
}

/** States in which nothing more happens by itself. */
export function hasEnded({ state }: Pick<Delivery, 'state'>): boolean {
  return ['delivered', 'dead', 'cancelled', 'skipped'].includes(state);
}

/** It was answered with 202, and the consumer is to say yet whether it has done its work. */
export function isAwaitingAck({ state, last_reason }: Delivery): boolean {
  return state === 'retrying' && last_reason === 'ack_pending';
}

/** When its attempts are made: `at once, then after 30 s, 2 min`. */
export function scheduleWords({ schedule: [firstMs = 0, ...waits] }: Delivery): string {
  const first = firstMs === 0 ? 'at once' : `after ${durationWords(firstMs)}`;
  return waits.length === 0 ? first : `${first}, then after ${waits.map(durationWords).join(', ')}`;
}
