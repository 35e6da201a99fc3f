import type { Knex } from 'knex';
import { z } from 'zod';
import { subjectOf } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { planReplay } from '../../src/runtime/replay-plan.ts';
import type { ReplayPlan } from '../../src/runtime/replay-plan.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { listReplayItems } from '../../src/store/replay-items.ts';
import { findReplay, listReplays, recordReplay } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, pageOf, pageQuery, toPage } from './answers.ts';
import {
  replayItemSchema,
  replaySchema,
  toFilterAnswer,
  toReplayAnswer,
  toReplayItem,
} from './replay-answer.ts';
import { makeOutcomes } from './replay-outcomes.ts';
import { confirmed, plannedFields, previewSchema, toPlanned, toPreview } from './replay-preview.ts';
import { replayRequestSchema } from './replay-request.ts';
import type { ReplayRequest } from './replay-request.ts';
import { readAsked } from './replay-target.ts';
import type { Asked } from './replay-target.ts';

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
      const asked = await readAsked(parts.db, body, tenantId);
      const { filter, mode } = asked;
      const search = { tenantId, before: createdAt, filter, subject: subjectOf(filter, mode) };
      const plan = await planReplay(parts.db, search);
      if (body.dry_run) return toPreview({ ...body, ...mode, filter }, plan);
      confirmed(plan, body.confirm);
      return start(parts, call, { asked, plan, createdAt });
    },
    head: (answer) =>
      'id' in answer ? { status: 202, location: `/v1/replays/${answer.id}` } : { status: 200 },
  });
}

interface Planned {
  readonly asked: Asked;
  readonly plan: ReplayPlan;
  readonly createdAt: Date;
}

async function start(
  { db, wake }: ReplayParts,
  { tenantId, actor, body }: Pick<Call<unknown, ReplayRequest>, 'tenantId' | 'actor' | 'body'>,
  { asked, plan, createdAt }: Planned,
): Promise<z.input<typeof acceptedSchema>> {
  const id = makeId('rpl', createdAt);
  const { rate, revision } = body;
  const { filter, mode } = asked;
  const { planned, isEstimated: is_estimated } = plan;
  const way = { rate, revision, target_endpoint_id: mode.targetEndpointId, ids: mode.ids };
  const row = { id, tenant_id: tenantId, planned, is_estimated, ...way, created_at: createdAt };
  const detail = { planned, ...way, filter: toFilterAnswer(filter) };
  await db.transaction(async (tx) => {
    await recordReplay(tx, { ...row, created_by: actor }, filter);
    const what = { action: 'replay.start', subject: id, detail };
    await recordAudit(tx, auditEntry({ tenantId, actor }, what));
  });
  wake();
  return { id, ...toPlanned(body, plan), state: 'pending' as const };
}
