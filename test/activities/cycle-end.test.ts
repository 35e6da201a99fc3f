import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTurns } from '../../activities/attempt-turn.ts';
import { leaveForOthers } from '../../activities/cycle-end.ts';
import { makeDeliveryLines } from '../../src/runtime/delivery-lines.ts';
import { freshDatabase } from '../support/database.ts';
import { limitEndpoint } from '../support/limited-endpoint.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

test('a cycle that ends lets the next of its key go, and the next for its place', async () => {
  const { endpoint, deliveries, ask } = await limitEndpoint(db, 3, { in_flight_max: 1 });
  const [first, second, third] = deliveries.map(({ id }) => id);
  await db('deliveries')
    .whereIn('id', [first ?? '', second ?? ''])
    .update({ order_key: 'a' });
  await db('deliveries')
    .where({ id: second ?? '' })
    .update({ is_in_line: true });
  await ask(0, 0);
  await ask(2, 0); // Of no key; it waits for the place.
  const started: string[] = [];
  const told: string[] = [];
  const start = async ({ deliveries: rows = [] }: { deliveries?: readonly { id: string }[] }) => {
    started.push(...rows.map(({ id }) => id));
    return true;
  };
  const parts = {
    db,
    lines: makeDeliveryLines({ db, starter: { start }, log: pino({ level: 'silent' }) }),
    turns: makeTurns({ db, timeoutMs: 2000, poke: async ({ id }) => told.push(id) }),
  };
  await leaveForOthers(parts, { deliveryId: first ?? '', cycle: 1 });
  expect({ started, told }).toEqual({ started: [], told: [third] }); // It has not ended.
  await db('deliveries')
    .where({ id: first ?? '' })
    .update({ state: 'cancelled' });
  await leaveForOthers(parts, { deliveryId: first ?? '', cycle: 1 });
  await leaveForOthers(parts, { deliveryId: first ?? '', cycle: 1 });
  expect({ started, told }).toEqual({ started: [second], told: [third] });
  expect(await db('delivery_turns').where({ endpoint_id: endpoint.id })).toHaveLength(1);
});
