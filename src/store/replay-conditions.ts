import type { Knex } from 'knex';
import { catalog, isVerboseType } from '../domain/catalog.ts';
import { operationalEvents } from '../domain/operational-events.ts';
import { endedStates } from '../domain/replay.ts';
import type { ReplayFilter, ReplaySubject, ReplaySubscription } from '../domain/replay.ts';

/** Whether a filter asks something of deliveries: to another endpoint only events that have such a one go. */
export function asksOfDeliveries(filter: ReplayFilter): boolean {
  return filter.endpointId !== null || filter.state !== null || filter.statusClass !== null;
}

/** What a filter asks of a delivery; `query` has it as `d`. */
export function narrowDeliveries(query: Knex.QueryBuilder, filter: ReplayFilter): void {
  const { endpointId, state, statusClass } = filter;
  if (endpointId !== null) void query.where('d.endpoint_id', endpointId);
  if (state === 'failed') void query.where('d.state', 'dead');
  else if (state === 'never_attempted') void query.whereRaw(neverAttempted);
  else if (state !== null) void query.where('d.state', state);
  if (statusClass === 'none') void query.whereRaw('d.last_status is null and d.attempt_count > 0');
  else if (statusClass !== null) {
    void query.whereRaw('d.last_status / 100 = ?', [Number(statusClass.charAt(0))]);
  }
}

/** The count is that of its cycle: one that was let go or redriven may have been attempted before. */
const neverAttempted = `d.state in ('parked', 'cancelled', 'skipped') and d.attempt_count = 0
  and not exists (select 1 from attempts as a where a.delivery_id = d.id
                    and a.delivery_created_at = d.created_at)`;

/** What a filter asks of a trigger run; `query` has it as `r`. */
export function narrowRuns(query: Knex.QueryBuilder, filter: ReplayFilter): void {
  const { state, triggerId, source } = filter;
  if (state === null) void query.whereIn('r.state', [...endedStates.inbound]);
  else void query.where('r.state', state === 'never_attempted' ? 'skipped' : state);
  if (triggerId !== null) void query.where('r.trigger_id', triggerId);
  // A run carries the instant of its event, by which the event is found in one partition.
  if (source !== null) {
    void query.whereRaw(
      `exists (select 1 from events as e where e.id = r.event_id
               and e.received_at = r.created_at and e.source = ?)`,
      [source],
    );
  }
}

/** What a filter asks of every item; `query` has it as `item`. */
export function narrowItems(
  query: Knex.QueryBuilder,
  { filter, subject }: { readonly filter: ReplayFilter; readonly subject: ReplaySubject },
): void {
  const { eventTypes, subscription, replayId, retriedBy } = filter;
  if (eventTypes !== null) {
    void query.whereRaw('item.event_type like any(?)', [eventTypes.map(toLike)]);
  }
  if (subscription !== null) narrowToSubscription(query, subscription);
  if (replayId !== null) {
    void query.whereRaw(
      `exists (select 1 from replay_items as i where i.replay_id = ? and i.subject_id = item.id
               and (i.failure is not null or ${diedSince[subject]} or ${newDied}))`,
      [replayId],
    );
    void query.whereRaw(
      `not exists (select 1 from replay_items as j where j.replay_id = any(?) and j.subject_id = item.id)`,
      [[...retriedBy]],
    );
  }
}

/** As `subscribes` has it: verbose types only when they are named, and operational ones not by `*`. */
function narrowToSubscription(query: Knex.QueryBuilder, { eventTypes }: ReplaySubscription): void {
  const verbose = Object.keys(catalog).filter(isVerboseType);
  const begin = eventTypes.filter((type) => type.endsWith('.*'));
  void query.whereRaw(
    `(item.event_type = any(?) or (not item.event_type = any(?) and (item.event_type like any(?)
      or (?::boolean and not item.event_type = any(?)))))`,
    [
      [...eventTypes],
      verbose,
      begin.map(toLike),
      eventTypes.includes('*'),
      Object.keys(operationalEvents),
    ],
  );
}

/** The cycle that the replay opened has failed; a later one is somebody else's. */
const diedSince = {
  trigger_run: `(item.state = 'failed' and item.cycle = i.cycle)`,
  delivery: `(i.delivery_id is null and item.state = 'dead' and item.cycle = i.cycle)`,
  event: 'false',
} as const satisfies Record<ReplaySubject, string>;

/** The instant in the id of the delivery of an item `i`, its partition: its new one, or itself. */
export const instantOfDelivery = `('epoch'::timestamptz + interval '1 millisecond' *
  ('x' || substr(coalesce(i.delivery_id, i.subject_id), 5, 12))::bit(48)::bigint)`;

const newDied = `exists (select 1 from deliveries as n where n.id = i.delivery_id
  and n.created_at = ${instantOfDelivery} and n.state = 'dead' and n.cycle = i.cycle)`;

function toLike(type: string): string {
  return type.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
}
