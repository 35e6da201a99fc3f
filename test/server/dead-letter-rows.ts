import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { addDelivery } from './rows.ts';
import type { ServedApi } from './served-api.ts';

/** A dead delivery with its dead letter. */
export async function addDead(
  api: ServedApi,

  over: Parameters<typeof addDelivery>[1] = {},
  reason = 'status',
): Promise<string> {
  const id = await addDelivery(api, over);
  await recordDeadDelivery(api.db, { id, cycle: over.cycle ?? 1 }, reason);
  return id;
}

/** Many at once, all of this instant. */
export async function addManyDead(api: ServedApi, count: number, eventType: string): Promise<void> {
  await api.db.raw(
    `with made as (
       insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, created_at, start_after)
       select 'dlv_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') ||
              substr(md5(random()::text || n), 1, 20), ?, 'evt_1', ?, 'ep_1', 'dead', at, at
       from generate_series(1, ?::integer) n,
            lateral (select date_trunc('milliseconds', now()) as at) t returning *)
     insert into failed_cycles (id, tenant_id, kind, subject_id, cycle, event_id, event_type, endpoint_id, reason)
     select id, tenant_id, 'delivery', id, 1, event_id, event_type, endpoint_id, 'timeout' from made`,
    [api.tenantId, eventType, count],
  );
}
