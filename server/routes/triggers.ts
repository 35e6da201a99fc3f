import type { Knex } from 'knex';
import { z } from 'zod';
import type { TriggerRevisionRow } from '../../src/store/tables.ts';
import { countRunsOf } from '../../src/store/trigger-runs.ts';
import {
  findTrigger,
  findTriggerRevision,
  listTriggerRevisions,
  listTriggers,
} from '../../src/store/triggers.ts';
import type { TriggerWithDefinition } from '../../src/store/triggers.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, toPage } from './answers.ts';
import { toTrigger, triggerSchema, triggerWithTextSchema } from './trigger-answer.ts';

const revisionSchema = z
  .object({
    revision: z.int(),
    created_at: instant,
    created_by: z
      .string()
      .nullable()
      .meta({ description: 'Who saved it, as in the audit log; null = its file' }),
    text: z.string(),
    is_current: z.boolean(),
  })
  .meta({ id: 'TriggerRevision', description: 'What a trigger said at some time.' });

/** A text may have 256 KiB: fifty of them are what one answer carries. */
const revisionsQuery = z.strictObject({
  limit: z.coerce
    .number('Must be a number')
    .int('Must be a whole number')
    .min(1, 'Must be 1 to 50')
    .max(50, 'Must be 1 to 50')
    .default(20),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'Must be a next_cursor')
    .optional(),
});

export function triggerRoutes(db: Knex): MountableRoute[] {
  return [listRoute(db), readRoute(db), revisionsRoute(db)];
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/triggers',
    summary: 'List triggers, by name',
    answer: pageOf(triggerSchema),
    handle: async ({ tenantId }) => {
      const rows = await listTriggers(db, tenantId);
      return { data: await withCounts(db, tenantId, rows), next_cursor: null };
    },
  });
}

function readRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/triggers/{id}',
    summary: 'Read a trigger with its text',
    answer: triggerWithTextSchema,
    handle: async (call) => readTrigger(db, call),
  });
}

/**
 * A trigger of a tenant as it is now, with its text.
 *
 * @throws Problem `not-found`
 */
export async function readTrigger(
  db: Knex,
  { tenantId, id }: { readonly tenantId: string; readonly id: string },
): Promise<z.input<typeof triggerWithTextSchema>> {
  const row = found(await findTrigger(db, id, tenantId), 'trigger', id);
  const [answer] = await withCounts(db, tenantId, [row]);
  const revision = await findTriggerRevision(db, row.id, row.revision);
  return { ...found(answer, 'trigger', id), text: revision?.text ?? null };
}

function revisionsRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/triggers/{id}/revisions',
    summary: 'List the revisions of a trigger, newest first',
    query: revisionsQuery,
    answer: pageOf(revisionSchema),
    handle: async ({ tenantId, id, query }) => {
      const trigger = found(await findTrigger(db, id, tenantId), 'trigger', id);
      const list = async ({ limit, cursor }: { limit: number; cursor?: string | undefined }) => {
        const before = cursor === undefined ? undefined : Number(cursor);
        const rows = await listTriggerRevisions(db, trigger.id, { limit, before });
        return rows.map((row) => ({ id: String(row.revision), row }));
      };
      return toPage(query, list, ({ row }) => toRevision(row, trigger.revision));
    },
  });
}

function toRevision(
  { revision, created_at, created_by, text }: TriggerRevisionRow,
  current: number,
): z.input<typeof revisionSchema> {
  const is_current = revision === current;
  return { revision, created_at: created_at.toISOString(), created_by, text, is_current };
}

const dayMs = 86_400_000;

async function withCounts(
  db: Knex,
  tenantId: string,
  rows: readonly TriggerWithDefinition[],
): Promise<z.input<typeof triggerSchema>[]> {
  const triggerIds = rows.map(({ id }) => id);
  const since = new Date(Date.now() - dayMs);
  const counts = await countRunsOf(db, tenantId, { triggerIds, since });
  return rows.map((row) => toTrigger(row, counts.get(row.id)));
}
