import type { Knex } from 'knex';
import { z } from 'zod';
import type { TriggerRevisionRow } from '../../src/store/tables.ts';
import { countedRunsMax, countRunsOf } from '../../src/store/trigger-runs.ts';
import type { RunCounts } from '../../src/store/trigger-runs.ts';
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

const triggerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    file: z.string(),
    revision: z.int(),
    is_active: z.boolean(),
    problem: z.string().nullable(),
    description: z.string().nullable(),
    source: z.string().nullable(),
    events: z.array(z.string()),
    created_at: instant,
    runs_24h: z
      .int()
      .meta({ description: `Of the last 24 hours; counted up to ${countedRunsMax}` }),
    failures_24h: z.int().meta({ description: 'Of those, the failed ones' }),
    last_run_at: instant.nullable(),
  })
  .meta({ id: 'Trigger', description: 'One YAML file: which events start what.' });

const triggerWithTextSchema = triggerSchema
  .extend({
    text: z.string().nullable().meta({ description: 'The file, as the current revision has it' }),
  })
  .meta({ id: 'TriggerWithText', description: 'A trigger with its file.' });

const revisionSchema = z
  .object({
    revision: z.int(),
    created_at: instant,
    text: z.string(),
    is_current: z.boolean(),
  })
  .meta({ id: 'TriggerRevision', description: 'What the file of a trigger said at some time.' });

/** A file may have 256 KiB: fifty of them are what one answer carries. */
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

/** The part of a definition that is shown; one that was never good has none of it. */
const definitionSchema = z
  .object({
    description: z.string().nullable().catch(null),
    source: z.string().nullable().catch(null),
    events: z.array(z.string()).catch([]),
  })
  .catch({ description: null, source: null, events: [] });

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
    summary: 'Read a trigger with its file',
    answer: triggerWithTextSchema,
    handle: async ({ tenantId, id }) => {
      const row = found(await findTrigger(db, id, tenantId), 'trigger', id);
      const [answer] = await withCounts(db, tenantId, [row]);
      const revision = await findTriggerRevision(db, row.id, row.revision);
      return { ...found(answer, 'trigger', id), text: revision?.text ?? null };
    },
  });
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
  { revision, created_at, text }: TriggerRevisionRow,
  current: number,
): z.input<typeof revisionSchema> {
  const is_current = revision === current;
  return { revision, created_at: created_at.toISOString(), text, is_current };
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
  return rows.map((row) => toAnswer(row, counts.get(row.id)));
}

function toAnswer(
  row: TriggerWithDefinition,
  counts: RunCounts | undefined,
): z.input<typeof triggerSchema> {
  const { id, name, file, revision, is_active, problem } = row;
  const shown = definitionSchema.parse(row.definition);
  return {
    id,
    name,
    file,
    revision,
    is_active,
    problem,
    ...shown,
    created_at: row.created_at.toISOString(),
    runs_24h: counts?.runs ?? 0,
    failures_24h: counts?.failures ?? 0,
    last_run_at: counts?.lastRunAt?.toISOString() ?? null,
  };
}
