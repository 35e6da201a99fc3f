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
  ['auth', 'No token for the endpoint: nothing was posted'],
  ['interrupted', 'The worker stopped in the middle of it'],
  ['ack_pending', 'Taken; to be acknowledged later'],
  ['ack_timeout', 'Taken, but not acknowledged in time'],
  ['ack_refused', 'Taken, then reported as failed'],
  ['exhausted', 'All attempts are spent'],
  ['held', 'Held back by a person or a key'],
  ['outage', 'The endpoint did not answer'],
  ['rate_limited', 'Waits for the rate limit of its endpoint'],
  ['in_flight_limit', 'Waits until fewer are under way at its endpoint'],
  ['filter_error', 'The filter of the endpoint has no value for the event'],
  ['discarded', 'Discarded by a person or a key'],
  ['timed_out', 'Its workflow took too long'],
  ['terminated in Temporal', 'Its workflow was terminated in Temporal'],
  ['cancelled in Temporal', 'Its workflow was cancelled in Temporal'],
  ['endpoint_paused', 'The endpoint was paused'],
  ['endpoint_disabled', 'The endpoint was disabled'],
  ['endpoint_deleted', 'The endpoint was deleted'],
  ['event_expired', 'The event is older than what is kept'],
  ['payload_dropped', 'The content of the event is no longer kept'],
  ['superseded', 'A later cycle took its place'],
  ['operator', 'By a person or a key'],
  ['failing', 'It failed for too long'],
]);

/** Why something failed or stopped, in words. Of a dead delivery it is `status 503`, or a reason alone. */
export function reasonWords(reason: string): string {
  const [, status] = /^(?:status|gone) (\d{3})$/.exec(reason) ?? [];
  if (status !== undefined) return `Answered ${status}`;
  const [, detail] = /^filter_error: (.*)$/s.exec(reason) ?? [];
  if (detail !== undefined) return `${words.get('filter_error')}: ${visibleLine(detail)}`;
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
  'auth',
  'interrupted',
  'ack_timeout',
  'ack_refused',
];
