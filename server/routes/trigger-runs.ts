import type { Knex } from 'knex';
import { z } from 'zod';
import { workflowIdOf } from '../../src/domain/cycle.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { findTriggerRun, listTriggerRuns } from '../../src/store/trigger-runs.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, instant, pageOf, pageQuery, toPage } from './answers.ts';

const triggerRunSchema = z
  .object({
    id: z.string(),
    trigger: z.string(),
    revision: z.int(),
    event_id: z.string(),
    event_type: z.string(),
    state: z.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'skipped']),
    reason: z.string().nullable(),
    cycle: z.int(),
    workflow_id: z.string().meta({ description: 'Its workflow in Temporal' }),
    created_at: instant,
  })
  .meta({ id: 'TriggerRun', description: 'One trigger acting on one event.' });

export function triggerRunRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/trigger-runs',
      summary: 'List trigger runs',
      query: z.strictObject({ ...pageQuery, event_id: idSchema.optional() }),
      answer: pageOf(triggerRunSchema),
      handle: async ({ tenantId, query }) => {
        const filter = { eventId: query.event_id };
        return toPage(query, (page) => listTriggerRuns(db, tenantId, { filter, page }), toAnswer);
      },
    }),
    route({
      method: 'get',
      path: '/v1/trigger-runs/{id}',
      summary: 'Read a trigger run',
      answer: triggerRunSchema,
      handle: async ({ tenantId, id }) => {
        const row = await findTriggerRun(db, id);
        const own = row?.tenant_id === tenantId ? row : undefined;
        return toAnswer(found(own, 'trigger run', id));
      },
    }),
  ];
}

function toAnswer(row: TriggerRunRow): z.input<typeof triggerRunSchema> {
  const { id, trigger, revision, event_id, event_type, state, reason, cycle } = row;
  return {
    id,
    trigger,
    revision,
    event_id,
    event_type,
    state,
    reason,
    cycle,
    workflow_id: workflowIdOf(id, cycle),
    created_at: row.created_at.toISOString(),
  };
}
