import type { Knex } from 'knex';
import { readFilter, subjectOf } from '../domain/replay.ts';
import type { ReplaySubject } from '../domain/replay.ts';
import { instantOfDelivery } from './replay-conditions.ts';
import type { ReplayRow } from './replay-tables.ts';

/** What has become by now of what a replay has started. */
export interface ReplayOutcomes {
  /** Delivered or succeeded. */
  readonly succeeded: number;
  /** Dead or failed. */
  readonly failed: number;
  /** Pending, retrying or running. */
  readonly under_way: number;
  /** Parked, cancelled or skipped. */
  readonly other: number;
}

/** A delivery is found by its key; none of them is older than what the replay looked for. */
const deliveries = `deliveries as t on t.id = coalesce(i.delivery_id, i.subject_id)
  and t.created_at = ${instantOfDelivery} and t.created_at >= :from`;

const rowsOf = {
  delivery: deliveries,
  event: deliveries,
  trigger_run: 'trigger_runs as t on t.id = i.subject_id',
} as const satisfies Record<ReplaySubject, string>;

/** Count the states of all that a replay has started: about a second for 100,000. */
export async function countReplayOutcomes(
  db: Knex,
  replay: Pick<ReplayRow, 'id' | 'filter' | 'target_endpoint_id'>,
): Promise<ReplayOutcomes> {
  const filter = readFilter(replay.filter);
  const subject = subjectOf(filter, { targetEndpointId: replay.target_endpoint_id });
  const { rows } = (await db.raw(
    `select count(*) filter (where t.state in ('delivered', 'succeeded'))::int as succeeded,
            count(*) filter (where t.state in ('dead', 'failed'))::int as failed,
            count(*) filter (where t.state in ('pending', 'retrying', 'running'))::int as under_way,
            count(*) filter (where t.state in ('parked', 'cancelled', 'skipped'))::int as other
     from replay_items as i join ${rowsOf[subject]}
     where i.replay_id = :id and i.failure is null`,
    { id: replay.id, from: filter.from },
  )) as { rows: ReplayOutcomes[] };
  return rows[0] ?? { succeeded: 0, failed: 0, under_way: 0, other: 0 };
}
