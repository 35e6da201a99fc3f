import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { readFilter, subjectOf } from '../../src/domain/replay.ts';
import type { ReplayFilter, ReplayMode } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { planReplay } from '../../src/runtime/replay-plan.ts';
import type { ReplayPlan } from '../../src/runtime/replay-plan.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import type { ReplayRow } from '../../src/store/replay-tables.ts';
import { findReplay, listRetriesOf, lockReplay, recordReplay } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { replaySchema, toFilterAnswer } from './replay-answer.ts';
import type { ReplayAnswer } from './replay-answer.ts';
import { readReplay, refusalOfReplay } from './replay-moves.ts';
import { confirmed, previewFields, previewSchema, toPreview } from './replay-preview.ts';
import type { ReplayParts } from './replays.ts';

const requestSchema = z.strictObject(previewFields).optional();

type RetryCall = Call<unknown, z.output<typeof requestSchema>>;

/** A new replay of what failed in an earlier one. */
export function replayRetryRoute(parts: ReplayParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/replays/{id}/retry-failures',
    summary:
      'Make a new replay of what failed in one that has ended, or died since; with `dry_run` only show it (200)',
    body: requestSchema,
    answer: replaySchema,
    preview: previewSchema,
    status: 202,
    handle: async (call) => {
      const earlier = found(await findReplay(parts.db, call.id, call.tenantId), 'replay', call.id);
      if (earlier.ended_at === null) {
        throw await refusalOfReplay(parts, call, 'retry the failures of');
      }
      if (call.body?.dry_run !== true) return retry(parts, call, earlier);
      const wanted = await planRetry(parts.db, earlier, parts.now());
      return toPreview(wanted, wanted.plan);
    },
    head: (answer) =>
      'id' in answer ? { status: 202, location: `/v1/replays/${answer.id}` } : { status: 200 },
  });
}

interface Retry extends ReplayMode, Pick<ReplayRow, 'rate' | 'revision'> {
  readonly filter: ReplayFilter;
  readonly plan: ReplayPlan;
  /** Earlier retries of the same replay. */
  readonly before: Awaited<ReturnType<typeof listRetriesOf>>;
}

/** What a retry made at an instant would start, as the earlier replay did. */
async function planRetry(db: Knex, earlier: ReplayRow, at: Date): Promise<Retry> {
  const { id, tenant_id: tenantId, rate, revision, ids } = earlier;
  const before = await listRetriesOf(db, earlier);
  // However they ended: what failed was about to change that.
  const however = { state: null, statusClass: null, replayId: id };
  const retriedBy = before.map((retry) => retry.id);
  const filter = { ...readFilter(earlier.filter), ...however, retriedBy };
  const mode = { targetEndpointId: earlier.target_endpoint_id, ids };
  const search = { tenantId, before: at, filter, subject: subjectOf(filter, mode) };
  return { rate, revision, ...mode, filter, before, plan: await planReplay(db, search) };
}

/** Under a lock: of two that retry at once the second is told of the first. */
async function retry(
  parts: ReplayParts,
  call: RetryCall,
  earlier: ReplayRow,
): Promise<ReplayAnswer> {
  const id = await parts.db.transaction(async (tx) => {
    await lockReplay(tx, earlier.id);
    const createdAt = parts.now();
    const wanted = await planRetry(tx, earlier, createdAt);
    refuseWithout(earlier, wanted);
    confirmed(wanted.plan, call.body?.confirm);
    return record(tx, call, { wanted, createdAt });
  });
  parts.wake();
  return readReplay(parts, { ...call, id });
}

/** @throws Problem `replay-state` when nothing is left to retry, or another retry is at it */
function refuseWithout({ id }: ReplayRow, { before, plan }: Retry): void {
  const going = before.find((retry) => retry.ended_at === null);
  if (going) {
    const detail = `Replay "${going.id}" retries the failures of "${id}" already: wait for its end, or cancel it`;
    throw new Problem('replay-state', detail);
  }
  if (plan.candidates > 0) return;
  const last = before.at(-1);
  const elsewhere = last
    ? `: what failed was taken up by "${last.id}", retry the failures of that`
    : '';
  throw new Problem(
    'replay-state',
    `Nothing of replay "${id}" has failed and ended by now${elsewhere}`,
  );
}

async function record(
  tx: Knex.Transaction,
  call: RetryCall,
  { wanted, createdAt }: { readonly wanted: Retry; readonly createdAt: Date },
): Promise<string> {
  const { rate, revision, ids, targetEndpointId: target_endpoint_id, filter, plan } = wanted;
  const { planned, isEstimated: is_estimated } = plan;
  const id = makeId('rpl', createdAt);
  const way = { planned, rate, revision, target_endpoint_id, ids };
  const own = { id, tenant_id: call.tenantId, is_estimated, created_by: call.actor };
  await recordReplay(tx, { ...own, ...way, created_at: createdAt }, filter);
  const detail = { ...way, filter: toFilterAnswer(filter) };
  await recordAudit(tx, auditEntry(call, { action: 'replay.start', subject: id, detail }));
  return id;
}
