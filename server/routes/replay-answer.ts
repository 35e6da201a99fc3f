import { z } from 'zod';
import {
  goingStates,
  readFilter,
  replayIds,
  replayRevisions,
  replayStates,
} from '../../src/domain/replay.ts';
import type { ListedItem } from '../../src/store/replay-items.ts';
import type { ReplayOutcomes } from '../../src/store/replay-outcomes.ts';
import type { ReplayProgress } from '../../src/store/replays.ts';
import { instant } from './answers.ts';

const filterSchema = z
  .object({
    direction: z.enum(['inbound', 'outbound']),
    from: instant,
    to: instant,
    event_types: z.array(z.string()).nullable(),
    endpoint_id: z.string().nullable(),
    state: z.string().nullable(),
    source: z.string().nullable(),
    trigger_id: z.string().nullable(),
    replay_id: z.string().nullable().meta({
      description: 'Only what failed in that replay, or has died since',
    }),
    status_class: z.string().nullable(),
    filter: z.string().nullable().meta({ description: 'A CEL expression over the event' }),
    subscription: z
      .object({ event_types: z.array(z.string()), filter: z.string().nullable() })
      .nullable()
      .meta({ description: 'What the endpoint that it sends to had asked for at its start' }),
  })
  .meta({ id: 'ReplayFilter', description: 'What a replay starts again; null = no condition.' });

export const replaySchema = z
  .object({
    id: z.string(),
    state: z.enum(replayStates),
    filter: filterSchema,
    revision: z.enum(replayRevisions).meta({
      description: 'By which revision of their triggers runs are started again',
    }),
    target_endpoint_id: z.string().nullable().meta({
      description: 'Each event goes to this one; null = everything goes where it went',
    }),
    ids: z.enum(replayIds).meta({ description: 'Next cycles (`keep`) or new deliveries' }),
    rate: z.int().meta({ description: 'Items per second' }),
    planned: z.int(),
    planned_is_estimate: z.boolean(),
    done: z.int(),
    failed: z.int(),
    skipped: z.int().meta({
      description: 'Of a completed one: planned, but not ended any more when their turn came',
    }),
    from_history: z.int().meta({
      description: 'Of those done, how many got the input that their workflow had before',
    }),
    from_row: z.int().meta({
      description: 'Of those done, how many got it from their row: Temporal keeps it no longer',
    }),
    per_minute: z.int(),
    outcomes: z
      .object({
        succeeded: z.int(),
        failed: z.int(),
        under_way: z.int(),
        other: z.int().meta({ description: 'Parked, cancelled or skipped' }),
      })
      .nullable()
      .meta({
        description:
          'Where those started stand now, at most ten seconds ago; null but in `GET /v1/replays/{id}`',
      }),
    eta_s: z.int().nullable().meta({ description: 'Null when it is paused or has ended' }),
    created_by: z.string().nullable(),
    created_at: instant,
    started_at: instant.nullable(),
    paused_at: instant.nullable(),
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Replay', description: 'The workflows of a timeframe are started again.' });

export type ReplayAnswer = z.input<typeof replaySchema>;

export const replayItemSchema = z
  .object({
    id: z.string().meta({
      description: 'The delivery or trigger run; of a replay to another endpoint, the event',
    }),
    state: z.enum(['done', 'failed']),
    cycle: z.int().nullable().meta({ description: 'The cycle that was opened' }),
    delivery_id: z.string().nullable().meta({ description: 'The new delivery, when it made one' }),
    origin: z.enum(['history', 'row']).nullable().meta({
      description: 'Where its input came from; null for a new delivery',
    }),
    failure: z.string().nullable(),
    created_at: instant,
  })
  .meta({ id: 'ReplayItem', description: 'What a replay started again, or could not.' });

/** @param outcomes - null where they are not counted */
export function toReplayAnswer(
  row: ReplayProgress,
  outcomes: ReplayOutcomes | null = null,
): ReplayAnswer {
  const { id, state, revision, rate, planned, done, failed, from_row, per_minute, created_by } =
    row;
  return {
    id,
    state,
    filter: toFilterAnswer(row.filter),
    revision,
    target_endpoint_id: row.target_endpoint_id,
    ids: row.ids,
    rate,
    planned,
    planned_is_estimate: row.is_estimated,
    done,
    failed,
    skipped: skippedOf(row),
    from_history: fromHistoryOf(row),
    from_row,
    per_minute,
    outcomes: outcomes && { ...outcomes },
    eta_s: etaOf(row),
    created_by,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    paused_at: row.paused_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

/** Against an estimate nothing is missing. */
function skippedOf({ state, is_estimated, planned, done, failed }: ReplayProgress): number {
  return state === 'completed' && !is_estimated ? Math.max(0, planned - done - failed) : 0;
}

/** A new delivery has no workflow before it. */
function fromHistoryOf({
  ids,
  done,
  from_row: fromRow,
}: Pick<ReplayProgress, 'ids' | 'done' | 'from_row'>): number {
  return ids === 'keep' ? done - fromRow : 0;
}

export function toReplayItem(row: ListedItem): z.input<typeof replayItemSchema> {
  const { id, cycle, delivery_id, origin, failure } = row;
  const state = failure === null ? 'done' : 'failed';
  const created_at = row.created_at.toISOString();
  return { id, state, cycle, delivery_id, origin, failure, created_at };
}

/** By the speed that it has, as far as that is known, and at most by the rate that is asked for now. */
function etaOf(row: ReplayProgress): number | null {
  if (!goingStates.some((state) => state === row.state)) return null;
  const remaining = Math.max(0, row.planned - row.done - row.failed);
  return Math.ceil(remaining / Math.min(row.rate, row.per_second ?? row.rate));
}

/** @param kept - as the replay's row has it */
export function toFilterAnswer(kept: unknown): z.input<typeof filterSchema> {
  const filter = readFilter(kept);
  return {
    direction: filter.direction,
    from: filter.from,
    to: filter.to,
    event_types: filter.eventTypes === null ? null : [...filter.eventTypes],
    endpoint_id: filter.endpointId,
    state: filter.state,
    source: filter.source,
    trigger_id: filter.triggerId,
    replay_id: filter.replayId,
    status_class: filter.statusClass,
    filter: filter.expression,
    subscription: filter.subscription && {
      event_types: [...filter.subscription.eventTypes],
      filter: filter.subscription.expression,
    },
  };
}
