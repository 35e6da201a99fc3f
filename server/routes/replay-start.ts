import type { Knex } from 'knex';
import type { ReplayFilter, ReplayMode } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { ReplayPlan } from '../../src/runtime/replay-plan.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import type { ReplayRow } from '../../src/store/replay-tables.ts';
import { recordReplay } from '../../src/store/replays.ts';
import { auditEntry } from '../audit.ts';
import type { Call } from '../route.ts';
import { toFilterAnswer } from './replay-answer.ts';

/** A replay that was planned, and what came of that. */
export interface PlannedReplay extends ReplayMode, Pick<ReplayRow, 'rate' | 'revision'> {
  readonly filter: ReplayFilter;
  readonly plan: ReplayPlan;
  /** When it is made: what is newer is not its own. */
  readonly createdAt: Date;
}

/** Write a replay and who made it; it is not started yet. @returns its id */
export async function recordStart(
  tx: Knex.Transaction,
  call: Pick<Call<unknown, unknown>, 'tenantId' | 'actor'>,
  { filter, plan, createdAt, rate, revision, ids, targetEndpointId }: PlannedReplay,
): Promise<string> {
  const id = makeId('rpl', createdAt);
  const { planned, isEstimated: is_estimated } = plan;
  const way = { planned, rate, revision, target_endpoint_id: targetEndpointId, ids };
  const own = { id, tenant_id: call.tenantId, is_estimated, created_by: call.actor };
  await recordReplay(tx, { ...own, ...way, created_at: createdAt }, filter);
  const detail = { ...way, filter: toFilterAnswer(filter) };
  await recordAudit(tx, auditEntry(call, { action: 'replay.start', subject: id, detail }));
  return id;
}
