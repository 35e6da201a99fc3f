import type { Knex } from 'knex';
import { z } from 'zod';
import { listTriggers } from '../../src/store/triggers.ts';
import type { TriggerWithDefinition } from '../../src/store/triggers.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { pageOf } from './answers.ts';

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
  })
  .meta({ id: 'Trigger', description: 'One YAML file: which events start what.' });

/** The part of a definition that is shown; one that was never good has none of it. */
const definitionSchema = z
  .object({
    description: z.string().nullable().catch(null),
    source: z.string().nullable().catch(null),
    events: z.array(z.string()).catch([]),
  })
  .catch({ description: null, source: null, events: [] });

export function triggerRoutes(db: Knex): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/triggers',
      summary: 'List triggers, by name',
      answer: pageOf(triggerSchema),
      handle: async ({ tenantId }) => {
        const rows = await listTriggers(db, tenantId);
        return { data: rows.map(toAnswer), next_cursor: null };
      },
    }),
  ];
}

function toAnswer(row: TriggerWithDefinition): z.input<typeof triggerSchema> {
  const { id, name, file, revision, is_active, problem } = row;
  const shown = definitionSchema.parse(row.definition);
  return { id, name, file, revision, is_active, problem, ...shown };
}
