import { deliveryKey } from '../../src/store/deliveries.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
import type { ServedApi } from './served-api.ts';

/** Of one delivery many, in one statement: they differ in their ids alone. */
export async function addMany(
  api: ServedApi,
  count: number,
  over: Partial<DeliveryRow>,
): Promise<void> {
  const id = await addDelivery(api, over);
  await api.db.raw(
    `insert into deliveries select r.* from deliveries d, generate_series(2, ?) as n, lateral
       jsonb_populate_record(d, jsonb_build_object('id', d.id || n)) as r
     where d.id = ? and d.created_at = ?`,
    [count, ...Object.values(deliveryKey(id))],
  );
}
