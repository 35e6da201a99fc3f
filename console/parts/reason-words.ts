import { visibleLine } from './visible-text.ts';

/** The reasons of attempts, deliveries, skipped runs and endpoint states; what else comes is shown as it is. */
const words: ReadonlyMap<string, string> = new Map([
  ['timeout', 'No answer in time'],
  ['status', 'Answered, but not with 2xx'],
  ['gone', 'Answered 410 Gone'],
  ['connect', 'No connection, or it broke'],
  ['dns', 'The host name has no address'],
  ['tls', 'No trusted certificate'],
  ['blocked', 'The address is not allowed: not on the public internet'],
  ['too_large', 'The head of the answer is too large'],
  ['protocol', 'What answered does not speak HTTP'],
  ['interrupted', 'The worker stopped in the middle of it'],
  ['exhausted', 'All attempts are spent'],
  ['endpoint_paused', 'The endpoint was paused'],
  ['endpoint_disabled', 'The endpoint was disabled'],
  ['endpoint_deleted', 'The endpoint was deleted'],
  ['event_expired', 'The event is older than what is kept'],
  ['superseded', 'A later cycle took its place'],
  ['operator', 'By a person or a key'],
  ['failing', 'It failed for too long'],
]);

/** Why something failed or stopped, in words. Of a dead delivery it is `status 503`, or a reason alone. */
export function reasonWords(reason: string): string {
  const [, status] = /^(?:status|gone) (\d{3})$/.exec(reason) ?? [];
  if (status !== undefined) return `Answered ${status}`;
  return words.get(reason) ?? visibleLine(reason);
}

/** What an attempt came to: `200`, `Answered 503`, `No answer in time`; a dash when nothing is known. */
export function outcomeWords(status: number | null, reason: string | null): string {
  if (reason === null) return status === null ? '–' : `Answered ${status}`;
  if (status !== null && (reason === 'status' || reason === 'gone')) return `Answered ${status}`;
  return reasonWords(reason);
}

/** For a `<datalist>`: the reasons of attempts as the API knows them. */
export const attemptReasons: readonly string[] = [
  'timeout',
  'status',
  'gone',
  'connect',
  'dns',
  'tls',
  'blocked',
  'too_large',
  'protocol',
  'interrupted',
];
