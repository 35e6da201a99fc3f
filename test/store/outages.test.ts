import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordAttempts } from '../../src/store/attempts.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { endOutage, findFailing } from '../../src/store/failing-endpoints.ts';
import { listDueOutages, setParkedInOutage, stepOutage } from '../../src/store/outages.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { addDelivery, addEndpoint, attemptOf, begun, deliver, fail } from './failing-rows.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

const stateOf = async (id: string) =>
  db('deliveries').where({ id }).first('state', 'last_reason', 'cycle', 'attempt_count');

describe('an outage', () => {
  const parking = { on_outage: 'park' } as const;

  test('begins with the tenth failed attempt, whose delivery waits', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 9 });
    expect(await findFailing(db, endpoint.id)).toMatchObject({ outage_since: null });
    const deliveryId = await addDelivery(db, endpoint);
    const ends = await recordAttempts(db, [await attemptOf(db, endpoint, { deliveryId })]);
    expect(ends).toEqual([{ isParked: true }]);
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      outage_since: expect.any(Date) as Date,
    });
    expect(await stateOf(deliveryId)).toMatchObject({ state: 'parked', last_reason: 'outage' });
  });

  test('never begins where deliveries use up their attempts', async () => {
    const endpoint = await addEndpoint(db);
    await fail(db, endpoint, { times: 10 });
    expect(await findFailing(db, endpoint.id)).toMatchObject({ outage_since: null, stage: 1 });
    const deliveryId = await addDelivery(db, endpoint);
    const held = { id: deliveryId, cycle: 1, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, held)).toBe(false);
  });

  test('parks without using up an attempt; alone the probe goes, later each time', async () => {
    const endpoint = await addEndpoint(db, parking);
    const oldest = await addDelivery(db, endpoint);
    const other = await addDelivery(db, endpoint);
    await fail(db, endpoint, { times: 10 });
    await db('deliveries').where({ endpoint_id: endpoint.id, state: 'parked' }).delete();
    for (const id of [other, oldest]) {
      expect(await setParkedInOutage(db, { id, cycle: 1, endpointId: endpoint.id })).toBe(true);
    }
    expect(await stateOf(other)).toMatchObject({ state: 'parked', attempt_count: 0 });

    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(0);
    await expectProbeIn(endpoint, 30_000);
    await makeDue(endpoint);
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(1);
    expect(await stateOf(oldest)).toMatchObject({ state: 'pending', cycle: 2 });
    expect(await stateOf(other)).toMatchObject({ state: 'parked' });
    const probe = { id: oldest, cycle: 2, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, probe)).toBe(false);

    await makeDue(endpoint);
    expect(await stepOutage(db, endpoint.id, 30_000), 'the probe is still to be made').toBe(0);
    const failed = await attemptOf(db, endpoint, { deliveryId: oldest });
    await recordAttempts(db, [{ ...failed, attempt: { ...failed.attempt, cycle: 2 } }]);
    expect(await stateOf(oldest)).toMatchObject({ state: 'parked', last_reason: 'outage' });
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(0);
    await expectProbeIn(endpoint, 60_000);
  });

  test('ends with a delivered attempt; what waits is let go in order, 1, 2, 4, and what comes then waits behind', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await db('deliveries').where({ endpoint_id: endpoint.id, state: 'parked' }).delete();
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1) ids.push(await addDelivery(db, endpoint));
    const [probe = '', ...others] = ids;
    for (const id of others) {
      await setParkedInOutage(db, { id, cycle: 1, endpointId: endpoint.id });
    }
    await deliver(db, endpoint, { deliveryId: probe });
    const gone = async () => {
      const rows = await db('deliveries').whereIn('id', others).orderBy('id');
      return rows.map(({ state }) => (state === 'parked' ? '-' : 'x')).join('');
    };
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(1);
    expect(await gone()).toBe('x------');
    const late = { id: others[3] ?? '', cycle: 1, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, late), 'it waits already').toBe(false);
    const fresh = { id: await addDelivery(db, endpoint), cycle: 1, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, fresh)).toBe(true);
    const first = { id: others[0] ?? '', cycle: 2, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, first), 'its turn has come').toBe(false);

    await makeDue(endpoint);
    expect(await stepOutage(db, endpoint.id, 30_000), 'nothing is heard of the first').toBe(0);
    for (const [step, seen] of [
      [2, 'xxx----'],
      [4, 'xxxxxxx'],
      [1, 'xxxxxxx'],
    ] as const) {
      await hearAll(endpoint);
      expect(await stepOutage(db, endpoint.id, 30_000)).toBe(step);
      expect(await gone()).toBe(seen);
    }
    await hearAll(endpoint);
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(0);
    expect(await findFailing(db, endpoint.id)).toMatchObject({ drained_to: null });
  });

  test('begins anew with the third failed attempt in a row while what waited is let go', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await deliver(db, endpoint);
    expect(await findFailing(db, endpoint.id)).toMatchObject({ outage_since: null });
    const again = { startedAt: new Date(begun.getTime() + 5000) };
    await fail(db, endpoint, { times: 2, ...again });
    await deliver(db, endpoint, again);
    await fail(db, endpoint, { times: 2, ...again });
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      outage_since: null,
      drained_to: '',
      failures: 2,
    });
    await fail(db, endpoint, { times: 1, ...again });
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      outage_since: new Date(begun.getTime() + 5100),
      failures: 3,
      failing_since: begun,
      drained_to: null,
      recovered_at: null,
    });
  });

  test('ends when a person wants to try, and begins anew with the next failed attempt', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await endOutage(db, endpoint.id);
    const held = { id: await addDelivery(db, endpoint), cycle: 1, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, held)).toBe(false);
    await fail(db, endpoint, { times: 1 });
    expect(await setParkedInOutage(db, held)).toBe(true);
  });

  test('what waits is let go when the endpoint shall not wait any more', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await stepOutage(db, endpoint.id, 30_000);
    expect(await listDueOutages(db)).not.toContain(endpoint.id);
    await db('endpoints').where({ id: endpoint.id }).update({ on_outage: 'retry' });
    expect(await listDueOutages(db)).toContain(endpoint.id);
    await stepOutage(db, endpoint.id, 30_000);
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(1);
  });

  test('probes only the first of an order', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await db('deliveries').where({ endpoint_id: endpoint.id }).delete();
    await addDelivery(db, endpoint, { order_key: 'a', state: 'retrying', attempt_count: 1 });
    const parked = { state: 'parked', last_reason: 'outage' } as const;
    const behind = await addDelivery(db, endpoint, { ...parked, order_key: 'a' });
    const first = await addDelivery(db, endpoint, { ...parked, order_key: 'b' });
    await stepOutage(db, endpoint.id, 30_000);
    await makeDue(endpoint);
    expect(await stepOutage(db, endpoint.id, 30_000)).toBe(1);
    expect(await stateOf(behind)).toMatchObject({ state: 'parked' });
    expect(await stateOf(first)).toMatchObject({ state: 'pending' });
  });

  test('a delivery that is parked while the outage ends is not forgotten', async () => {
    const endpoint = await addEndpoint(db, parking);
    await fail(db, endpoint, { times: 10 });
    await db('deliveries').where({ endpoint_id: endpoint.id }).delete();
    const id = await addDelivery(db, endpoint);
    await deliver(db, endpoint);
    const tx = await db.transaction();
    await tx('failing_endpoints').where({ endpoint_id: endpoint.id }).forUpdate().first();
    const held = setParkedInOutage(db, { id, cycle: 1, endpointId: endpoint.id });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await tx('failing_endpoints').where({ endpoint_id: endpoint.id }).update({ drained_to: null });
    await tx.commit();
    expect(await held).toBe(false);
    expect(await stateOf(id)).toMatchObject({ state: 'pending' });
  });
});

async function expectProbeIn({ id }: EndpointRow, ms: number): Promise<void> {
  const row = await findFailing(db, id);
  expect((row?.probe_at?.getTime() ?? 0) - Date.now()).toBeGreaterThan(ms - 5000);
  expect((row?.probe_at?.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(ms);
}

const makeDue = ({ id }: EndpointRow) =>
  db('failing_endpoints')
    .where({ endpoint_id: id })
    .update({
      probe_at: new Date(Date.now() - 1),
      drain_at: new Date(Date.now() - 2000),
    });

/** Everything that was let go has been delivered, and the step is a while ago. */
async function hearAll(endpoint: EndpointRow): Promise<void> {
  const rows = await db('deliveries').where({ endpoint_id: endpoint.id, state: 'pending' });
  const records = await Promise.all(
    rows.map(async ({ id, cycle }) => {
      const record = await attemptOf(db, endpoint, { deliveryId: id, reason: null });
      return { ...record, attempt: { ...record.attempt, cycle } };
    }),
  );
  await recordAttempts(db, records);
  await makeDue(endpoint);
}
