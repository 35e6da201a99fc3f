import type { Knex } from 'knex';
import { z } from 'zod';
import { recordAudit } from '../../src/store/audit-log.ts';
import { countParked } from '../../src/store/endpoint-health.ts';
import { lockEndpoint, setEndpoint } from '../../src/store/endpoints.ts';
import { setParkedPending } from '../../src/store/parked-deliveries.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { endpointSchema, toEndpoint } from './endpoint-answer.ts';

const resumedSchema = z
  .object({
    endpoint: endpointSchema,
    resumed: z.int().meta({ description: 'Deliveries that were held back and are sent now' }),
  })
  .meta({ id: 'ResumedEndpoint' });

export interface EndpointStateParts {
  readonly db: Knex;
  /** Starts what was planned; called after everything is committed. */
  readonly wake: () => void;
}

/** One word for each way: `pause` holds back, `disable` skips, `resume` ends either. Each may be repeated. */
export function endpointStateRoutes({ db, wake }: EndpointStateParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/pause',
      summary: 'Pause an endpoint: its deliveries are held back until it is resumed',
      answer: endpointSchema,
      handle: async (call) => {
        const row = await setState(db, call, { state: 'paused', action: 'endpoint.pause' });
        return toEndpoint(row, await countParked(db, row.id));
      },
    }),
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/disable',
      summary: 'Disable an endpoint: its deliveries are recorded as skipped and not sent',
      answer: endpointSchema,
      handle: async (call) => {
        const row = await setState(db, call, { state: 'disabled', action: 'endpoint.disable' });
        return toEndpoint(row, await countParked(db, row.id));
      },
    }),
    route({
      method: 'post',
      path: '/v1/endpoints/{id}/resume',
      summary: 'Enable a paused or disabled endpoint, and send what it held back',
      answer: resumedSchema,
      handle: async (call) => {
        const row = await setState(db, call, { state: 'enabled', action: 'endpoint.resume' });
        // After the commit: what is parked from here on does not exist, what was is seen.
        const resumed = await setParkedPending(db, row.id);
        if (resumed > 0) wake();
        return { endpoint: toEndpoint(row, await countParked(db, row.id)), resumed };
      },
    }),
  ];
}

/** The state and its audit entry: both or neither. What has the state already is left as it is. */
async function setState(
  db: Knex,
  call: Pick<Call<unknown, unknown>, 'id' | 'tenantId' | 'actor'>,
  { state, action }: { state: EndpointRow['state']; action: string },
): Promise<EndpointRow> {
  const { id, tenantId } = call;
  return db.transaction(async (tx) => {
    const before = found(await lockEndpoint(tx, id, tenantId), 'endpoint', id);
    if (before.state === state) return before;
    const state_reason = state === 'enabled' ? null : 'operator';
    const detail = { from: before.state, reason: before.state_reason };
    await recordAudit(tx, auditEntry(call, { action, subject: id, detail }));
    const row = await setEndpoint(tx, { id, tenantId }, { state, state_reason });
    return found(row, 'endpoint', id);
  });
}
