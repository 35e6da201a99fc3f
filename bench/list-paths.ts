import type { Knex } from 'knex';

/**
 * Each list of the API as the console asks for it, narrowed in each way that it can be; `:endpoint` and
 * such stand for the id of one of what is stored.
 */
export const listPaths: readonly string[] = [
  '/v1/events',
  '/v1/events?direction=inbound',
  '/v1/events?source=github',
  '/v1/events?type=session.finished',
  '/v1/events?type=session.*',
  '/v1/events?state=failed',
  '/v1/events?text=evt_0199',
  '/v1/deliveries',
  '/v1/deliveries?state=dead',
  '/v1/deliveries?state=retrying',
  '/v1/deliveries?state=parked',
  '/v1/deliveries?event_type=tool.called',
  '/v1/deliveries?endpoint_id=:endpoint',
  '/v1/deliveries?endpoint_id=:endpoint&state=dead',
  '/v1/deliveries?event_id=:event',
  '/v1/deliveries/:delivery/attempts',
  '/v1/dead-letters',
  '/v1/dead-letters?state=open',
  '/v1/dead-letters?endpoint_id=:endpoint',
  '/v1/dead-letters?kind=trigger_run',
  '/v1/dead-letters?reason=timeout',
  '/v1/dead-letters?event_type=custom.rare',
  '/v1/dead-letters?trigger=none',
  '/v1/dead-letters?state=discarded',
  '/v1/endpoints',
  '/v1/endpoints/:endpoint/secrets',
  '/v1/integrations',
  '/v1/rejected-requests',
  '/v1/triggers',
  '/v1/trigger-runs',
  '/v1/trigger-runs?state=failed',
  '/v1/trigger-runs?trigger_id=trg_1',
  '/v1/sessions',
  '/v1/sessions?state=active',
  '/v1/imports',
  '/v1/replays',
  '/v1/replays/:replay/items',
  '/v1/replays/:replay/items?state=failed',
  '/v1/budgets',
  '/v1/api-keys',
  '/v1/audit-log',
];

/** What counts rather than lists: it reads what it counts. */
export const countPaths: readonly string[] = ['/v1/statistics', '/v1/dead-letters/groups'];

/** Puts ids of what is stored into a path of a list. */
export async function makeFillIn(db: Knex): Promise<(path: string) => string> {
  const delivery = await db('deliveries').where({ state: 'dead' }).first();
  const replay = await db('replays').first();
  const ids = {
    ':endpoint': delivery?.endpoint_id ?? '',
    ':event': delivery?.event_id ?? '',
    ':delivery': delivery?.id ?? '',
    ':replay': replay?.id ?? '',
  };
  return (path) => Object.entries(ids).reduce((text, [name, id]) => text.replace(name, id), path);
}
