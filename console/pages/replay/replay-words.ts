import type { Answers } from '../../../src/client/index.ts';
import { shortId } from '../../parts/id.tsx';
import { visibleLine } from '../../parts/visible-text.ts';

export type Replay = Answers['Replay'];
export type ReplayFilter = Answers['ReplayFilter'];

/** Whether nothing more happens to it. */
export function hasEnded({ ended_at: at }: Replay): boolean {
  return at !== null;
}

/** How many of the planned ones are through. */
export function throughOf({ done, failed, skipped }: Replay): number {
  return done + failed + skipped;
}

/** `1,234`. */
export function countWords(count: number): string {
  return count.toLocaleString('en');
}

/** What a replay starts again, its time left out: `Dead deliveries of session.* to ep_…9f2c41ab`. */
export function filterWords(filter: ReplayFilter): string {
  const { direction, state, event_types: types } = filter;
  const things = direction === 'outbound' ? 'deliveries' : 'trigger runs';
  const subject = state === null ? things : `${visibleLine(state)} ${things}`;
  const of = types === null ? 'every event type' : types.map(visibleLine).join(', ');
  return [
    `${subject.charAt(0).toUpperCase()}${subject.slice(1)} of ${of}`,
    ...(filter.source === null ? [] : [`from ${visibleLine(filter.source)}`]),
    ...(filter.endpoint_id === null ? [] : [`to ${shortId(filter.endpoint_id)}`]),
    ...(filter.trigger_id === null ? [] : [`by ${shortId(filter.trigger_id)}`]),
    ...(filter.replay_id === null ? [] : [`that failed in ${shortId(filter.replay_id)}`]),
  ].join(' ');
}

/** A window of time in UTC: `2026-01-31 10:00 to 12:00 UTC`. */
export function windowWords(from: string, to: string): string {
  const [first, last] = [instantWords(from), instantWords(to)];
  const [day] = first.split(' ', 1);
  const end = last.startsWith(`${day} `) ? last.slice(last.indexOf(' ') + 1) : last;
  return `${first} to ${end} UTC`;
}

/** To the minute; to the second where that is no full one. */
function instantWords(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return visibleLine(at);
  const text = date.toISOString().replace('T', ' ');
  return date.getTime() % 60_000 === 0 ? text.slice(0, 16) : text.slice(0, 19);
}
