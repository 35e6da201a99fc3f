import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordAttempts } from '../../src/store/attempts.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { finishResume, settleForgotten } from '../../src/store/endpoint-resumes.ts';
import { setEndpoint, setEndpointDeleted } from '../../src/store/endpoints.ts';
import { endOutage, findFailing, recordDisabled } from '../../src/store/failing-endpoints.ts';
import { setParkedInOutage, stepOutage } from '../../src/store/outages.ts';
import { setParked, setParkedCancelled } from '../../src/store/parked-deliveries.ts';
import { deleteUnused } from '../../src/store/recoveries.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { addDelivery, addEndpoint, attemptOf, deliver, fail } from './failing-rows.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

async function addDown(): Promise<EndpointRow> {
  const endpoint = await addEndpoint(db, { on_outage: 'park' });
  await fail(db, endpoint, { times: 10 });
  await db('deliveries').where({ endpoint_id: endpoint.id }).delete();
  return endpoint;
}

const stateOf = async (id: string) => db('deliveries').where({ id }).first('state', 'last_reason');
const parkedOf = async ({ id: endpoint_id }: EndpointRow) =>
  (await db('deliveries').where({ endpoint_id, state: 'parked' })).length;

const park = async ({ id: endpointId }: EndpointRow, id: string) =>
  setParkedInOutage(db, { id, cycle: 1, endpointId });

async function step({ id }: EndpointRow): Promise<number> {
  const past = { probe_at: new Date(Date.now() - 1), drain_at: new Date(Date.now() - 20_000) };
  await db('failing_endpoints').where({ endpoint_id: id }).update(past);
  return stepOutage(db, id, 30_000);
}

async function resume({ id }: EndpointRow): Promise<number> {
  await db.transaction(async (tx) => {
    await endOutage(tx, id);
    const change = { state: 'enabled', state_reason: null, resume_held: 'deliver' } as const;
    await setEndpoint(tx, { id, tenantId: 'ten_1' }, change);
  });
  return finishResume(db, id, 'deliver');
}

describe('what an outage holds back', () => {
  test('ends when its endpoint is deleted, also what comes too late for that', async () => {
    const endpoint = await addDown();
    const [waiting, late, inFlight] = [
      await addDelivery(db, endpoint),
      await addDelivery(db, endpoint),
      await addDelivery(db, endpoint),
    ];
    await park(endpoint, waiting);
    await setEndpointDeleted(db, endpoint.id, 'ten_1');
    await setParkedCancelled(db, endpoint.id);
    expect(await park(endpoint, late), 'it was read before').toBe(true);
    await recordAttempts(db, [await attemptOf(db, endpoint, { deliveryId: inFlight })]);
    await deleteUnused(db);
    for (const id of [waiting, late, inFlight]) {
      expect(await stateOf(id)).toEqual({ state: 'cancelled', last_reason: 'endpoint_deleted' });
    }
    const after = await addDelivery(db, endpoint);
    await recordAttempts(db, [await attemptOf(db, endpoint, { deliveryId: after })]);
    expect(await stateOf(after)).toMatchObject({ state: 'retrying' });
  });

  test('waits for a resume when its endpoint is disabled, and nothing is parked after that', async () => {
    const endpoint = await addDown();
    const id = await addDelivery(db, endpoint);
    await park(endpoint, id);
    await db.transaction(async (tx) => {
      const change = { state: 'disabled', state_reason: 'operator' } as const;
      await setEndpoint(tx, { id: endpoint.id, tenantId: 'ten_1' }, change);
      await recordDisabled(tx, endpoint, 'operator');
    });
    const inFlight = await addDelivery(db, endpoint);
    await recordAttempts(db, [await attemptOf(db, endpoint, { deliveryId: inFlight })]);
    expect(await stateOf(inFlight)).toMatchObject({ state: 'retrying' });
    await settleForgotten(db);
    expect(await stateOf(id)).toMatchObject({ state: 'parked' });
    expect(await resume(endpoint)).toBe(1);
    expect(await stateOf(id)).toMatchObject({ state: 'pending' });
  });

  test('is let go where nobody knows of an outage any more', async () => {
    const endpoint = await addDown();
    const id = await addDelivery(db, endpoint);
    await park(endpoint, id);
    await settleForgotten(db);
    expect(await stateOf(id)).toMatchObject({ state: 'parked' });
    await db('failing_endpoints').where({ endpoint_id: endpoint.id }).delete();
    await settleForgotten(db);
    expect(await stateOf(id)).toMatchObject({ state: 'pending' });
  });

  test('goes when its endpoint was paused meanwhile and is resumed, and waits again for what still fails', async () => {
    const endpoint = await addDown();
    const [out, paused] = [await addDelivery(db, endpoint), await addDelivery(db, endpoint)];
    await park(endpoint, out);
    await setEndpoint(
      db,
      { id: endpoint.id, tenantId: 'ten_1' },
      { state: 'paused', state_reason: 'operator' },
    );
    expect(await setParked(db, { id: paused, cycle: 1, endpointId: endpoint.id })).toBe(true);
    expect(await step(endpoint), 'a paused one is not probed').toBe(0);
    expect(await resume(endpoint)).toBe(2);
    const record = await attemptOf(db, endpoint, { deliveryId: out });
    await recordAttempts(db, [{ ...record, attempt: { ...record.attempt, cycle: 2 } }]);
    const second = { id: paused, cycle: 2, endpointId: endpoint.id };
    expect(await setParkedInOutage(db, second), 'the outage goes on').toBe(true);
    expect(await step(endpoint)).toBe(1);
  });

  test('waits again when its endpoint fails while it is let go, and goes when it answers', async () => {
    const endpoint = await addDown();
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push(await addDelivery(db, endpoint));
    for (const id of ids) await park(endpoint, id);
    const probe = await addDelivery(db, endpoint);
    await deliver(db, endpoint, { deliveryId: probe });
    expect([await step(endpoint), await step(endpoint)]).toEqual([1, 2]);
    await fail(db, endpoint, { times: 3 }); // The first three, say.
    await db('deliveries').where({ endpoint_id: endpoint.id, attempt_count: 1 }).delete();
    expect(await findFailing(db, endpoint.id)).toMatchObject({ drained_to: null, drain_step: 1 });
    for (const id of ids.slice(0, 3)) {
      const held = { id, cycle: 2, endpointId: endpoint.id };
      expect(await setParkedInOutage(db, held)).toBe(true);
    }
    expect(await parkedOf(endpoint)).toBe(7);
    await deliver(db, endpoint);
    const steps = [];
    for (let n = 0; n < 4; n += 1) steps.push(await step(endpoint));
    expect(steps).toEqual([1, 2, 4, 0]);
    expect(await parkedOf(endpoint)).toBe(0);
  });

  test('is all let go, whatever its endpoint wishes for meanwhile', async () => {
    const endpoint = await addDown();
    for (let n = 0; n < 4; n += 1) await park(endpoint, await addDelivery(db, endpoint));
    const set = async (on_outage: EndpointRow['on_outage']) =>
      db('endpoints').where({ id: endpoint.id }).update({ on_outage });
    await set('retry');
    expect([await step(endpoint), await step(endpoint)]).toEqual([0, 1]);
    await set('park');
    expect(await step(endpoint)).toBe(2);
    await fail(db, endpoint, { times: 3 });
    await db('deliveries').where({ endpoint_id: endpoint.id, attempt_count: 1 }).delete();
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      outage_since: expect.any(Date) as Date,
    });
    await set('retry');
    expect([await step(endpoint), await step(endpoint), await step(endpoint)]).toEqual([0, 1, 0]);
    expect(await parkedOf(endpoint)).toBe(0);
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      outage_since: null,
      drained_to: null,
    });
  });
});
