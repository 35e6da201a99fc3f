import { visibleLine } from '../../parts/visible-text.ts';

/** What was done, in words; the API's names are the code of what does them. */
const words: ReadonlyMap<string, string> = new Map([
  ['api_key.create', 'Created an API key'],
  ['api_key.revoke', 'Revoked an API key'],
  ['budget.delete', 'Deleted a budget'],
  ['budget.set', 'Set a budget'],
  ['dead_letter.discard', 'Discarded dead letters'],
  ['dead_letter.redrive', 'Redrove dead letters'],
  ['delivery.attempt_now', 'Attempted deliveries now'],
  ['delivery.cancel', 'Cancelled deliveries'],
  ['delivery.hold', 'Held deliveries back'],
  ['delivery.redrive', 'Redrove deliveries'],
  ['endpoint.change', 'Changed an endpoint'],
  ['endpoint.create', 'Created an endpoint'],
  ['endpoint.delete', 'Deleted an endpoint'],
  ['endpoint.disable', 'Disabled an endpoint'],
  ['endpoint.pause', 'Paused an endpoint'],
  ['endpoint.resume', 'Resumed an endpoint'],
  ['endpoint.rotate_secret', 'Rotated the secret of an endpoint'],
  ['import.start', 'Started an import'],
  ['integration.change', 'Changed a channel'],
  ['integration.create', 'Connected a channel'],
  ['integration.delete', 'Deleted a channel'],
  ['integration.revoke_secret', 'Revoked a secret of a channel'],
  ['integration.rotate_secret', 'Rotated a secret of a channel'],
  ['integration.test', 'Sent a test to a channel'],
  ['login_link.create', 'Made a login link'],
  ['login_link.use', 'Logged in with a link'],
  ['rejected_request.release', 'Released a rejected request'],
  ['replay.cancel', 'Cancelled a replay'],
  ['replay.pause', 'Paused a replay'],
  ['replay.rate', 'Changed the rate of a replay'],
  ['replay.resume', 'Resumed a replay'],
  ['replay.start', 'Started a replay'],
  ['session.archive', 'Archived a session'],
  ['trigger_run.redrive', 'Redrove a trigger run'],
]);

/** An action in words; one that has none yet as it is. */
export function actionWords(action: string): string {
  return words.get(action) ?? visibleLine(action);
}

/** For the filter: each action that has words. */
export const actionOptions = [...words].map(([value, label]) => ({ value, label }));
