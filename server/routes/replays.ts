import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { replayRevisions, subjectOf, unconfirmedMax } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { planReplay } from '../../src/runtime/replay-plan.ts';
import type { ReplayPlan } from '../../src/runtime/replay-plan.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { listReplayItems } from '../../src/store/replay-items.ts';
import type { ReplaySample } from '../../src/store/replay-selection.ts';
import { findReplay, listReplays, recordReplay } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import {
  replayItemSchema,
  replaySchema,
  toFilterAnswer,
  toReplayAnswer,
  toReplayItem,
} from './replay-answer.ts';
import { makeOutcomes } from './replay-outcomes.ts';
import { replayRequestSchema } from './replay-request.ts';
import type { ReplayRequest } from './replay-request.ts';
import { readAsked } from './replay-target.ts';
import type { Asked } from './replay-target.ts';
import { willOf } from './replay-words.ts';

const sampleSchema = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string().nullable(),
    trigger: z.string().nullable(),
    state: z.string().meta({ description: '`recorded` for an event, which has none' }),
    created_at: instant,
  })
  .meta({ id: 'ReplaySample', description: 'One of what a replay would start again.' });

const plannedFields = {
  planned: z.int(),
  planned_is_estimate: z.boolean().meta({
    description: 'There are too many to ask a `filter` about each: reckoned from the newest',
  }),
  estimated_s: z.int().meta({ description: '`planned` at the rate' }),
  revision: z.enum(replayRevisions),
};

const acceptedSchema = z.object({
  id: z.string(),
  ...plannedFields,
  state: z.literal('pending'),
});

const previewSchema = z
  .object({
    ...plannedFields,
    will: z.string().meta({ description: 'What it does with each of them, in words' }),
    confirm: z.int().meta({
      description:
        'What to confirm: `planned`; of an estimate the number that `filter` is asked about',
    }),
    failures: z.int().meta({
      description: 'Of those looked at, how many would fail: `filter` has no value for them',
    }),
    sample: z.array(sampleSchema).meta({ description: 'The newest ten' }),
    per_type: z
      .array(z.object({ event_type: z.string(), count: z.int() }))
      .meta({ description: 'The fifty most frequent types' }),
  })
  .meta({ id: 'ReplayPreview', description: 'A dry run: nothing is started.' });

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
      if (body.dry_run) return toPreview(body, asked, plan);
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

function toPlanned({ rate, revision }: ReplayRequest, { planned, isEstimated }: ReplayPlan) {
  const estimated_s = Math.ceil(planned / rate);
  return { planned, planned_is_estimate: isEstimated, estimated_s, revision };
}

function toPreview(
  body: ReplayRequest,
  { filter, mode }: Asked,
  plan: ReplayPlan,
): z.input<typeof previewSchema> {
  return {
    ...toPlanned(body, plan),
    will: willOf({ filter, ...mode, revision: body.revision }),
    confirm: toConfirm(plan),
    failures: plan.failures,
    sample: plan.sample.map(toSample),
    per_type: [...plan.perType],
  };
}

/** An estimate differs from one call to the next: what it was made from does not. */
function toConfirm({ planned, candidates, isEstimated }: ReplayPlan): number {
  return isEstimated ? candidates : planned;
}

/**
 * What was previewed is what is started.
 *
 * @throws Problem `confirm-needed`, with the count to confirm
 */
function confirmed(plan: ReplayPlan, confirm: number | undefined): void {
  const wanted = toConfirm(plan);
  if (confirm === wanted) return;
  if (confirm === undefined && wanted <= unconfirmedMax) return;
  const about = plan.isEstimated ? `about ${plan.planned} of ${wanted}` : String(wanted);
  throw new Problem(
    'confirm-needed',
    `The replay would start ${about} again: look with "dry_run", then send "confirm": ${wanted}`,
  );
}

function toSample(row: ReplaySample): z.input<typeof sampleSchema> {
  const { id, event_id, event_type, endpoint_id, trigger, state } = row;
  const created_at = row.created_at.toISOString();
  return { id, event_id, event_type, endpoint_id, trigger, state, created_at };
}
