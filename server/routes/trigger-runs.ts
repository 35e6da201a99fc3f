import type { Knex } from 'knex';
import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import { Problem } from '../../src/domain/problem.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { openNextCycle } from '../../src/store/cycles.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { findTriggerRun, listTriggerRuns } from '../../src/store/trigger-runs.ts';
import type { TriggerRunFilter } from '../../src/store/trigger-runs.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, idSchema, instant, moment, pageOf, pageQuery, toPage } from './answers.ts';

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
    answer: triggerRunSchema,
    handle: async ({ tenantId, id }) => toAnswer(await findOwn(db, tenantId, id)),
  });
}

function redriveRoute(db: Knex, wake: () => void): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/trigger-runs/{id}/redrive',
    summary: 'Start the next cycle of a trigger run that has ended',
    answer: triggerRunSchema,
    status: 202,
    handle: async (call) => {
      await redrive(db, call);
      wake();
      return toAnswer(await findOwn(db, call.tenantId, call.id));
    },
  });
}

/** @throws Problem `run-not-ended`, also for the second of two at once: one cycle is opened */
async function redrive(db: Knex, call: Call<unknown, unknown>): Promise<void> {
  const { id, cycle: from, state } = await findOwn(db, call.tenantId, call.id);
  await db.transaction(async (tx) => {
    const cycle = await openNextCycle(tx, { id, from, by: call.actor });
    if (cycle === undefined) {
      const now = state === 'pending' || state === 'running' ? state : 'redriven already';
      throw new Problem('run-not-ended', `Trigger run "${id}" is ${now}`);
    }
    const what = { action: 'trigger_run.redrive', subject: id, detail: { cycle } };
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
