import type { Knex } from 'knex';
import { z } from 'zod';
import { openNextCycle } from '../../src/store/cycles.ts';
import { findDeadLetter, listDeadLetters } from '../../src/store/dead-letters.ts';
import type { DeadLetterRow } from '../../src/store/tables.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { idSchema, instant, pageOf, pageQuery, toPage } from './answers.ts';

const stateSchema = z.enum(['open', 'redriven', 'discarded']);
const kindSchema = z.enum(['delivery', 'trigger_run']);

const deadLetterSchema = z
  .object({
    id: z.string(),
    kind: kindSchema,
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string().nullable(),
    trigger: z.string().nullable(),
    reason: z.string(),
    died_at: instant,
    state: stateSchema,
  })
  .meta({ id: 'DeadLetter', description: 'A delivery or trigger run whose attempts are spent.' });

const resultSchema = z.object({
  id: z.string(),
  state: z.enum(['redriven', 'refused']),
  reason: z.string().optional(),
});

const redriveSchema = z
  .object({ redriven: z.int(), results: z.array(resultSchema) })
  .meta({ id: 'Redrive' });

/** @param wake - starts what was planned; called after everything is committed */
export function deadLetterRoutes(db: Knex, wake: () => void): MountableRoute[] {
  return [listRoute(db), redriveRoute(db, wake)];
}

function listRoute(db: Knex): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'List dead letters',
    query: z.strictObject({
      ...pageQuery,
      state: stateSchema.optional(),
      kind: kindSchema.optional(),
      endpoint_id: idSchema.optional(),
    }),
    answer: pageOf(deadLetterSchema),
    handle: async ({ tenantId, query: { limit, cursor, ...wanted } }) => {
      // A filter that was not given must be absent: knex refuses undefined.
      const { state, kind, endpoint_id } = wanted;
      const filter = {
        ...(state !== undefined && { state }),
        ...(kind !== undefined && { kind }),
        ...(endpoint_id !== undefined && { endpoint_id }),
      };
      const list = listDeadLetters.bind(null, db, tenantId);
      return toPage({ limit, cursor }, (page) => list({ filter, page }), toAnswer);
    },
  });
}

function redriveRoute(db: Knex, wake: () => void): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/dead-letters/redrive',
    summary: 'Send dead letters again, each once',
    body: z.strictObject({
      ids: z.array(z.string().max(120)).min(1, 'Name 1 to 1,000').max(1000, 'Name 1 to 1,000'),
    }),
    answer: redriveSchema,
    status: 202,
    handle: async ({ tenantId, body: { ids } }) => {
      const results: z.input<typeof resultSchema>[] = [];
      // One after the other: a bulk redrive must not take the pool from everyone else.
      for (const id of ids) results.push(await redrive(db, tenantId, id));
      const redriven = results.filter(({ state }) => state === 'redriven').length;
      if (redriven > 0) wake();
      return { redriven, results };
    },
  });
}

async function redrive(
  db: Knex,
  tenantId: string,
  id: string,
): Promise<z.input<typeof resultSchema>> {
  const isId = idSchema.safeParse(id).success;
  const letter = isId ? await findDeadLetter(db, id, tenantId) : undefined;
  if (!letter) return { id, state: 'refused', reason: 'not found' };
  if (letter.state !== 'open') return { id, state: 'refused', reason: `already ${letter.state}` };
  const cycle = await openNextCycle(db, { id: letter.subject_id, from: letter.cycle });
  if (cycle === undefined) return { id, state: 'refused', reason: 'a later cycle was opened' };
  return { id, state: 'redriven' };
}

function toAnswer(row: DeadLetterRow): z.input<typeof deadLetterSchema> {
  const { id, kind, event_id, event_type, endpoint_id, trigger, reason, state } = row;
  const died_at = row.died_at.toISOString();
  return { id, kind, event_id, event_type, endpoint_id, trigger, reason, died_at, state };
}
