import type { Knex } from 'knex';
import { recordAudit } from '../../src/store/audit-log.ts';
import { countWaiting } from '../../src/store/endpoint-resumes.ts';
import { lockEndpoint, setEndpoint } from '../../src/store/endpoints.ts';
import { recordDisabled } from '../../src/store/failing-endpoints.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { endpointSchema, toEndpoint } from './endpoint-answer.ts';
import { resumeRoute } from './endpoint-resume.ts';
import type { PlatformSettings } from './endpoint-setting-answer.ts';

export interface EndpointStateParts extends PlatformSettings {
  readonly db: Knex;
  /** Starts what was planned; called after everything is committed. */
  readonly wake: () => void;
}

/** One word for each way: `pause` holds back, `disable` skips, `resume` ends either. Each may be repeated. */
export function endpointStateRoutes(parts: EndpointStateParts): MountableRoute[] {
  const { db } = parts;
  return [
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/pause',
      summary: 'Pause an endpoint: its deliveries are held back until it is resumed',
      answer: endpointSchema,
      handle: async (call) => {
        const row = await setState(db, call, { state: 'paused', action: 'endpoint.pause' });
        return toEndpoint(row, parts, (await countWaiting(db, [row.id])).get(row.id));
      },
    }),
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/disable',
      summary: 'Disable an endpoint: its deliveries are recorded as skipped until it is resumed',
      answer: endpointSchema,
      handle: async (call) => {
        const row = await setState(db, call, { state: 'disabled', action: 'endpoint.disable' });
        return toEndpoint(row, parts, (await countWaiting(db, [row.id])).get(row.id));
      },
    }),
    resumeRoute(parts),
  ];
}

/** The state and its audit entry: both or neither. What has the state already is left as it is. */
async function setState(
  db: Knex,
  call: Pick<Call<unknown, unknown>, 'id' | 'tenantId' | 'actor'>,
  { state, action }: { state: 'paused' | 'disabled'; action: string },
): Promise<EndpointRow> {
  const { id, tenantId } = call;
  return db.transaction(async (tx) => {
    const before = found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
    if (before.state === state) return before;
    const detail = { from: before.state, reason: before.state_reason };
    await recordAudit(tx, auditEntry(call, { action, subject: id, detail }));
    const row = await setEndpoint(tx, { id, tenantId }, { state, state_reason: 'operator' });
    if (state === 'disabled') await recordDisabled(tx, before, 'operator');
    return found(row, 'endpoint', id);
  });
}
