import { z } from 'zod';
import { goingStates, readFilter, replayRevisions, replayStates } from '../../src/domain/replay.ts';
import type { ListedItem } from '../../src/store/replay-items.ts';
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
    replay_id: z.string().nullable().meta({ description: 'Only what failed in that replay' }),
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
    rate: z.int().meta({ description: 'Items per second' }),
    planned: z.int(),
    done: z.int(),
    failed: z.int(),
    skipped: z.int().meta({
      description: 'Of a completed one: planned, but not ended any more when their turn came',
    }),
    from_row: z.int(),
    per_minute: z.int(),
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
    id: z.string().meta({ description: 'The delivery or trigger run' }),
    state: z.enum(['done', 'failed']),
    cycle: z.int().nullable().meta({ description: 'The cycle that was opened' }),
    origin: z.enum(['history', 'row']).nullable(),
    failure: z.string().nullable(),
    created_at: instant,
  })
  .meta({ id: 'ReplayItem', description: 'What a replay started again, or could not.' });

/** @param now - from which the remaining time is told */
export function toReplayAnswer(row: ReplayProgress, now: Date): ReplayAnswer {
  const { id, state, revision, rate, planned, done, failed, from_row, per_minute, created_by } =
    row;
  return {
    id,
    state,
    filter: toFilterAnswer(row.filter),
    revision,
    rate,
    planned,
    done,
    failed,
    skipped: state === 'completed' ? Math.max(0, planned - done - failed) : 0,
    from_row,
    per_minute,
    eta_s: etaOf(row, now),
    created_by,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    paused_at: row.paused_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

export function toReplayItem(row: ListedItem): z.input<typeof replayItemSchema> {
  const { id, cycle, origin, failure } = row;
  const state = failure === null ? 'done' : 'failed';
  return { id, state, cycle, origin, failure, created_at: row.created_at.toISOString() };
}

/**
 * By the speed of the last minute; before that one is over, and while nothing happened in it, by
 * the rate that was asked for.
 */
function etaOf(row: ReplayProgress, now: Date): number | null {
  if (!goingStates.some((state) => state === row.state)) return null;
  const remaining = Math.max(0, row.planned - row.done - row.failed);
  const isMeasured =
    row.per_minute > 0 &&
    row.started_at !== null &&
    now.getTime() - row.started_at.getTime() >= 60_000;
  const perSecond = isMeasured ? row.per_minute / 60 : row.rate;
  return Math.ceil(remaining / perSecond);
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
  };
}
