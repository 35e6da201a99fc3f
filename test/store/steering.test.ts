import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import {
  claimDeliveries,
  listNamedDeliveries,
  setCancelledByOperator,
} from '../../src/store/steering.ts';
import { freshDatabase } from '../support/database.ts';

const days = 60;

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensurePartitions(db, daysAgo(days), days);
});
afterAll(() => db.destroy());

function daysAgo(count: number): Date {
  return new Date(Date.now() - count * 86_400_000);
}

test('a thousand deliveries of two months are claimed and changed well within what a query may take', async () => {
  const ids = await addDeliveries(1000);
  const beganAt = Date.now();
  await db.transaction(async (tx) => {
    const rows = await claimDeliveries(tx, 'ten_1', ids);
    expect(rows.map(({ id }) => id)).toEqual(ids.toSorted());
    await setCancelledByOperator(tx, rows);
  });
  expect(Date.now() - beganAt).toBeLessThan(3000);
  expect(await db('deliveries').whereNot({ state: 'cancelled' })).toEqual([]);
}, 60_000);

test.each([
  ['of another tenant', 'ten_2', (id: string) => id],
  ['that carries no instant', 'ten_1', () => 'dlv_1'],
  ['of an instant that no calendar has', 'ten_1', () => `dlv_${'f'.repeat(32)}`],
])('an id %s names nothing, beside one that does', async (_, tenantId, idOf) => {
  const [id = ''] = await addDeliveries(1);
  expect(await listNamedDeliveries(db, 'ten_1', [id])).toMatchObject([{ id }]);
  expect(await listNamedDeliveries(db, tenantId, [idOf(id)])).toEqual([]);
});

/** One of each day in turn, that waits for its second attempt. */
async function addDeliveries(count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => {
    const at = daysAgo(index % days);
    return {
      id: makeId('dlv', at),
      tenant_id: 'ten_1',
      event_id: makeId('evt', at),
      event_type: 'session.archived',
      endpoint_id: 'ep_1',
      state: 'retrying' as const,
      cycle: 1,
      attempt_count: 1,
      created_at: at,
      start_after: at,
      started_at: at,
    };
  });
  await db.batchInsert('deliveries', rows, 500);
  return rows.map(({ id }) => id);
}
