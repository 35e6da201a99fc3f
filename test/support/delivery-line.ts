import type { Knex } from 'knex';
import { makeId } from '../../src/runtime/ids.ts';
import type { DeliveryLine } from '../../src/store/delivery-lines.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';

let made = 0;

/** A line of its own, with deliveries in order of age: what is not said is in line. */
export async function addLine(
  db: Knex,
  ...rows: readonly Partial<DeliveryRow>[]
): Promise<{ readonly line: DeliveryLine; readonly ids: string[] }> {
  made += 1;
  const line = { endpoint_id: `ep_${made}`, order_key: 'pr/1' };
  const ids = await addTo(db, line, ...rows);
  return { line, ids };
}

export async function addTo(
  db: Knex,
  line: Pick<DeliveryRow, 'endpoint_id' | 'order_key'>,
  ...rows: readonly Partial<DeliveryRow>[]
): Promise<string[]> {
  const at = new Date();
  const ids = rows.map(() => makeId('dlv', at)).toSorted();
  await db('deliveries').insert(
    rows.map((row, index) => ({
      id: ids[index] ?? '',
      tenant_id: 'ten_1',
      event_id: makeId('evt', at),
      event_type: 'session.created',
      state: 'pending' as const,
      created_at: at,
      start_after: at,
      is_in_line: row.state === undefined,
      ...line,
      ...row,
    })),
  );
  return ids;
}

/** Of a delivery that waits in line, and of one that is on its way. */
export const waiting = {};
export const underWay = { state: 'pending', is_in_line: false } as const;
