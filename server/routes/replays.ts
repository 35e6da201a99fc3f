import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { replayRevisions, unconfirmedMax } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { listReplayItems } from '../../src/store/replay-items.ts';
import { countReplay, previewReplay } from '../../src/store/replay-selection.ts';
import type { ReplaySample } from '../../src/store/replay-selection.ts';
import { findReplay, listReplays, recordReplay } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';
import {
  replayItemSchema,
  replaySchema,
  toFilterAnswer,
  toReplayAnswer,
  toReplayItem,
} from './replay-answer.ts';
import { replayRequestSchema, toFilter } from './replay-request.ts';

const sampleSchema = z
  .object({
    id: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string().nullable(),
    trigger: z.string().nullable(),
    state: z.string(),
    created_at: instant,
  })
  .meta({ id: 'ReplaySample', description: 'One of what a replay would start again.' });

const plannedFields = {
  planned: z.int(),
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

function readRoutes({ db, now }: ReplayParts): MountableRoute[] {
  return [
    route({
      method: 'get',
      path: '/v1/replays',
      summary: 'List replays',
      query: z.strictObject(pageQuery),
      answer: pageOf(replaySchema),
      handle: async ({ tenantId, query }) => {
        const list = listReplays.bind(null, db, tenantId);
        return toPage(query, list, (row) => toReplayAnswer(row, now()));
      },
    }),
    route({
      method: 'get',
      path: '/v1/replays/{id}',
      summary: 'Read a replay and how far it is',
      answer: replaySchema,
      handle: async ({ tenantId, id }) =>
        toReplayAnswer(found(await findReplay(db, id, tenantId), 'replay', id), now()),
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

function startRoute({ db, now, wake }: ReplayParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/replays',
    summary: 'Replay a timeframe; with `dry_run` only show what it would start (200)',
    body: replayRequestSchema,
    answer: acceptedSchema,
    preview: previewSchema,
    status: 202,
    handle: async ({ tenantId, actor, body }) => {
      const createdAt = now();
      if (Date.parse(body.from) > createdAt.getTime()) {
        throw invalid([{ pointer: '/from', detail: 'Must not be in the future' }]);
      }
      const { rate, revision } = body;
      const filter = toFilter(body);
      const scope = { tenantId, before: createdAt };
      if (body.dry_run) {
        const { planned, sample, perType } = await previewReplay(db, scope, filter);
        const estimated_s = Math.ceil(planned / rate);
        const shown = { sample: sample.map(toSample), per_type: [...perType] };
        return { planned, estimated_s, revision, ...shown };
      }
      const planned = await countReplay(db, scope, filter);
      confirmed(planned, body.confirm);
      const id = makeId('rpl', createdAt);
      const row = { id, tenant_id: tenantId, planned, rate, revision, created_at: createdAt };
      const detail = { planned, rate, revision, filter: toFilterAnswer(filter) };
      await db.transaction(async (tx) => {
        await recordReplay(tx, { ...row, created_by: actor }, filter);
        const what = { action: 'replay.start', subject: id, detail };
        await recordAudit(tx, auditEntry({ tenantId, actor }, what));
      });
      wake();
      const estimated_s = Math.ceil(planned / rate);
      return { id, planned, estimated_s, revision, state: 'pending' as const };
    },
    head: (answer) =>
      'id' in answer ? { status: 202, location: `/v1/replays/${answer.id}` } : { status: 200 },
  });
}

/**
 * What was previewed is what is started.
 *
 * @throws Problem `confirm-needed`, with the count to confirm
 */
function confirmed(planned: number, confirm: number | undefined): void {
  if (confirm === planned) return;
  if (confirm === undefined && planned <= unconfirmedMax) return;
  throw new Problem(
    'confirm-needed',
    `The replay would start ${planned} again: look with "dry_run", then send "confirm": ${planned}`,
  );
}

function toSample(row: ReplaySample): z.input<typeof sampleSchema> {
  const { id, event_id, event_type, endpoint_id, trigger, state } = row;
  const created_at = row.created_at.toISOString();
  return { id, event_id, event_type, endpoint_id, trigger, state, created_at };
}
