import type { Knex } from 'knex';
import { z } from 'zod';
import { endedStates, replaySpanMaxMs } from '../../src/domain/replay.ts';
import type { ReplayFilter } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { countReplay, findReplay, listReplays, recordReplay } from '../../src/store/replays.ts';
import type { ReplayProgress } from '../../src/store/replays.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, idSchema, instant, moment, pageOf, pageQuery, toPage } from './answers.ts';

const replaySchema = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'running', 'completed', 'cancelled', 'failed']),
    planned: z.int(),
    done: z.int(),
    failed: z.int(),
    from_row: z.int(),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Replay', description: 'The workflows of a timeframe are started again.' });

const acceptedSchema = z.object({
  id: z.string().optional().meta({ description: 'Absent in a dry run' }),
  planned: z.int(),
  state: z.literal('pending').optional(),
});

const requestSchema = z
  .strictObject({
    from: moment,
    to: moment,
    direction: z.enum(['inbound', 'outbound']),
    event_types: z
      .array(z.string().regex(/^[\w.:*-]{1,200}$/, 'Must be an event type, `session.*` or `*`'))
      .min(1)
      .max(100)
      .optional(),
    endpoint_id: idSchema.optional(),
    state: z.enum([...endedStates.inbound, ...endedStates.outbound]).optional(),
    dry_run: z.boolean().default(false),
  })
  .check(({ value, issues }) => {
    const refuse = (field: keyof typeof value, message: string): void => {
      issues.push({ code: 'custom', input: value, path: [field], message });
    };
    const spanMs = Date.parse(value.to) - Date.parse(value.from);
    if (spanMs <= 0) refuse('to', 'Must be after `from`');
    if (spanMs > replaySpanMaxMs) refuse('to', 'Must be at most 366 days after `from`');
    const states: readonly string[] = endedStates[value.direction];
    if (value.state !== undefined && !states.includes(value.state)) {
      refuse('state', `Must be one of ${states.join(', ')}`);
    }
    if (value.direction === 'inbound' && value.endpoint_id !== undefined) {
      refuse('endpoint_id', 'Only outbound replays have endpoints');
    }
  });

export interface ReplayParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Starts what was planned; called after it is committed. */
  readonly wake: () => void;
}

export function replayRoutes(parts: ReplayParts): MountableRoute[] {
  const { db } = parts;
  return [
    startRoute(parts),
    route({
      method: 'get',
      path: '/v1/replays',
      summary: 'List replays',
      query: z.strictObject(pageQuery),
      answer: pageOf(replaySchema),
      handle: async ({ tenantId, query }) =>
        toPage(query, (page) => listReplays(db, tenantId, page), toAnswer),
    }),
    route({
      method: 'get',
      path: '/v1/replays/{id}',
      summary: 'Read a replay and how far it is',
      answer: replaySchema,
      handle: async ({ tenantId, id }) =>
        toAnswer(found(await findReplay(db, id, tenantId), 'replay', id)),
    }),
  ];
}

function startRoute({ db, now, wake }: ReplayParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/replays',
    summary: 'Replay a timeframe; with `dry_run` only count what it would start (200)',
    body: requestSchema,
    answer: acceptedSchema,
    status: 202,
    handle: async ({ tenantId, body }) => {
      const filter = toFilter(body);
      const createdAt = now();
      const planned = await countReplay(db, { tenantId, before: createdAt }, filter);
      if (body.dry_run) return { planned };
      const id = makeId('rpl', createdAt);
      const row = { id, tenant_id: tenantId, planned, created_at: createdAt };
      await recordReplay(db, row, filter);
      wake();
      return { id, planned, state: 'pending' as const };
    },
    head: ({ id }) =>
      id === undefined ? { status: 200 } : { status: 202, location: `/v1/replays/${id}` },
  });
}

function toFilter(body: z.output<typeof requestSchema>): ReplayFilter {
  return {
    direction: body.direction,
    from: new Date(body.from).toISOString(),
    to: new Date(body.to).toISOString(),
    eventTypes: body.event_types ?? null,
    endpointId: body.endpoint_id ?? null,
    state: body.state ?? null,
  };
}

function toAnswer(row: ReplayProgress): z.input<typeof replaySchema> {
  const { id, state, planned, done, failed, from_row } = row;
  return {
    id,
    state,
    planned,
    done,
    failed,
    from_row,
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}
