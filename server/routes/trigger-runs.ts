import type { Knex } from 'knex';
import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import { Problem } from '../../src/domain/problem.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { openNextCycle } from '../../src/store/cycles.ts';
import { listJoinParts } from '../../src/store/run-join.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { findGuards, findTriggerRun, listTriggerRuns } from '../../src/store/trigger-runs.ts';
import type { GuardsOfRun, TriggerRunFilter } from '../../src/store/trigger-runs.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, idSchema, instant, moment, pageOf, pageQuery, toPage } from './answers.ts';
import { reasonSchema } from './delivery-steering.ts';
import { refuseUnsendable } from './redrive-refusal.ts';

export const triggerRunStateSchema = z.enum([
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
]);

const triggerRunSchema = z
  .object({
    id: z.string(),
    trigger_id: z.string(),
    trigger: z.string(),
    revision: z.int(),
    event_id: z.string(),
    event_type: z.string(),
    state: triggerRunStateSchema,
    reason: z.string().nullable(),
    cycle: z.int(),
    workflow_id: z.string().meta({ description: 'Its workflow in Temporal' }),
    created_at: instant,
    started_at: instant.nullable().meta({ description: 'When Temporal took the current cycle' }),
    ended_at: instant.nullable(),
  })
  .meta({ id: 'TriggerRun', description: 'One trigger acting on one event.' });

const key = z.string().nullable();

const runWithGuardsSchema = triggerRunSchema
  .extend({
    guards: z
      .object({
        dedupe: key,
        debounce: key,
        concurrency: key,
        throttle: key,
        join: key,
        part: key.meta({ description: 'Which part of a join its event is' }),
        join_until: instant.nullable().meta({ description: 'It waits for the other parts until' }),
        go_at: instant.nullable().meta({ description: 'When its throttle lets it begin' }),
        admitted_at: instant.nullable().meta({ description: 'When its guards let it begin' }),
        replaced_by: key.meta({ description: 'The run that has taken its place' }),
      })
      .nullable()
      .meta({ description: 'What holds it back, of the current cycle; null = nothing does' }),
    parts: z
      .array(z.object({ part: z.string(), event_id: z.string() }))
      .meta({ description: 'The events of its join that have come' }),
  })
  .meta({ id: 'TriggerRunWithGuards', description: 'A trigger run, and what holds it back.' });

const listQuery = z.strictObject({
  ...pageQuery,
  event_id: idSchema.optional(),
  trigger_id: idSchema.optional(),
  state: triggerRunStateSchema.optional(),
  from: moment.optional(),
  to: moment.optional(),
  text: z.string().min(1).max(200).optional().meta({
    description:
      "A run's id, its beginning (`run_` and at least 4 hex digits), an event's id, or a trigger's name",
  }),
});

/** @param wake - starts what was planned; called after everything is committed */
export function triggerRunRoutes(db: Knex, wake: () => void): MountableRoute[] {
  return [listRoute(db), readRoute(db), redriveRoute(db, wake)];
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/trigger-runs',
    summary: 'List trigger runs',
    query: listQuery,
    answer: pageOf(triggerRunSchema),
    handle: async ({ tenantId, query }) => {
      const filter = toFilter(query);
      return toPage(query, (page) => listTriggerRuns(db, tenantId, { filter, page }), toAnswer);
    },
  });
}

function toFilter(query: z.output<typeof listQuery>): TriggerRunFilter {
  const { event_id: eventId, trigger_id: triggerId, state, from, to, text } = query;
  return {
    eventId,
    triggerId,
    state,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    text,
  };
}

function readRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/trigger-runs/{id}',
    summary: 'Read a trigger run',
    answer: runWithGuardsSchema,
    handle: async ({ tenantId, id }) => {
      const run = await findOwn(db, tenantId, id);
      const guards = await findGuards(db, run);
      const parts = await listJoinParts(db, run.id);
      return {
        ...toAnswer(run),
        guards: guards ? toGuards(guards) : null,
        parts: parts.map(({ part, event_id }) => ({ part, event_id })),
      };
    },
  });
}

function toGuards(row: GuardsOfRun): z.input<typeof runWithGuardsSchema>['guards'] {
  return {
    dedupe: row.dedupe_key,
    debounce: row.debounce_key,
    concurrency: row.lane_key,
    throttle: row.throttle_key,
    join: row.join_key,
    part: row.part,
    join_until: row.join_until?.toISOString() ?? null,
    go_at: row.go_at?.toISOString() ?? null,
    admitted_at: row.admitted_at?.toISOString() ?? null,
    replaced_by: row.replaced_by,
  };
}

function redriveRoute(db: Knex, wake: () => void): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/trigger-runs/{id}/redrive',
    summary: 'Start the next cycle of a trigger run that has ended',
    body: reasonSchema,
    answer: triggerRunSchema,
    status: 202,
    handle: async (call) => {
      await redrive(db, call);
      wake();
      return toAnswer(await findOwn(db, call.tenantId, call.id));
    },
  });
}

/**
 * @throws Problem `run-not-ended`, also for the second of two at once: one cycle is opened; or
 *   `redrive-refused`
 */
async function redrive(
  db: Knex,
  call: Call<unknown, z.output<typeof reasonSchema>>,
): Promise<void> {
  const { id, cycle: from, state, event_id } = await findOwn(db, call.tenantId, call.id);
  const { reason } = call.body ?? {};
  await db.transaction(async (tx) => {
    await refuseUnsendable(tx, { id, event_id });
    const cycle = await openNextCycle(tx, { id, from, by: call.actor, reason });
    if (cycle === undefined) {
      const now = state === 'pending' || state === 'running' ? state : 'redriven already';
      throw new Problem('run-not-ended', `Trigger run "${id}" is ${now}`);
    }
    const detail = { cycle, ...(reason !== undefined && { reason }) };
    const what = { action: 'trigger_run.redrive', subject: id, detail };
    await recordAudit(tx, auditEntry(call, what));
  });
}

async function findOwn(db: Knex, tenantId: string, id: string): Promise<TriggerRunRow> {
  const row = await findTriggerRun(db, id);
  return found(row?.tenant_id === tenantId ? row : undefined, 'trigger run', id);
}

function toAnswer(row: TriggerRunRow): z.input<typeof triggerRunSchema> {
  const { id, trigger_id, trigger, revision, event_id, event_type, state, reason, cycle } = row;
  return {
    id,
    trigger_id,
    trigger,
    revision,
    event_id,
    event_type,
    state,
    reason,
    cycle,
    workflow_id: workflowIdOf(id, cycle),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}
