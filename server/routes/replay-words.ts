import type { ReplayFilter, ReplayMode, ReplayRevision } from '../../src/domain/replay.ts';

/** How a replay is made: what it is about, and how it starts that. */
export interface ReplayWay extends ReplayMode {
  readonly filter: Pick<ReplayFilter, 'direction'>;
  readonly revision: ReplayRevision;
}

/** What a replay does with what it finds, in a sentence for whoever is about to start it. */
export function willOf({ filter, targetEndpointId, ids, revision }: ReplayWay): string {
  if (filter.direction === 'inbound') {
    const by =
      revision === 'as_now'
        ? 'the revision that its trigger has today, asking its guards anew'
        : 'the revision of its trigger that it was planned with';
    return `Runs the action of each trigger run again, in its next cycle, by ${by}`;
  }
  if (targetEndpointId !== null) {
    return `Sends each event to endpoint "${targetEndpointId}" in a new delivery, under a new webhook-id and with that endpoint's settings`;
  }
  return ids === 'new'
    ? 'Sends each event again to the endpoint of its delivery, in a new delivery: its consumer sees a webhook-id that it does not know'
    : 'Sends each delivery again in its next cycle, with the webhook-id that it had: a consumer that knows it can leave it out';
}
