import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { readFilter, subjectOf } from '../../src/domain/replay.ts';
import type { ReplayMove } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { countReplay } from '../../src/store/replay-selection.ts';
import {
  findReplay,
  recordReplay,
  setReplayRate,
  setReplayState,
} from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { replaySchema, toFilterAnswer, toReplayAnswer } from './replay-answer.ts';
import type { ReplayAnswer } from './replay-answer.ts';
import { rateSchema } from './replay-request.ts';
import type { ReplayParts } from './replays.ts';

type Caller = Pick<Call<unknown, unknown>, 'tenantId' | 'actor' | 'id'>;

/** What a person does to a replay that exists. */
export function replayMoveRoutes(parts: ReplayParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/replays/{id}/pause',
      summary: 'Pause a replay: from the answer on nothing more is started',
      answer: replaySchema,
      handle: async (call) => move(parts, call, 'pause'),
    }),
    route({
      method: 'post',
      path: '/v1/replays/{id}/resume',
      summary: 'Let a paused replay go on',
      answer: replaySchema,
      handle: async (call) => move(parts, call, 'resume'),
    }),
    route({
      method: 'post',
      path: '/v1/replays/{id}/cancel',
      summary: 'End a replay; what it has started goes on',
      answer: replaySchema,
      handle: async (call) => move(parts, call, 'cancel'),
    }),
    rateRoute(parts),
    retryRoute(parts),
  ];
}

/** @throws Problem `not-found`; `replay-state` when its state does not allow it */
async function move(parts: ReplayParts, call: Caller, name: ReplayMove): Promise<ReplayAnswer> {
  const key = { id: call.id, tenant_id: call.tenantId };
  const what = { action: `replay.${name}`, detail: {} };
  const isMoved = await parts.db.transaction(async (tx) => {
    const isChanged = await setReplayState(tx, key, name);
    if (isChanged) await recordAudit(tx, auditEntry(call, { ...what, subject: call.id }));
    return isChanged;
  });
  if (!isMoved) throw await refusal(parts, call, name);
  parts.pokeReplay(call.id);
  return read(parts, call);
}

function rateRoute(parts: ReplayParts): MountableRoute {
  return route({
    method: 'patch',
    path: '/v1/replays/{id}',
    summary: 'Change how many items per second a replay starts; it takes effect at once',
    body: z.strictObject({ rate: rateSchema }),
    answer: replaySchema,
    handle: async (call) => {
      const { tenantId, id, body } = call;
      const what = { action: 'replay.rate', subject: id, detail: { rate: body.rate } };
      const isChanged = await parts.db.transaction(async (tx) => {
        const isSet = await setReplayRate(tx, { id, tenant_id: tenantId }, body.rate);
        if (isSet) await recordAudit(tx, auditEntry(call, what));
        return isSet;
      });
      if (!isChanged) throw await refusal(parts, call, 'change');
      return read(parts, call);
    },
  });
}

function retryRoute(parts: ReplayParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/replays/{id}/retry-failures',
    summary: 'Make a new replay of what failed in one that has ended, or died since',
    answer: replaySchema,
    status: 202,
    handle: async (call) => retryFailures(parts, call),
    head: ({ id }) => ({ status: 202, location: `/v1/replays/${id}` }),
  });
}

async function retryFailures(parts: ReplayParts, call: Caller): Promise<ReplayAnswer> {
  const { db, now, wake } = parts;
  const { tenantId, actor } = call;
  const earlier = found(await findReplay(db, call.id, tenantId), 'replay', call.id);
  if (earlier.ended_at === null) throw await refusal(parts, call, 'retry the failures of');
  const createdAt = now();
  // However they ended: what failed was about to change that.
  const however = { state: null, statusClass: null, replayId: earlier.id };
  const filter = { ...readFilter(earlier.filter), ...however };
  const { rate, revision, target_endpoint_id, ids } = earlier;
  const subject = subjectOf(filter, { targetEndpointId: target_endpoint_id });
  const planned = await countReplay(db, { tenantId, before: createdAt, filter, subject });
  if (planned === 0) {
    throw new Problem('replay-state', `Nothing of replay "${call.id}" has failed and ended by now`);
  }
  const id = makeId('rpl', createdAt);
  const asBefore = { planned, rate, revision, target_endpoint_id, ids };
  const own = { id, tenant_id: tenantId, is_estimated: false, created_by: actor };
  const row = { ...own, ...asBefore, created_at: createdAt };
  await db.transaction(async (tx) => {
    await recordReplay(tx, row, filter);
    const detail = { ...asBefore, filter: toFilterAnswer(filter) };
    const what = { action: 'replay.start', subject: id, detail };
    await recordAudit(tx, auditEntry(call, what));
  });
  wake();
  return read(parts, { ...call, id });
}

async function read({ db }: ReplayParts, { tenantId, id }: Caller): Promise<ReplayAnswer> {
  return toReplayAnswer(found(await findReplay(db, id, tenantId), 'replay', id));
}

/** Why a replay was not changed: it is another's or nobody's, or its state does not allow it. */
async function refusal(
  { db }: ReplayParts,
  { tenantId, id }: Caller,
  verb: string,
): Promise<Problem> {
  const { state } = found(await findReplay(db, id, tenantId), 'replay', id);
  return new Problem('replay-state', `Cannot ${verb} replay "${id}": it is ${state}`);
}
