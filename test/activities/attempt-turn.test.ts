import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTurns } from '../../activities/attempt-turn.ts';
import type { Turns } from '../../activities/attempt-turn.ts';
import { openDatabase } from '../../src/store/database.ts';
import { freshDatabase, freshDatabaseUrl } from '../support/database.ts';
import { limitEndpoint } from '../support/limited-endpoint.ts';
import type { Limited, Limits } from '../support/limited-endpoint.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

const limited = (count: number, limits: Limits) => limitEndpoint(db, count, limits);

describe('makeTurns()', () => {
  const target = ({ endpoint, deliveries }: Limited, index: number) => ({
    endpoint,
    delivery: deliveries[index] ?? { id: 'none', cycle: 0 },
  });

  function turnsTelling(told: string[]): Turns {
    return makeTurns({ db, timeoutMs: 2000, poke: async ({ id }) => told.push(id) });
  }

  test('an endpoint without limits costs no query', async () => {
    const world = await limited(1, {});
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }): unknown => statements.push(sql);
    db.on('query', note);
    const turn = await turnsTelling([]).take(target(world, 0));
    await turn.leave();
    db.off('query', note);
    expect({ waitMs: turn.waitMs, statements }).toEqual({ waitMs: 0, statements: [] });
  });

  test('says in the row what a delivery waits for and until when, and leaves its state', async () => {
    const world = await limited(2, { rate_limit: 1 });
    const turns = turnsTelling([]);
    await turns.take(target(world, 0));
    const { waitMs } = await turns.take(target(world, 1));
    expect(waitMs).toBeGreaterThan(500);
    expect(waitMs).toBeLessThanOrEqual(1000);
    const row = await db('deliveries')
      .where({ id: world.deliveries[1]?.id ?? '' })
      .first();
    expect(row).toMatchObject({ state: 'pending', last_reason: 'rate_limited', attempt_count: 0 });
    expect(row?.next_attempt_at?.getTime()).toBeGreaterThan(Date.now() + waitMs - 1000);
  });

  test('who leaves tells the next; a poke that fails harms nobody', async () => {
    const world = await limited(3, { in_flight_max: 1 });
    const told: string[] = [];
    const turns = turnsTelling(told);
    const first = await turns.take(target(world, 0));
    expect((await turns.take(target(world, 1))).waitMs).toBe(10_000);
    await first.leave();
    expect(told).toEqual([world.deliveries[1]?.id]);
    const deaf = makeTurns({ db, timeoutMs: 2000, poke: () => Promise.reject(new Error('away')) });
    const second = await deaf.take(target(world, 1));
    expect(second.waitMs).toBe(0);
    await deaf.take(target(world, 2));
    await second.leave();
    expect((await deaf.take(target(world, 2))).waitMs).toBe(0);
  });

  test.each([
    { becomes: 'parked', isSent: false },
    { becomes: 'retrying', isSent: true },
  ] as const)('one that is $becomes when it has waited here is sent: $isSent', async (row) => {
    const world = await limited(14, { rate_limit: 4, in_flight_max: 20 });
    const turns = turnsTelling([]);
    const past = new Date(Date.now() - 1);
    for (const index of world.deliveries.keys()) await turns.take(target(world, index));
    await db('delivery_turns').where({ endpoint_id: world.endpoint.id }).update({ go_at: past });
    const { id = '' } = world.deliveries.at(-1) ?? {};
    const until = new Date(Date.now() + 1300); // 300 ms too many are on their way.
    await db('endpoint_limits')
      .where({ endpoint_id: world.endpoint.id })
      .update({ sent_until: until });
    const taking = turns.take(target(world, 13));
    await db('deliveries').where({ id }).update({ state: row.becomes });
    const { waitMs } = await taking;
    expect(waitMs === 0).toBe(row.isSent);
    const left = await db('delivery_turns').where({ delivery_id: id });
    expect(left).toHaveLength(row.isSent ? 1 : 0);
  });

  test('a thousand that wait for one endpoint leave the connections to the others', async () => {
    const url = await freshDatabaseUrl();
    const [pool, elsewhere] = [2, 1].map((connectionsMax) => openDatabase({ url, connectionsMax }));
    if (!pool || !elsewhere) throw new Error('Two pools were opened');
    const turns = makeTurns({ db: pool, timeoutMs: 2000, poke: async () => undefined });
    const busy = { id: 'ep_busy', rate_limit: 1, in_flight_max: null, timeout_ms: null };
    const take = (endpoint: typeof busy, n: number) =>
      turns.take({ endpoint, delivery: { id: `dlv_${endpoint.id}_${n}`, cycle: 1 } });
    await take(busy, 0);
    const lock = await elsewhere.transaction(); // Another worker is at it.
    await lock('endpoint_limits').where({ endpoint_id: busy.id }).forUpdate();
    const asked = Promise.all(Array.from({ length: 1000 }, (_, n) => take(busy, n + 1)));
    expect(await take({ ...busy, id: 'ep_calm' }, 0)).toMatchObject({ waitMs: 0 });
    await lock.rollback();
    const waits = (await asked).map(({ waitMs }) => Math.round(waitMs / 1000));
    expect(Math.max(...waits)).toBeGreaterThan(990);
    expect(new Set(waits).size).toBeGreaterThan(990);
    await Promise.all([pool.destroy(), elsewhere.destroy()]);
  });
});
