import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { claimPokes, recordPokes, setPoked } from '../../src/store/pokes.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

/** A delivery that was attempted so often. */
async function addDelivery(attempt_count: number): Promise<string> {
  const at = new Date();
  const id = makeId('dlv', at);
  await db('deliveries').insert({
    id,
    tenant_id: 'ten_1',
    event_id: makeId('evt', at),
    event_type: 'session.archived',
    endpoint_id: 'ep_1',
    state: 'retrying',
    cycle: 1,
    attempt_count,
    created_at: at,
    start_after: at,
  });
  return id;
}

const later = () => db('delivery_pokes').update({ due_at: new Date(Date.now() - 1) });

test('a poke is one process at a time, and due again until it was delivered', async () => {
  const id = await addDelivery(1);
  await recordPokes(db, [{ id, cycle: 1, afterNumber: 1 }]);
  const [poke] = await claimPokes(db);
  expect(poke).toMatchObject({ delivery_id: id, is_over: false });
  expect(await claimPokes(db)).toEqual([]); // It has a lease.
  await later();
  const again = await claimPokes(db);
  expect(again).toMatchObject([{ delivery_id: id }]);
  await setPoked(db, again);
  expect(await db('delivery_pokes')).toEqual([]);
});

test('a poke for an attempt that was made meanwhile is over: it would make the one after that', async () => {
  const [made, waiting, told] = [await addDelivery(2), await addDelivery(1), await addDelivery(2)];
  await recordPokes(db, [
    { id: made, cycle: 1, afterNumber: 1 },
    { id: waiting, cycle: 1, afterNumber: 1 },
    { id: told, cycle: 1, afterNumber: null }, // Cancelled: its workflow is to end in any case.
  ]);
  const claimed = await claimPokes(db);
  const isOver = Object.fromEntries(claimed.map((each) => [each.delivery_id, each.is_over]));
  expect(isOver).toEqual({ [made]: true, [waiting]: false, [told]: false });
  await setPoked(db, claimed);
});

test('a poke that is noted while the one before is delivered is not taken away with it', async () => {
  const id = await addDelivery(1);
  await recordPokes(db, [{ id, cycle: 1, afterNumber: 1 }]);
  const claimed = await claimPokes(db);
  await recordPokes(db, [{ id, cycle: 1, afterNumber: null }]);
  await setPoked(db, claimed);
  expect(await claimPokes(db)).toMatchObject([{ delivery_id: id, after_number: null }]);
});

test('a poke of a cycle is not over because one of the cycle before is', async () => {
  const id = await addDelivery(2);
  await recordPokes(db, [{ id, cycle: 1, afterNumber: 1 }]); // Attempt now, while Temporal was away.
  await db('deliveries').where({ id }).update({ cycle: 2, attempt_count: 0 });
  await recordPokes(db, [{ id, cycle: 2, afterNumber: null }]); // Redriven, and cancelled.
  const claimed = await claimPokes(db);
  expect(new Map(claimed.map(({ cycle, is_over }) => [cycle, is_over]))).toEqual(
    new Map([
      [1, true],
      [2, false],
    ]),
  );
  await setPoked(db, claimed);
});

test('no more pokes are claimed than can be told within their lease, however slow that is', async () => {
  const ids = Array.from({ length: 200 }, () => makeId('dlv', new Date()));
  await recordPokes(
    db,
    ids.map((id) => ({ id, cycle: 1, afterNumber: null })),
  );
  const [slicesMax, pokesAtOnce] = [4, 32]; // Each slice is given up after 2 s, the lease is 10 s.
  expect((await claimPokes(db)).length).toBeLessThanOrEqual(slicesMax * pokesAtOnce);
});

test('two that note the same pokes in another order wait for each other and do not deadlock', async () => {
  const ids = [await addDelivery(1), await addDelivery(1)].toSorted();
  const [a, b] = ids.map((id) => ({ id, cycle: 1, afterNumber: null }));
  if (!a || !b) throw new Error('Two were added');
  const first = await db.transaction();
  await recordPokes(first, [a]);
  const second = db.transaction((tx) => recordPokes(tx, [b, a]));
  await vi.waitFor(async () => {
    const waits = await db('pg_stat_activity')
      .where({ wait_event_type: 'Lock' })
      .whereRaw('datname = current_database()');
    expect(waits).toHaveLength(1);
  }, 30_000);
  await recordPokes(first, [b]);
  await first.commit();
  await second;
  const rows = await db('delivery_pokes').whereIn('delivery_id', ids);
  expect(rows.map(({ pokes }) => pokes)).toEqual([2, 2]);
});
