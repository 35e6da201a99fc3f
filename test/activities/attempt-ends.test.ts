import type { ServerResponse } from 'node:http';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAttempt } from '../../activities/attempt.ts';
import { markDead } from '../../activities/cycle-end.ts';
import type { AttemptRow, DeliveryRow } from '../../src/store/delivery-tables.ts';
import { setCancelledByOperator, setDue, setHeld } from '../../src/store/steering.ts';
import type { Consumer } from '../support/consumer.ts';
import { openPlannedDeliveries } from './planned-deliveries.ts';
import type { PlannedDeliveries } from './planned-deliveries.ts';

let deliveries: PlannedDeliveries;
let db: Knex;
let consumer: Consumer;
beforeAll(async () => {
  deliveries = await openPlannedDeliveries('ends');
  ({ db, consumer } = deliveries);
});
afterAll(() => deliveries.close());

const schedule = [0, 30_000, 120_000];

/** A delivery that is under way to a path of the consumer, at an endpoint of its own. */
async function plan(path: string): Promise<{ readonly id: string; readonly endpointId: string }> {
  const endpointId = await deliveries.addEndpoint(path);
  return { id: await deliveries.addDelivery(endpointId), endpointId };
}

const input = (deliveryId: string) => ({ deliveryId, cycle: 1, schedule });

const attempt = (id: string, number: number, own = deliveries.makeParts()): Promise<unknown> =>
  makeAttempt(own, input(id), number).catch((error: unknown) => error);

const rowOf = async (id: string): Promise<DeliveryRow> => {
  const row = await db('deliveries').where({ id }).first();
  if (!row) throw new Error(`There is no "${id}"`);
  return row;
};
const endpointOf = (id: string) => db('endpoints').where({ id }).first();
const attemptsAt = (id: string): Promise<AttemptRow[]> =>
  db('attempts').where({ delivery_id: id }).orderBy('number');

/** The consumer answers after something was done to the delivery. */
function whileUnderWay(path: string, status: number, act: () => Promise<unknown>): void {
  consumer.plan(path, (response: ServerResponse) => {
    void act().then(() => response.writeHead(status, { 'webhook-ack': 'later' }).end());
  });
}

describe('a delivery that is held while its attempt is under way', () => {
  test('is delivered when its consumer takes it, and a person who lets it go sends nothing', async () => {
    const { id } = await plan('/held');
    whileUnderWay('/held', 200, async () => setHeld(db, [await rowOf(id)]));
    expect(await attempt(id, 1)).toMatchObject({ status: 200 });
    expect(await rowOf(id)).toMatchObject({
      state: 'delivered',
      attempt_count: 1,
      last_status: 200,
      last_reason: null,
      ended_at: expect.any(Date) as unknown,
    });
  });

  test('stays held when its consumer does not', async () => {
    const { id } = await plan('/held-500');
    whileUnderWay('/held-500', 500, async () => setHeld(db, [await rowOf(id)]));
    await attempt(id, 1);
    expect(await rowOf(id)).toMatchObject({ state: 'parked', last_reason: 'held' });
    expect(await attemptsAt(id)).toMatchObject([{ number: 1, status: 500 }]);
    expect(await attempt(id, 2)).toMatchObject({ isParked: true });
  });

  test('stays held when its consumer would acknowledge it later: nobody waits for that', async () => {
    const { id, endpointId } = await plan('/held-later');
    await db('endpoints').where({ id: endpointId }).update({ ack_window_ms: 60_000 });
    whileUnderWay('/held-later', 202, async () => setHeld(db, [await rowOf(id)]));
    await attempt(id, 1);
    expect(await rowOf(id)).toMatchObject({ state: 'parked', last_reason: 'held' });
    expect(await attemptsAt(id)).toMatchObject([{ number: 1, reason: 'ack_timeout' }]);
    expect(await attempt(id, 1)).toMatchObject({ isParked: true });
  });

  test('goes on in its next cycle when it was let go before the answer', async () => {
    const { id } = await plan('/let-go');
    whileUnderWay('/let-go', 200, async () => {
      await setHeld(db, [await rowOf(id)]);
      await setDue(db, [await rowOf(id)]);
    });
    await attempt(id, 1);
    expect(await rowOf(id)).toMatchObject({ state: 'pending', cycle: 2, attempt_count: 0 });
  });
});

test('one that a person cancelled stays cancelled, and its attempt shows the answer', async () => {
  const { id } = await plan('/cancelled');
  whileUnderWay('/cancelled', 200, async () => setCancelledByOperator(db, [await rowOf(id)]));
  expect(await attempt(id, 1)).toMatchObject({ status: 200 });
  expect(await rowOf(id)).toMatchObject({ state: 'cancelled', last_reason: 'operator' });
  expect(await attemptsAt(id)).toMatchObject([{ status: 200, reason: null }]);
});

test('one that was missed in that moment is delivered: a resume would send it again', async () => {
  const { id } = await plan('/missed');
  const missed = { state: 'cancelled', last_reason: 'endpoint_disabled' } as const;
  whileUnderWay('/missed', 200, () => db('deliveries').where({ id }).update(missed));
  await attempt(id, 1);
  expect(await rowOf(id)).toMatchObject({ state: 'delivered', last_reason: null });
});

describe('an attempt that is answered with 410', () => {
  test('is recorded with the end of its endpoint: both or neither', async () => {
    const { id, endpointId } = await plan('/gone');
    consumer.plan('/gone', 410, 410);
    await db.raw('alter table attempts add constraint no_gone check (status <> 410) not valid');
    await attempt(id, 1);
    const before = { row: await rowOf(id), endpoint: await endpointOf(endpointId) };
    await db.raw('alter table attempts drop constraint no_gone');
    expect(before).toMatchObject({ row: { state: 'pending' }, endpoint: { state: 'enabled' } });
    expect(await attempt(id, 1)).toMatchObject({ type: 'EndpointGone', message: 'gone 410' });
    expect(await rowOf(id)).toMatchObject({ state: 'retrying', last_reason: 'gone' });
    expect(await endpointOf(endpointId)).toMatchObject({
      state: 'disabled',
      state_reason: 'gone',
    });
    const notices = db('operational_notices').where({ endpoint_id: endpointId });
    expect(await notices).toMatchObject([{ type: 'endpoint.disabled', data: { reason: 'gone' } }]);
  });

  test('is the last of its cycle, whichever number is asked for after a crash', async () => {
    const { id } = await plan('/gone-crash');
    consumer.plan('/gone-crash', 410);
    await attempt(id, 1);
    expect(await attempt(id, 2)).toMatchObject({ type: 'EndpointGone', nonRetryable: true });
    expect(await rowOf(id)).toMatchObject({ state: 'retrying', last_reason: 'gone' });
    expect(await attemptsAt(id)).toHaveLength(1);
  });

  test('does not disable an endpoint whose address was changed meanwhile', async () => {
    const { id, endpointId } = await plan('/gone-moved');
    const url = `${consumer.url}/elsewhere`;
    whileUnderWay('/gone-moved', 410, () =>
      db('endpoints').where({ id: endpointId }).update({ url }),
    );
    expect(await attempt(id, 1)).toMatchObject({ type: 'EndpointGone' });
    expect(await endpointOf(endpointId)).toMatchObject({ state: 'enabled', url });
  });
});

describe('markDead()', () => {
  test.each([
    ['410', 410, 'gone 410'],
    ['500', 500, 'status 500'],
  ])('tells %s of the last attempt, not that its worker died after it', async (_, status, why) => {
    const { id } = await plan(`/dead-${status}`);
    consumer.plan(`/dead-${status}`, status);
    const own = { ...input(id), schedule: [0] };
    await makeAttempt(deliveries.makeParts(), own, 1).catch(() => undefined);
    await markDead(deliveries.makeParts(), { ...own, reason: 'interrupted', isExhausted: true });
    expect(await rowOf(id)).toMatchObject({ state: 'dead', last_reason: why });
    expect(await db('failed_cycles').where({ id }).first()).toMatchObject({ reason: why });
  });

  test('leaves what was delivered as it is, and says so: only its worker died after it', async () => {
    const { id } = await plan('/dead-delivered');
    const own = { ...input(id), schedule: [0] };
    await makeAttempt(deliveries.makeParts(), own, 1);
    const end = { ...own, reason: 'interrupted', isExhausted: true };
    expect(await markDead(deliveries.makeParts(), end)).toMatchObject({ status: 200 });
    expect(await rowOf(id)).toMatchObject({ state: 'delivered', last_reason: null });
    expect(await db('failed_cycles').where({ id })).toEqual([]);
  });

  test('tells that the last attempt was interrupted when nothing of it is recorded', async () => {
    const { id } = await plan('/dead-killed');
    await markDead(deliveries.makeParts(), {
      ...input(id),
      reason: 'interrupted',
      isExhausted: true,
    });
    expect(await rowOf(id)).toMatchObject({ state: 'dead', last_reason: 'interrupted' });
    expect((await attemptsAt(id)).map(({ reason }) => reason)).toEqual(
      Array(3).fill('interrupted'),
    );
  });
});
