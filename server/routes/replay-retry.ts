import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { readFilter, subjectOf } from '../../src/domain/replay.ts';
import { planReplay } from '../../src/runtime/replay-plan.ts';
import type { ReplayRow } from '../../src/store/replay-tables.ts';
import { findReplay, listRetriesOf, lockReplay } from '../../src/store/replays.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { replaySchema } from './replay-answer.ts';
import type { ReplayAnswer } from './replay-answer.ts';
import { readReplay, refusalOfReplay } from './replay-moves.ts';
import { confirmed, previewFields, previewSchema, toPreview } from './replay-preview.ts';
import { recordStart } from './replay-start.ts';
import type { PlannedReplay } from './replay-start.ts';
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
      const before = await listRetriesOf(parts.db, earlier);
      const planned = await planRetry(parts.db, earlier, { before, createdAt: parts.now() });
      return toPreview(planned, planned.plan);
    },
    head: (answer) =>
      'id' in answer ? { status: 202, location: `/v1/replays/${answer.id}` } : { status: 200 },
  });
}

/** Other retries of the same replay, oldest first. */
type Retries = Awaited<ReturnType<typeof listRetriesOf>>;

/** What a retry made at an instant would start, as the earlier replay did. */
async function planRetry(
  db: Knex,
  earlier: ReplayRow,
  { before, createdAt }: { readonly before: Retries; readonly createdAt: Date },
): Promise<PlannedReplay> {
  const { id, tenant_id: tenantId, rate, revision, ids } = earlier;
  // However they ended: what failed was about to change that.
  const however = { state: null, statusClass: null, replayId: id };
  const retriedBy = before.map((retry) => retry.id);
  const filter = { ...readFilter(earlier.filter), ...however, retriedBy };
  const mode = { targetEndpointId: earlier.target_endpoint_id, ids };
  const search = { tenantId, before: createdAt, filter, subject: subjectOf(filter, mode) };
  return { rate, revision, ...mode, filter, createdAt, plan: await planReplay(db, search) };
}

/** Under a lock: of two that retry at once the second is told of the first. */
async function retry(
  parts: ReplayParts,
  call: RetryCall,
  earlier: ReplayRow,
): Promise<ReplayAnswer> {
  const id = await parts.db.transaction(async (tx) => {
    await lockReplay(tx, earlier.id);
    const before = await listRetriesOf(tx, earlier);
    refuseBeside(earlier, before);
    const planned = await planRetry(tx, earlier, { before, createdAt: parts.now() });
    if (planned.plan.candidates === 0) throw nothingToRetry(earlier, before);
    confirmed(planned.plan, call.body?.confirm);
    return recordStart(tx, call, planned);
  });
  parts.wake();
  return readReplay(parts, { ...call, id });
}

/** @throws Problem `replay-state` when another retry is at it */
function refuseBeside({ id }: ReplayRow, before: Retries): void {
  const going = before.find((retry) => retry.ended_at === null);
  if (!going) return;
  const detail = `Replay "${going.id}" retries the failures of "${id}" already: wait for its end, or cancel it`;
  throw new Problem('replay-state', detail);
}

function nothingToRetry({ id }: ReplayRow, before: Retries): Problem {
  const last = before.at(-1);
  const elsewhere = last
    ? `: what failed was taken up by "${last.id}", retry the failures of that`
    : '';
  return new Problem(
    'replay-state',
    `Nothing of replay "${id}" has failed and ended by now${elsewhere}`,
  );
}
