import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import type { AttemptFacts, EmittedEvent } from '../../src/store/timeline.ts';
import { instant } from './answers.ts';
import { decisiveSchema } from './decisive-answer.ts';
import { deliveryStateSchema } from './delivery-answer.ts';
import { triggerRunStateSchema } from './trigger-runs.ts';

const eventFacts = z.object({
  id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  source: z.string(),
  type: z.string(),
  integration_id: z.string().nullable(),
  dedupe_id: z.string().nullable(),
  traceparent: z.string().nullable(),
  received_at: instant,
  content_type: z.string().nullable(),
  body_bytes: z.int(),
});

const verification = z.object({
  channel: z.string(),
  mode: z.string().nullable(),
  scheme: z.string().nullable(),
  integration_id: z.string().nullable(),
  verified: z.boolean(),
  note: z.string(),
});

const judgement = z.object({
  trigger_id: z.string(),
  trigger: z.string(),
  revision: z.int().meta({ description: "The run's, else the one of today" }),
  fired: z.boolean().meta({ description: 'False also where its run was skipped' }),
  run_id: z.string().nullable(),
  why: z.string(),
  decisive: decisiveSchema,
  is_current_revision_newer_than_event: z.boolean(),
});

const run = z.object({
  id: z.string(),
  trigger_id: z.string(),
  trigger: z.string(),
  revision: z.int(),
  state: triggerRunStateSchema,
  reason: z.string().nullable(),
  cycle: z.int(),
  workflow_id: z.string(),
  created_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
  emitted: z.array(z.object({ event_id: z.string(), type: z.string() })),
});

const emittedEvent = z.object({
  event_id: z.string(),
  type: z.string(),
  run_id: z.string(),
  received_at: instant,
});

const attempt = z.object({
  number: z.int(),
  cycle: z.int(),
  started_at: instant,
  duration_ms: z.int(),
  status: z.int().nullable(),
  reason: z.string().nullable(),
});

const delivery = z.object({
  id: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  endpoint_id: z.string(),
  endpoint_url: z.string().nullable(),
  state: deliveryStateSchema,
  cycle: z.int(),
  attempt_count: z.int(),
  last_reason: z.string().nullable(),
  next_attempt_at: instant.nullable(),
  workflow_id: z.string(),
  created_at: instant,
  ended_at: instant.nullable(),
  attempts: z.array(attempt),
});

const unsentEndpoint = z.object({
  endpoint_id: z.string(),
  endpoint_url: z.string(),
  why: z.string().meta({
    description:
      'By its event types, its filter and its age; whether it was paused does not matter, for that leaves a delivery',
  }),
  decisive: decisiveSchema,
  is_newer_than_event: z.boolean(),
});

const notSentTo = z.object({
  endpoints: z.array(unsentEndpoint).meta({ description: 'Oldest first; no deleted ones' }),
  is_cut: z.boolean().meta({ description: 'There are more than the 100 that are told' }),
});

const step = z.object({
  at: instant,
  kind: z.enum(['event', 'verification', 'trigger_run', 'emitted', 'delivery', 'attempt', 'next']),
  title: z.string(),
  detail: z.string(),
  href_kind: z.enum(['event', 'integration', 'trigger_run', 'delivery']),
  id: z.string().meta({ description: 'Of what `href_kind` says' }),
});

export const timelineSchema = z
  .object({
    event: eventFacts,
    verification: verification.nullable().meta({ description: 'Of what came in' }),
    caused_by: z
      .union([
        z.object({ run_id: z.string(), trigger: z.string(), event_id: z.string() }),
        z.literal('api'),
      ])
      .nullable()
      .meta({ description: 'Where an outbound event came from; null where nobody knows' }),
    triggers: z.array(judgement).meta({ description: 'Every trigger, by name' }),
    runs: z.array(run),
    emitted_events: z.array(emittedEvent),
    deliveries: z.array(delivery).meta({ description: 'Of it, or of what its runs emitted' }),
    not_sent_to: notSentTo.nullable().meta({
      description:
        'The endpoints that have no delivery of an outbound event, and why: judged by their settings of today, which may have been changed since; null of an inbound one',
    }),
    steps: z.array(step).meta({ description: 'All of it in the order of time' }),
    is_cut: z.boolean().meta({
      description: 'There is more than is told here; `not_sent_to` says so of itself',
    }),
  })
  .meta({ id: 'EventTimeline', description: 'What happened to an event and what followed.' });

export type Timeline = z.input<typeof timelineSchema>;

export function toRun(
  row: TriggerRunRow,
  emitted: readonly EmittedEvent[],
): Timeline['runs'][number] {
  const { id, trigger_id, trigger, revision, state, reason, cycle } = row;
  return {
    id,
    trigger_id,
    trigger,
    revision,
    state,
    reason,
    cycle,
    workflow_id: workflowIdOf(id, cycle),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
    emitted: emitted
      .filter((event) => event.run_id === id)
      .map((event) => ({ event_id: event.id, type: event.type })),
  };
}

export function toDelivery(
  row: DeliveryRow,
  { attempts, url }: { readonly attempts: readonly AttemptFacts[]; readonly url: string | null },
): Timeline['deliveries'][number] {
  const { id, event_id, event_type, endpoint_id, state, cycle, attempt_count, last_reason } = row;
  return {
    id,
    event_id,
    event_type,
    endpoint_id,
    endpoint_url: url,
    state,
    cycle,
    attempt_count,
    last_reason,
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    workflow_id: workflowIdOf(id, cycle),
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
    attempts: attempts.map(({ number, cycle: of, started_at, duration_ms, status, reason }) => {
      const startedAt = started_at.toISOString();
      return { number, cycle: of, started_at: startedAt, duration_ms, status, reason };
    }),
  };
}
