import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordAttempts } from '../../src/store/attempts.ts';
import { advanceLine } from '../../src/store/delivery-lines.ts';
import type { DeliveryRow, EndpointRow } from '../../src/store/delivery-tables.ts';
import { findFailing } from '../../src/store/failing-endpoints.ts';
import { setParkedInOutage, stepOutage } from '../../src/store/outages.ts';
import {
  claimDeliveries,
  setCancelledByOperator,
  setDue,
  setHeld,
} from '../../src/store/steering.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { addDelivery, addEndpoint, attemptOf, fail } from './failing-rows.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

const parked = { state: 'parked', last_reason: 'outage' } as const;

/** An endpoint in an outage that nothing waits for yet. */
async function addDown(): Promise<EndpointRow> {
  const endpoint = await addEndpoint(db, { on_outage: 'park', order_by: 'data.key' });
  await fail(db, endpoint, { times: 10 });
  await db('deliveries').where({ endpoint_id: endpoint.id }).delete();
  await stepOutage(db, endpoint.id, 30_000);
  return endpoint;
}

async function rowOf(id: string): Promise<DeliveryRow> {
  const row = await db('deliveries').where({ id }).first();
  if (!row) throw new Error(`No delivery "${id}"`);
  return row;
}

/** The next step of the endpoint, which is due. */
async function step({ id }: EndpointRow): Promise<number> {
  const past = { probe_at: new Date(Date.now() - 1), drain_at: new Date(Date.now() - 20_000) };
  await db('failing_endpoints').where({ endpoint_id: id }).update(past);
  return stepOutage(db, id, 30_000);
}

/**
 * What the sweeper and the workflows do now: the first of each key goes, and is posted unless it is
 * held back; then the next.
 *
 * @returns the ids that were posted, in order
 */
async function run(endpoint: EndpointRow, answers: (id: string) => boolean): Promise<string[]> {
  const posted: string[] = [];
  for (;;) {
    const waiting = await db('deliveries')
      .where({ endpoint_id: endpoint.id, state: 'pending' })
      .orderBy('id');
    for (const { order_key } of waiting) {
      if (order_key) await advanceLine(db, { endpoint_id: endpoint.id, order_key });
    }
    const next = await db('deliveries')
      .where({ endpoint_id: endpoint.id, state: 'pending', is_in_line: false })
      .orderBy('id')
      .first();
    if (!next) return posted;
    if (await attempt(endpoint, next, answers)) posted.push(next.id);
  }
}

/** @returns whether it was posted */
async function attempt(
  endpoint: EndpointRow,
  { id, cycle }: DeliveryRow,
  answers: (id: string) => boolean,
): Promise<boolean> {
  if (await setParkedInOutage(db, { id, cycle, endpointId: endpoint.id })) return false;
  const reason = answers(id) ? null : 'timeout';
  const record = await attemptOf(db, endpoint, { deliveryId: id, reason, startedAt: new Date() });
  await recordAttempts(db, [{ ...record, attempt: { ...record.attempt, cycle } }]);
  return true;
}

async function move(id: string, act: typeof setDue): Promise<void> {
  await db.transaction(async (tx) => act(tx, await claimDeliveries(tx, 'ten_1', [id])));
}

const inLine = { is_in_line: true, order_key: 'a', started_at: null } as const;

describe('an outage of an endpoint whose deliveries go in an order', () => {
  test('keeps the order from the probe that fails to the last that is let go', async () => {
    const endpoint = await addDown();
    const first = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    const others = [];
    for (let n = 0; n < 3; n += 1) others.push(await addDelivery(db, endpoint, inLine));
    expect(await step(endpoint)).toBe(1);
    expect(await run(endpoint, () => false)).toEqual([first]);
    expect(await rowOf(first)).toMatchObject(parked);
    expect(await step(endpoint)).toBe(1);
    const posted = await run(endpoint, () => true);
    for (let n = 0; n < 4; n += 1) {
      await step(endpoint);
      posted.push(...(await run(endpoint, () => true)));
    }
    expect(posted).toEqual([first, ...others]);
  });

  test('goes on when a person wants one now that is not the first of its key', async () => {
    const endpoint = await addDown();
    const first = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    const second = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    await move(second, setDue);
    expect(await run(endpoint, () => true), 'it would overtake').toEqual([]);
    expect(await step(endpoint), 'nobody waits for one that waits for another').toBe(1);
    const posted = await run(endpoint, () => true);
    await step(endpoint);
    expect([...posted, ...(await run(endpoint, () => true))]).toEqual([first, second]);
  });

  test('is not probed past one that a person holds, and goes on when that is cancelled', async () => {
    const endpoint = await addDown();
    const first = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    const second = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    expect(await step(endpoint)).toBe(1);
    await move(first, setHeld); // While it is the probe.
    expect(await step(endpoint)).toBe(0);
    expect(await run(endpoint, () => true)).toEqual([]);
    await move(first, setCancelledByOperator);
    expect(await step(endpoint)).toBe(1);
    expect(await run(endpoint, () => true)).toEqual([second]);
    expect(await findFailing(db, endpoint.id)).toMatchObject({ outage_since: null });
  });

  test('lets one that a person held go first again, as the probe', async () => {
    const endpoint = await addDown();
    const first = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    const second = await addDelivery(db, endpoint, inLine);
    expect(await step(endpoint)).toBe(1);
    await move(first, setHeld);
    await move(first, setDue);
    expect(await run(endpoint, () => true)).toEqual([first]);
    await step(endpoint);
    expect(await run(endpoint, () => true)).toEqual([second]);
  });
});

describe('an event that a consumer can’t take', () => {
  const poisonedBy = (poison: string) => (id: string) => id !== poison;

  test('is probed once, then the others: its endpoint is not down for ever', async () => {
    const endpoint = await addDown();
    const poison = await addDelivery(db, endpoint, parked);
    const other = await addDelivery(db, endpoint, parked);
    await step(endpoint);
    expect(await run(endpoint, poisonedBy(poison))).toEqual([poison]);
    await step(endpoint);
    expect(await run(endpoint, poisonedBy(poison))).toEqual([other]);
    expect(await findFailing(db, endpoint.id)).toMatchObject({ outage_since: null });
  });

  test('is probed again when all were', async () => {
    const endpoint = await addDown();
    const ids = [await addDelivery(db, endpoint, parked), await addDelivery(db, endpoint, parked)];
    const probes: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      await step(endpoint);
      probes.push(...(await run(endpoint, () => false)));
    }
    expect(probes).toEqual([...ids, ...ids]);
  });

  test('does not end the letting go of the others, and uses up its attempts', async () => {
    const endpoint = await addDown();
    const poison = await addDelivery(db, endpoint, parked);
    const others = [];
    for (let n = 0; n < 4; n += 1) others.push(await addDelivery(db, endpoint, parked));
    await move(others[0] ?? '', setDue);
    const posted = await run(endpoint, poisonedBy(poison));
    for (let n = 0; n < 3; n += 1) {
      expect(await step(endpoint)).toBeGreaterThan(0);
      posted.push(...(await run(endpoint, poisonedBy(poison))));
    }
    expect(posted.toSorted()).toEqual([poison, ...others]);
    expect(await rowOf(poison)).toMatchObject({ state: 'retrying', attempt_count: 1 });
    expect(await step(endpoint)).toBe(0);
    expect(await findFailing(db, endpoint.id)).toMatchObject({ drained_to: null });
  });
});
