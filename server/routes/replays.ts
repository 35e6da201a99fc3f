import type { Knex } from 'knex';
import { z } from 'zod';
import { subjectOf } from '../../src/domain/replay.ts';
import { planReplay } from '../../src/runtime/replay-plan.ts';
import { listReplayItems } from '../../src/store/replay-items.ts';
import { findReplay, listReplays } from '../../src/store/replays.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, pageOf, pageQuery, toPage } from './answers.ts';
import { replayItemSchema, replaySchema, toReplayAnswer, toReplayItem } from './replay-answer.ts';
import { makeOutcomes } from './replay-outcomes.ts';
import { confirmed, plannedFields, previewSchema, toPlanned, toPreview } from './replay-preview.ts';
import { replayRequestSchema } from './replay-request.ts';
import type { ReplayRequest } from './replay-request.ts';
import { recordStart } from './replay-start.ts';
import type { PlannedReplay } from './replay-start.ts';
import { readAsked } from './replay-target.ts';

const acceptedSchema = z.object({
  id: z.string(),
  ...plannedFields,
  state: z.literal('pending'),
});

export interface ReplayParts {
  readonly db: Knex;
  readonly now: () => Date;
  /** Starts what was planned; called after it is committed. */
  readonly wake: () => void;
  /** Tells the workflow of a replay that its state has changed; not waited for, may be lost. */
  readonly pokeReplay: (id: string) => void;
}

export function replayRoutes(parts: ReplayParts): MountableRoute[] {
  return [startRoute(parts), ...readRoutes(parts)];
}

function readRoutes({ db }: ReplayParts): MountableRoute[] {
  const outcomesOf = makeOutcomes(db);
  return [
    route({
      method: 'get',
      path: '/v1/replays',
      summary: 'List replays',
      query: z.strictObject(pageQuery),
      answer: pageOf(replaySchema),
      handle: async ({ tenantId, query }) => {
        const list = listReplays.bind(null, db, tenantId);
        return toPage(query, list, (row) => toReplayAnswer(row));
      },
    }),
    route({
      method: 'get',
      path: '/v1/replays/{id}',
      summary: 'Read a replay and how far it is',
      answer: replaySchema,
      handle: async ({ tenantId, id }) => {
        const replay = found(await findReplay(db, id, tenantId), 'replay', id);
        return toReplayAnswer(replay, await outcomesOf(replay));
      },
    }),
    route({
      method: 'get',
      path: '/v1/replays/{id}/items',
      summary: 'List what a replay started again, or could not',
      query: z.strictObject({ ...pageQuery, state: z.enum(['done', 'failed']).optional() }),
      answer: pageOf(replayItemSchema),
      handle: async ({ tenantId, id, query }) => {
        const replay = found(await findReplay(db, id, tenantId), 'replay', id);
        const { state } = query;
        const list = listReplayItems.bind(null, db, replay.id);
        return toPage(query, (page) => list({ state, page }), toReplayItem);
      },
    }),
  ];
}

function startRoute(parts: ReplayParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/replays',
    summary: 'Replay a timeframe; with `dry_run` only show what it would start (200)',
    body: replayRequestSchema,
    answer: acceptedSchema,
    preview: previewSchema,
    status: 202,
    handle: async (call) => {
      const { tenantId, body } = call;
      const createdAt = parts.now();
      if (Date.parse(body.from) > createdAt.getTime()) {
        throw invalid([{ pointer: '/from', detail: 'Must not be in the future' }]);
      }
      const { filter, mode } = await readAsked(parts.db, body, tenantId);
      const search = { tenantId, before: createdAt, filter, subject: subjectOf(filter, mode) };
      const plan = await planReplay(parts.db, search);
      if (body.dry_run) return toPreview({ ...body, ...mode, filter }, plan);
      confirmed(plan, body.confirm);
      const { rate, revision } = body;
      return start(parts, call, { ...mode, rate, revision, filter, plan, createdAt });
    },
    head: (answer) =>
      'id' in answer ? { status: 202, location: `/v1/replays/${answer.id}` } : { status: 200 },
  });
}

async function start(
  { db, wake }: ReplayParts,
  call: Call<unknown, ReplayRequest>,
  planned: PlannedReplay,
): Promise<z.input<typeof acceptedSchema>> {
  const id = await db.transaction((tx) => recordStart(tx, call, planned));
  wake();
  return { id, ...toPlanned(planned, planned.plan), state: 'pending' as const };
}
