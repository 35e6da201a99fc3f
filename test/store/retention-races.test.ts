import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openNextCycle } from '../../src/store/cycles.ts';
import { partitionOf } from '../../src/store/retained-days.ts';
import { addRun } from '../server/rows.ts';
import { serveApi } from '../server/served-api.ts';
import type { ServedApi } from '../server/served-api.ts';
import { addStored, daysAgo, pass } from './retained-rows.ts';

let api: ServedApi;
let db: Knex;
beforeEach(async () => {
  api = await serveApi();
  ({ db } = api);
});
afterEach(async () => api.close());

const store = async (days: number) => addStored(api, daysAgo(days));

/** Whether somebody waits for a lock. */
async function isWaiting(): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `select from pg_locks l join pg_database d on d.oid = l.database
     where not l.granted and d.datname = current_database()`,
  );
  return rows.length > 0;
}

const eventOf = (id: string) => db('events').where({ id }).first();

describe('retain(), while others work on the day', () => {
  test('attempts are recorded while the events of a day are copied', async () => {
    await store(32);
    const { id } = await store(1);
    const tx = await db.transaction();
    await tx.raw('lock table ?? in row exclusive mode', [partitionOf('events', daysAgo(32))]);
    const passing = pass(db); // The copy waits for it, 2 s at most.
    await expect.poll(isWaiting, { timeout: 2000, interval: 10 }).toBe(true);
    await db.transaction(async (other) => {
      await other.raw(`set local lock_timeout = '100ms'`);
      await other('attempts')
        .where({ delivery_id: id, delivery_created_at: daysAgo(1) })
        .update({ duration_ms: 7 });
    });
    await tx.rollback();
    await passing;
  });

  test.each([
    ['whose payloads are due', 32, 'delivery'],
    ['whose payloads are due', 32, 'run'],
    ['that is due', 92, 'delivery'],
    ['that is due', 92, 'run'],
  ] as const)(
    'a day %s (%d days old) is kept for a %s that is sent again in the moment of the drop',
    async (_, age, what) => {
      const { eventId, id } = await store(age);
      const runId = await addRun(api, {
        event_id: eventId,
        created_at: daysAgo(age),
        state: 'succeeded',
      });
      const tx = await db.transaction();
      expect(await openNextCycle(tx, { id: what === 'run' ? runId : id, from: 1 })).toBe(2);
      const passing = pass(db); // To it, all has ended until that is committed.
      await vi.waitUntil(isWaiting, { timeout: 3000, interval: 10 }).catch(() => undefined);
      await tx.commit();
      await passing;
      expect((await eventOf(eventId))?.body.length).toBeGreaterThan(0);
      expect((await db('attempts').where({ delivery_id: id }).first())?.response_body).toHaveLength(
        6,
      );
      const tables = await db('pg_tables').where('tablename', 'like', '%_bare');
      expect(tables).toEqual([]);
    },
  );

  test('a day that stays busy is left to the next pass, and the other days are not', async () => {
    const busy = await store(93);
    const other = await store(92);
    const tx = await db.transaction();
    await tx.raw('lock table ?? in access share mode', [partitionOf('events', daysAgo(93))]);
    await pass(db);
    expect(await eventOf(other.eventId)).toBeUndefined();
    await tx.rollback();
    expect(await eventOf(busy.eventId)).toBeDefined();
    await pass(db);
    expect(await eventOf(busy.eventId)).toBeUndefined();
  }, 60_000);
});
