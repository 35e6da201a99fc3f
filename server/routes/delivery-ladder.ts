import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import type { AttemptFacts } from '../../src/store/attempts.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { instant } from './answers.ts';
import { attemptFactsSchema, toAttemptFacts } from './delivery-answer.ts';

export const rungSchema = z
  .object({
    number: z.int(),
    planned_wait_ms: z.int().meta({ description: 'By the schedule; Retry-After can lengthen it' }),
    state: z.enum(['done', 'failed', 'running', 'scheduled', 'waiting', 'unused']),
    at: instant.nullable().meta({ description: 'When it began, or is due; null when not known' }),
    attempt: attemptFactsSchema.optional(),
  })
  .meta({
    id: 'Rung',
    description:
      'One attempt of the current cycle, made or not: `scheduled` is the next one, `waiting` may come after it, `unused` is not needed any more.',
  });

export const cycleSchema = z
  .object({ cycle: z.int(), workflow_id: z.string(), attempts: z.array(attemptFactsSchema) })
  .meta({ id: 'DeliveryCycle', description: 'One schedule of attempts: one workflow.' });

export interface Ladder {
  /** Waits before each attempt, in milliseconds. */
  readonly schedule: readonly number[];
  readonly now: Date;
}

/** A rung for each attempt of the schedule, in the current cycle. */
export function ladderOf(
  row: DeliveryRow,
  attempts: readonly AttemptFacts[],
  { schedule, now }: Ladder,
): z.input<typeof rungSchema>[] {
  const made = new Map(
    attempts.filter(({ cycle }) => cycle === row.cycle).map((each) => [each.number, each]),
  );
  const last = Math.max(0, ...made.keys());
  return Array.from({ length: Math.max(schedule.length, last) }, (_, index) => {
    const number = index + 1;
    const planned_wait_ms = schedule[index] ?? 0;
    const attempt = made.get(number);
    if (!attempt) return { number, planned_wait_ms, ...notMade(row, number - last, now) };
    const state = stateOf(attempt);
    const at = attempt.started_at.toISOString();
    return { number, planned_wait_ms, state, at, attempt: toAttemptFacts(attempt, schedule) };
  });
}

/** One that the consumer is to acknowledge is not decided yet. */
function stateOf({ reason }: AttemptFacts): 'done' | 'failed' | 'running' {
  if (reason === null) return 'done';
  return reason === 'ack_pending' ? 'running' : 'failed';
}

type Standing = Pick<z.input<typeof rungSchema>, 'state' | 'at'>;

/** @param ahead - 1 is the next attempt; 0 and less were begun and never recorded: interrupted */
function notMade(row: DeliveryRow, ahead: number, now: Date): Standing {
  if (ahead < 1) return { state: 'failed', at: null };
  if (row.state === 'parked' && row.started_at === null) return { state: 'waiting', at: null };
  if (row.state !== 'pending' && row.state !== 'retrying') return { state: 'unused', at: null };
  if (ahead > 1) return { state: 'waiting', at: null };
  return row.state === 'pending' ? first(row) : next(row, now);
}

/** A first attempt that waits for its turn is due when it asks again at the latest. */
function first({ started_at, next_attempt_at }: DeliveryRow): Standing {
  if (next_attempt_at !== null) return { state: 'scheduled', at: next_attempt_at.toISOString() };
  if (started_at === null) return { state: 'scheduled', at: null };
  return { state: 'running', at: started_at.toISOString() };
}

/** While an attempt is to be acknowledged, its window ends then, and no attempt is due. */
function next({ next_attempt_at: at, last_reason }: DeliveryRow, now: Date): Standing {
  if (at === null || last_reason === 'ack_pending') return { state: 'waiting', at: null };
  return { state: at > now ? 'scheduled' : 'running', at: at.toISOString() };
}

/** A person looks at the last few; the attempts of any cycle are in their list. */
const cyclesMax = 20;

/** The first cycle that is shown of a delivery. */
export function firstShownOf({ cycle }: DeliveryRow): number {
  return Math.max(1, cycle - cyclesMax + 1);
}

/** The newest cycles, up to the current one, with the attempts that were made in them. */
export function cyclesOf(
  row: DeliveryRow,
  attempts: readonly AttemptFacts[],
  { schedule }: Ladder,
): z.input<typeof cycleSchema>[] {
  const first = firstShownOf(row);
  return Array.from({ length: row.cycle - first + 1 }, (_, index) => {
    const cycle = first + index;
    return {
      cycle,
      workflow_id: workflowIdOf(row.id, cycle),
      attempts: attempts
        .filter((each) => each.cycle === cycle)
        .map((each) => toAttemptFacts(each, schedule)),
    };
  });
}
