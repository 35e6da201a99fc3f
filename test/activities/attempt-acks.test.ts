import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAttempt, nextAttempt } from '../../activities/attempt.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { signStandard } from '../../src/runtime/signature.ts';
import { setAcked } from '../../src/store/acks.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { setCancelledByOperator, setDue, setHeld } from '../../src/store/steering.ts';
import type { Consumer } from '../support/consumer.ts';
import { openPlannedDeliveries } from './planned-deliveries.ts';
import type { PlannedDeliveries } from './planned-deliveries.ts';

let deliveries: PlannedDeliveries;
let db: Knex;
let consumer: Consumer;
beforeAll(async () => {
  deliveries = await openPlannedDeliveries('acks');
  ({ db, consumer } = deliveries);
});
afterAll(() => deliveries.close());

const windowMs = 600_000;
const schedule = [0, 30_000, 120_000];

/** A consumer that will tell later. */
const later = (response: ServerResponse): void => {
  response.writeHead(202, { 'webhook-ack': 'later' }).end();
};

const addEndpoint = (path: string, ackWindowMs: number | null): Promise<string> =>
  deliveries.addEndpoint(path, { ack_window_ms: ackWindowMs });

/** A delivery to a consumer of its own. */
async function plan(path: string, ackWindowMs: number | null = windowMs): Promise<string> {
  return deliveries.addDelivery(await addEndpoint(path, ackWindowMs));
}

const input = (deliveryId: string) => ({ deliveryId, cycle: 1, schedule });

async function attempt(deliveryId: string, number: number): Promise<unknown> {
  if (number > 1) {
    await db('deliveries')
      .where({ id: deliveryId, attempt_count: number - 1 })
      .whereNotNull('next_attempt_at')
      .update({ next_attempt_at: new Date() }); // Temporal asks when it is due.
  }
  return makeAttempt(deliveries.makeParts(), input(deliveryId), number).catch(
    (error: unknown) => error,
  );
}

const rowOf = (id: string): Promise<DeliveryRow> =>
  db('deliveries')
    .where({ id })
    .first()
    .then((row) => {
      if (!row) throw new Error(`There is no "${id}"`);
      return row;
    });
const reasons = (id: string) =>
  db('attempts').where({ delivery_id: id }).orderBy('number').pluck('reason');
const place = (deliveryId: string, number = 1) => ({ deliveryId, cycle: 1, number });
const endWindow = (id: string) =>
  db('deliveries')
    .where({ id })
    .update({ next_attempt_at: new Date(Date.now() - 1) });

describe('a consumer that will acknowledge later', () => {
  test('is waited for: nothing is decided until the end of its window', async () => {
    const id = await plan('/later');
    consumer.plan('/later', later);
    const again = { number: 1, waitMs: windowMs };
    expect(await attempt(id, 1)).toMatchObject({ status: 202, again });
    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'retrying', last_status: 202, last_reason: 'ack_pending' });
    expect(Math.abs((row.next_attempt_at?.getTime() ?? 0) - Date.now() - windowMs)).toBeLessThan(
      3000,
    );
    expect(await attempt(id, 1)).toMatchObject({ again: { number: 1 } }); // A worker that was killed.
    expect(await nextAttempt({ db }, input(id))).toBe(1); // A poke for nothing.
    expect(consumer.at('/later')).toHaveLength(1);
  });

  test('gets a token of this attempt and the address to bring it to', async () => {
    const id = await plan('/token');
    consumer.plan('/token', 500, later);
    await attempt(id, 1);
    await attempt(id, 2);
    const sent = consumer.at('/token').map(({ headers }) => headers);
    expect(sent.map((each) => each['webhook-ack-url'])).toEqual([
      `https://durahook.example/v1/deliveries/${id}/ack`,
      `https://durahook.example/v1/deliveries/${id}/ack`,
    ]);
    const tokens = sent.map((each) =>
      deliveries.makeParts().ackTokens.read(id, String(each['webhook-ack-token'])),
    );
    expect(tokens).toEqual([place(id, 1), place(id, 2)]);
  });

  test('has done it: the attempt and the delivery are delivered', async () => {
    const id = await plan('/done');
    consumer.plan('/done', later);
    await attempt(id, 1);
    expect((await setAcked(db, place(id), null)).kind).toBe('recorded');
    expect(await attempt(id, 1)).toEqual({
      status: 202,
      durationMs: expect.any(Number) as unknown,
    });
    expect(await nextAttempt({ db }, input(id))).toBe(1);
    expect(await attempt(id, 2)).toEqual({ status: 202, durationMs: 0 });
    expect(consumer.at('/done')).toHaveLength(1);
  });

  test('could not do it: the schedule goes on from then', async () => {
    const id = await plan('/refused');
    consumer.plan('/refused', later);
    await attempt(id, 1);
    await setAcked(db, place(id), { detail: 'No', waitAfterMs: () => 30_000 });
    const failure = { type: 'AttemptFailed', message: 'ack_refused' };
    expect(await attempt(id, 1)).toMatchObject({
      ...failure,
      nextRetryDelay: expect.closeTo(30_000, -4) as unknown,
    });
    expect(await attempt(id, 2)).toMatchObject({ status: 200 });
    expect(await reasons(id)).toEqual(['ack_refused', null]);
  });

  test('is not heard of in its window: the schedule goes on, to the dead letters', async () => {
    const id = await plan('/silent');
    consumer.always('/silent', later);
    for (const [number, wait] of [
      [1, 30_000],
      [2, 120_000],
    ] as const) {
      await attempt(id, number);
      await endWindow(id);
      const nextRetryDelay = expect.closeTo(wait, -4) as unknown;
      expect(await attempt(id, number)).toMatchObject({ message: 'ack_timeout', nextRetryDelay });
      const { next_attempt_at: next, last_reason } = await rowOf(id);
      expect(last_reason).toBe('ack_timeout');
      expect(next?.getTime()).toBeGreaterThan(Date.now() + wait - 5000);
    }
    await attempt(id, 3);
    await endWindow(id);
    const last = { type: 'AttemptFailed', message: 'ack_timeout', nextRetryDelay: undefined };
    expect(await attempt(id, 3)).toMatchObject(last);
    expect(await reasons(id)).toEqual(['ack_timeout', 'ack_timeout', 'ack_timeout']);
  });

  test('is not waited for when a person wants the next attempt now', async () => {
    const id = await plan('/due');
    consumer.plan('/due', later, 200);
    await attempt(id, 1);
    await setDue(db, [await rowOf(id)]);
    expect(await attempt(id, 1)).toMatchObject({ again: { number: 2, waitMs: 0 } });
    expect(await attempt(id, 2)).toMatchObject({ status: 200 });
    expect(await rowOf(id)).toMatchObject({ state: 'delivered', attempt_count: 2 });
  });

  test.each([
    ['cancels it', setCancelledByOperator, { status: null, durationMs: 0 }],
    ['holds it back', setHeld, { status: null, durationMs: 0, isParked: true }],
  ])('is not waited for when a person %s', async (name, act, outcome) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    const id = await plan(path);
    consumer.plan(path, later);
    await attempt(id, 1);
    await act(db, [await rowOf(id)]);
    expect(await attempt(id, 1)).toEqual(outcome);
    expect((await setAcked(db, place(id), null)).kind).toBe('over');
    expect(consumer.at(path)).toHaveLength(1);
  });
});

describe('a 202 is delivered at once', () => {
  test.each<[string, number | null, Record<string, string>]>([
    ['without the header', windowMs, {}],
    ['with another word', windowMs, { 'webhook-ack': 'now' }],
    ['where the endpoint has no window', null, { 'webhook-ack': 'later' }],
  ])('%s', async (name, ackWindowMs, headers) => {
    const path = `/${name.replaceAll(' ', '-')}`;
    const id = await plan(path, ackWindowMs);
    consumer.plan(path, (response) => response.writeHead(202, headers).end());
    expect(await attempt(id, 1)).toMatchObject({ status: 202 });
    expect(await rowOf(id)).toMatchObject({ state: 'delivered' });
    const [arrival] = consumer.at(path);
    expect('webhook-ack-token' in (arrival?.headers ?? {})).toBe(ackWindowMs !== null);
  });
});

test('what waits goes to the new URL with the new secret and headers', async () => {
  const endpointId = await addEndpoint('/old', null);
  const ids: string[] = [];
  for (let made = 0; made < 200; made += 1) ids.push(await deliveries.addDelivery(endpointId));
  consumer.always('/old', 500);
  await inTens(ids, (id) => attempt(id, 1));
  const newSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const secretId = makeId('sec');
  const change = { url: `${consumer.url}/new`, headers: { 'x-their-own': 'b' } };
  await db('endpoints').where({ id: endpointId }).update(change);
  await db('endpoint_secrets').where({ endpoint_id: endpointId }).delete();
  await db('endpoint_secrets').insert({
    id: secretId,
    endpoint_id: endpointId,
    sealed: deliveries.sealer.seal(secretId, newSecret),
    created_at: new Date(),
  });
  const waiting = await db('deliveries').whereIn('id', ids);
  expect(new Set(waiting.map(({ state }) => state))).toEqual(new Set(['retrying']));
  await setDue(db, waiting);
  await inTens(ids, (id) => attempt(id, 2));
  const arrivals = consumer.at('/new');
  expect(arrivals.map(({ headers }) => String(headers['webhook-id'])).toSorted()).toEqual(
    ids.toSorted(),
  );
  const unverified = arrivals.filter(({ headers, body }) => {
    const id = String(headers['webhook-id']);
    const timestamp = String(headers['webhook-timestamp']);
    const expected = signStandard(newSecret, { id, timestamp, body: Buffer.from(body) });
    return headers['webhook-signature'] !== expected || headers['x-their-own'] !== 'b';
  });
  expect([unverified, consumer.at('/old').length]).toEqual([[], 200]);
}, 120_000);

async function inTens(
  ids: readonly string[],
  act: (id: string) => Promise<unknown>,
): Promise<void> {
  for (let index = 0; index < ids.length; index += 10) {
    await Promise.all(ids.slice(index, index + 10).map(act));
  }
}
