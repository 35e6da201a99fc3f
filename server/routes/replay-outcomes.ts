import type { Knex } from 'knex';
import { countReplayOutcomes } from '../../src/store/replay-outcomes.ts';
import type { ReplayOutcomes } from '../../src/store/replay-outcomes.ts';
import type { ReplayRow } from '../../src/store/replay-tables.ts';

/** So long a count is shown: a page that is looked at asks every few seconds, and 100,000 take one. */
const keptMs = 10_000;

/** Of a smaller replay a count costs less than to keep it. */
const uncountedMax = 1000;

/** More replays are not looked at in ten seconds. */
const replaysMax = 100;

interface Kept {
  readonly outcomes: Promise<ReplayOutcomes>;
  readonly until: number;
}

/** Counts where those stand that a replay has started: of a large one at most every ten seconds. */
export function makeOutcomes(db: Knex): (replay: ReplayRow) => Promise<ReplayOutcomes> {
  const kept = new Map<string, Kept>();

  return (replay) => {
    const { id } = replay;
    if (replay.done <= uncountedMax) return countReplayOutcomes(db, replay);
    const now = performance.now();
    const earlier = kept.get(id);
    if (earlier && earlier.until > now) return earlier.outcomes;
    if (kept.size >= replaysMax) kept.clear();
    const outcomes = countReplayOutcomes(db, replay);
    kept.set(id, { outcomes, until: now + keptMs });
    outcomes.catch(() => kept.delete(id));
    return outcomes;
  };
}
