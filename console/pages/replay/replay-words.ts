import type { Answers } from '../../../src/client/index.ts';
import { shortId } from '../../parts/id.tsx';
import { visibleLine } from '../../parts/visible-text.ts';

export type Replay = Answers['Replay'];
type ReplayFilter = Answers['ReplayFilter'];

/** What is said of a replay in a line; of one that is only asked for too. */
export type ReplayWhat = Pick<Replay, 'filter' | 'target_endpoint_id' | 'ids' | 'revision'>;

/** Whether nothing more happens to it. */
export function hasEnded({ ended_at: at }: Replay): boolean {
  return at !== null;
}

/** How many of the planned ones are through. */
export function throughOf({ done, failed, skipped }: Replay): number {
  return done + failed + skipped;
}

/** How many of those that it started have failed since. */
export function diedOf({ outcomes }: Replay): number {
  return outcomes?.failed ?? 0;
}

/** `1,234`. */
export function countWords(count: number): string {
  return count.toLocaleString('en');
}

/** As many as were planned, and whether that was an estimate: `about 1,200`. */
export function plannedWords(replay: Pick<Replay, 'planned' | 'planned_is_estimate'>): string {
  return `${replay.planned_is_estimate ? 'about ' : ''}${countWords(replay.planned)}`;
}

/** How many are still to come; an estimate may have been too low. */
export function leftOf(replay: Replay): number {
  return Math.max(0, replay.planned - throughOf(replay));
}

/** What a replay is about: what its items are. */
export type Subject = 'delivery' | 'trigger_run' | 'event';

/** To another endpoint go events, whether or not they had a delivery. */
export function subjectOf({ filter, target_endpoint_id: target }: ReplayWhat): Subject {
  if (filter.direction === 'inbound') return 'trigger_run';
  return target === null ? 'delivery' : 'event';
}

/** What a replay starts again and how, its time left out: `Dead deliveries of session.* to ep_…9f2c41ab, under new ids`. */
export function whatWords(what: ReplayWhat): string {
  const { target_endpoint_id: target, ids, revision } = what;
  const ways = [
    ...(target === null ? [] : [`each event sent to ${shortId(target)}`]),
    ...(target === null && ids === 'new' ? ['under new ids'] : []),
    ...(revision === 'as_now' ? ['by triggers as they are now'] : []),
  ];
  return [filterWords(what), ...ways].join(', ');
}

const thingsOf = {
  delivery: 'deliveries',
  trigger_run: 'trigger runs',
  event: 'events',
} as const satisfies Record<Subject, string>;

/** What a replay starts again, its time left out: `Dead deliveries of session.* to ep_…9f2c41ab`. */
export function filterWords(what: ReplayWhat): string {
  const { filter } = what;
  const { state, event_types: types } = filter;
  // What is asked of deliveries is said of them, also where their events are sent elsewhere.
  const asksDeliveries = [state, filter.endpoint_id, filter.status_class].some((it) => it !== null);
  const subject = subjectOf(what);
  const things = thingsOf[subject === 'event' && asksDeliveries ? 'delivery' : subject];
  const all = state === null ? things : `${visibleLine(state).replaceAll('_', ' ')} ${things}`;
  const of = types === null ? 'every event type' : types.map(visibleLine).join(', ');
  return `${all.charAt(0).toUpperCase()}${all.slice(1)} of ${of}${narrowedWords(filter)}`;
}

function narrowedWords(filter: ReplayFilter): string {
  const { source, endpoint_id, trigger_id, status_class, filter: expression, replay_id } = filter;
  const parts = [
    source && `from ${visibleLine(source)}`,
    endpoint_id && `to ${shortId(endpoint_id)}`,
    trigger_id && `by ${shortId(trigger_id)}`,
    status_class && `last answered with ${answerWords(status_class)}`,
    expression && 'that match its filter',
    replay_id && `that failed in ${shortId(replay_id)}`,
  ];
  return parts.flatMap((part) => (part === null || part === '' ? [] : [` ${part}`])).join('');
}

/** `5xx`, or `no answer`. */
export function answerWords(statusClass: string): string {
  return statusClass === 'none' ? 'no answer' : visibleLine(statusClass);
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
