import { beforeEach } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
import type { Answer, ServedApi } from './served-api.ts';

/** Deliveries to steer, and what becomes of them. Each test begins with none. */
export function steeredRows(of: () => ServedApi) {
  beforeEach(async () => {
    const { db } = of();
    for (const table of ['deliveries', 'delivery_pokes', 'audit_log', 'failed_cycles'] as const) {
      await db(table).delete();
    }
  });
  return {
    steer: async (id: string, move: string, body?: object): Promise<Answer> =>
      of().call('POST', `/v1/deliveries/${id}/${move}`, body),
    bulk: async (move: string, body: object): Promise<Answer> =>
      of().call('POST', `/v1/deliveries/${move}`, body),
    rowOf: (id: string) => of().db('deliveries').where({ id }).first(),
    pokes: () => of().db('delivery_pokes').orderBy('delivery_id').select('delivery_id', 'cycle'),
    audited: () =>
      of().db('audit_log').orderBy('id').select('actor', 'action', 'subject', 'detail'),

    /** One that waits for its second attempt. */
    addRetrying: (over: Partial<DeliveryRow> = {}): Promise<string> =>
      addDelivery(of(), {
        state: 'retrying',
        attempt_count: 1,
        last_reason: 'status',
        last_status: 500,
        next_attempt_at: inAnHour(),
        ...over,
      }),
    addParked: (reason: string, over: Partial<DeliveryRow> = {}): Promise<string> =>
      addDelivery(of(), { state: 'parked', last_reason: reason, attempt_count: 2, ...over }),

    /** Many that wait for their second attempt. */
    addMany: async (count: number): Promise<void> => {
      const at = new Date(Date.now() - 60_000);
      const rows = Array.from({ length: count }, () => ({
        id: makeId('dlv', at),
        tenant_id: of().tenantId,
        event_id: makeId('evt', at),
        event_type: 'tool.error',
        endpoint_id: 'ep_1',
        state: 'retrying' as const,
        cycle: 1,
        attempt_count: 1,
        created_at: at,
        start_after: at,
        started_at: at,
      }));
      await of().db.batchInsert('deliveries', rows, 1000);
    },
  };
}

export function inAnHour(): Date {
  return new Date(Date.now() + 3_600_000);
}
