import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';

type Run = Answers['TriggerRun'];

export const runStates = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
] as const satisfies readonly Run['state'][];

/** Why a run was skipped, by the first word of its reason. */
const skips: ReadonlyMap<string, string> = new Map([
  ['shadow', 'Its trigger only watches: what it would have done is not done'],
  ['deduplicated', 'Another run with the same key came first'],
  ['debounced', 'A later event with the same key came within the time: the last one acts'],
  ['lane_busy', 'Its lane was full, and its trigger skips then'],
  ['replaced', 'A later run took its place in the lane'],
  ['joined', 'Another event completed the join: the run of that one acts for all of them'],
  ['incomplete', 'The other events of its join did not come within the time'],
  ['condition_false', 'Its condition was not true when it was asked once more'],
]);

/** The reason of a run in a line: `Another run with the same key came first (run_… came first)`; a dash for none. */
export function reasonOf(reason: string | null): string {
  if (reason === null) return '–';
  const [, first = '', more] = /^(\w+)(?:: ([^]*))?$/.exec(reason) ?? [];
  const words = skips.get(first);
  if (words === undefined) return visibleLine(reason);
  return more === undefined ? words : `${words} (${visibleLine(more)})`;
}

/** From its start to its end; null while it has not both. */
export function tookMs({ started_at: from, ended_at: to }: Run): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}
