import type { Answers } from '../../../src/client/index.ts';

/** What follows at once from an event may not be planned yet. */
const freshMs = 60_000;

const states: ReadonlySet<string> = new Set(['pending', 'retrying', 'running']);

/** Whether something of what followed from an event goes on by itself, or may still begin. */
export function isUnderWay({ event, runs, deliveries }: Answers['EventTimeline']): boolean {
  const isFresh = Date.now() - Date.parse(event.received_at) < freshMs;
  return isFresh || [...runs, ...deliveries].some(({ state }) => states.has(state));
}
