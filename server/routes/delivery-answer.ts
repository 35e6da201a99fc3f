import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import { waitAfterMs } from '../../src/domain/retry.ts';
import { timestampOf } from '../../src/runtime/delivery-request.ts';
import type { AttemptFacts } from '../../src/store/attempts.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { instant } from './answers.ts';

export const deliveryStateSchema = z.enum([
  'pending',
  'retrying',
  'delivered',
  'dead',
  'parked',
  'cancelled',
  'skipped',
]);

export const deliverySchema = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string(),
    endpoint_url: z.string().nullable().meta({ description: 'As it is today' }),
    state: deliveryStateSchema,
    cycle: z.int(),
    workflow_id: z.string().meta({ description: 'The workflow of the current cycle in Temporal' }),
    attempt_count: z.int(),
    next_attempt_at: instant.nullable(),
    last_status: z.int().nullable(),
    last_reason: z.string().nullable(),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Delivery', description: 'One event on its way to one endpoint.' });

export const attemptFactsSchema = z
  .object({
    number: z.int(),
    cycle: z.int(),
    started_at: instant,
    timestamp: z.string().meta({ description: 'Unix seconds, as they were signed' }),
    duration_ms: z.int(),
    status: z.int().nullable(),
    reason: z.string().nullable(),
    retry_after_ms: z
      .int()
      .nullable()
      .meta({ description: 'The wait that the consumer asked for' }),
    next_wait_ms: z
      .int()
      .nullable()
      .meta({ description: 'The wait after it; null when no attempt followed by the schedule' }),
  })
  .meta({ id: 'AttemptFacts', description: 'One POST of a delivery, without the answer.' });

/** @param endpointUrl - null when no endpoint of that id is kept */
export function toDelivery(
  row: DeliveryRow,
  endpointUrl: string | null,
): z.input<typeof deliverySchema> {
  const { id, event_id, event_type, endpoint_id, state, cycle, attempt_count } = row;
  return {
    id,
    event_id,
    event_type,
    endpoint_id,
    endpoint_url: endpointUrl,
    state,
    cycle,
    workflow_id: workflowIdOf(id, cycle),
    attempt_count,
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    last_status: row.last_status,
    last_reason: row.last_reason,
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

/** @param schedule - waits before each attempt, in milliseconds */
export function toAttemptFacts(
  attempt: AttemptFacts,
  schedule: readonly number[],
): z.input<typeof attemptFactsSchema> {
  const { number, cycle, started_at, duration_ms, status, reason, retry_after_ms } = attempt;
  const isLast = reason === null || reason === 'gone' || reason === 'ack_pending';
  const waitMs = isLast ? undefined : waitAfterMs(schedule, number, retry_after_ms ?? 0);
  return {
    number,
    cycle,
    started_at: started_at.toISOString(),
    timestamp: timestampOf(started_at),
    duration_ms,
    status,
    reason,
    retry_after_ms,
    next_wait_ms: waitMs ?? null,
  };
}
