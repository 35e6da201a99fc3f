import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import type { ReplayMove } from '../../src/domain/replay.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { findReplay, setReplayRate, setReplayState } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { replaySchema, toReplayAnswer } from './replay-answer.ts';
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
  if (!isMoved) throw await refusalOfReplay(parts, call, name);
  parts.pokeReplay(call.id);
  return readReplay(parts, call);
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
      if (!isChanged) throw await refusalOfReplay(parts, call, 'change');
      return readReplay(parts, call);
    },
  });
}

/** A replay as the API shows it. @throws Problem `not-found` */
export async function readReplay(
  { db }: ReplayParts,
  { tenantId, id }: Caller,
): Promise<ReplayAnswer> {
  return toReplayAnswer(found(await findReplay(db, id, tenantId), 'replay', id));
}

/** Why a replay was not changed: it is another's or nobody's, or its state does not allow it. */
export async function refusalOfReplay(
  { db }: ReplayParts,
  { tenantId, id }: Caller,
  verb: string,
): Promise<Problem> {
  const { state } = found(await findReplay(db, id, tenantId), 'replay', id);
  return new Problem('replay-state', `Cannot ${verb} replay "${id}": it is ${state}`);
}
