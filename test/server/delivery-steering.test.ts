import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { attemptsOf, recordAttempts } from '../../src/store/attempts.ts';
import type { DeliveryState } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';
import { inAnHour, steeredRows } from './steered-rows.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
const { steer, rowOf, pokes, audited, addRetrying, addParked } = steeredRows(() => api);

describe('attempt now', () => {
  test('makes the next attempt of a delivery that waits due, and notes its poke', async () => {
    const id = await addRetrying();
    const wakes = api.wakes();
    const begunAt = Date.now();
    const { status, body } = await steer(id, 'attempt-now');
    expect([status, body]).toMatchObject([202, { id, state: 'retrying', attempt_count: 1 }]);
    const dueAt = Date.parse(String(body['next_attempt_at']));
    expect(dueAt).toBeGreaterThanOrEqual(begunAt - 1000);
    expect(dueAt).toBeLessThanOrEqual(Date.now() + 1000);
    expect([await pokes(), api.wakes()]).toEqual([[{ delivery_id: id, cycle: 1 }], wakes + 1]);
    expect(await audited()).toMatchObject([
      { action: 'delivery.attempt_now', subject: id, detail: { cycle: 1, from: 'retrying' } },
    ]);
  });

  test('starts one that was not started yet without waiting for its lease', async () => {
    const id = await addDelivery(api, { started_at: null, start_after: inAnHour() });
    expect((await steer(id, 'attempt-now')).status).toBe(202);
    expect((await rowOf(id))?.start_after.getTime()).toBeLessThan(Date.now() + 1000);
    expect(await pokes()).toEqual([]);
  });

  test.each([
    ['held', new Date(), 2],
    ['outage', new Date(), 2],
    ['held', null, 1], // Nobody has started it: it waited in line.
  ])('lets go of a delivery that is parked as %s', async (reason, started_at, cycle) => {
    const id = await addParked(reason, { started_at });
    const { status, body } = await steer(id, 'attempt-now');
    expect([status, body]).toMatchObject([202, { state: 'pending', cycle, last_reason: null }]);
    expect(await rowOf(id)).toMatchObject({ started_at: null, attempt_count: 0, ended_at: null });
  });

  test('refuses what waits for a paused endpoint or for another of its key, and says for what', async () => {
    const paused = await addParked('endpoint_paused');
    const refused = await steer(paused, 'attempt-now');
    expect([refused.status, refused.body['type']]).toEqual([409, '/problems/endpoint-paused']);
    expect(refused.body['detail']).toContain('resume');
    const first = await addRetrying({ order_key: 'k' });
    const second = await addDelivery(api, {
      order_key: 'k',
      is_in_line: true,
      started_at: null,
      id: makeId('dlv', new Date(Date.now() + 5)),
      created_at: new Date(Date.now() + 5),
    });
    const inLine = await steer(second, 'attempt-now');
    expect([inLine.status, inLine.body['type']]).toEqual([409, '/problems/delivery-in-line']);
    expect(inLine.body['detail']).toContain(first);
    expect([await audited(), await pokes()]).toEqual([[], []]);
  });
});

describe('cancel', () => {
  test('ends a delivery that waits, says who and why, and tells its workflow', async () => {
    const id = await addRetrying();
    const { status, body } = await steer(id, 'cancel', { reason: 'Wrong customer' });
    expect([status, body]).toMatchObject([200, { state: 'cancelled', last_reason: 'operator' }]);
    expect([body['next_attempt_at'], body['ended_at']]).toEqual([null, expect.any(String)]);
    expect(await pokes()).toEqual([{ delivery_id: id, cycle: 1 }]);
    expect(await audited()).toMatchObject([
      {
        actor: expect.stringMatching(/^key_/) as unknown,
        action: 'delivery.cancel',
        subject: id,
        detail: { cycle: 1, from: 'retrying', reason: 'Wrong customer' },
      },
    ]);
  });

  test.each(['held', 'endpoint_paused', 'outage'])('ends one parked as %s', async (reason) => {
    const id = await addParked(reason);
    expect((await steer(id, 'cancel')).body).toMatchObject({ state: 'cancelled' });
    expect(await pokes()).toEqual([]); // Its workflow has ended.
  });

  test('the attempt that was in flight is recorded and changes nothing', async () => {
    const id = await addRetrying();
    await steer(id, 'cancel');
    const attempt = {
      ...attemptsOf(id),
      cycle: 1,
      number: 2,
      started_at: new Date(),
      duration_ms: 1,
      status: 200,
      reason: null,
      response_headers: {},
      response_body: Buffer.alloc(0),
      retry_after_ms: null,
    };
    const record = { attempt, endpoint: null, state: 'delivered', nextAttemptAt: null } as const;
    await recordAttempts(api.db, [record]);
    expect(await rowOf(id)).toMatchObject({ state: 'cancelled', last_reason: 'operator' });
    const { body } = await api.call('GET', `/v1/deliveries/${id}/attempts`);
    expect(body['data']).toMatchObject([{ number: 2, status: 200 }]);
  });

  test.each([
    ['a reason that is empty', { reason: '' }],
    ['a reason with U+0000', { reason: 'a\0' }],
    ['another field', { why: 'x' }],
  ])('refuses %s and changes nothing', async (_, body) => {
    const id = await addRetrying();
    expect((await steer(id, 'cancel', body)).status).toBe(422);
    expect(await rowOf(id)).toMatchObject({ state: 'retrying' });
    expect((await steer(id, 'cancel', { reason: 'a' })).status).toBe(200);
  });
});

describe('hold', () => {
  test('holds back what waits without using up an attempt', async () => {
    const id = await addRetrying();
    const { status, body } = await steer(id, 'hold', { reason: 'Wait for their release' });
    expect([status, body]).toMatchObject([
      200,
      { state: 'parked', last_reason: 'held', attempt_count: 1, next_attempt_at: null },
    ]);
    expect(await pokes()).toEqual([{ delivery_id: id, cycle: 1 }]);
    expect(await audited()).toMatchObject([
      { action: 'delivery.hold', detail: { from: 'retrying' } },
    ]);
  });

  test('what may be being started in this moment goes on in its next cycle', async () => {
    const id = await addDelivery(api, { started_at: null });
    await steer(id, 'hold');
    expect((await steer(id, 'attempt-now')).body).toMatchObject({ state: 'pending', cycle: 2 });
  });

  test('what waits in line was never started: it goes on in its cycle, in line', async () => {
    const id = await addDelivery(api, { started_at: null, is_in_line: true, order_key: 'k' });
    await steer(id, 'hold');
    expect((await steer(id, 'attempt-now')).body).toMatchObject({ state: 'pending', cycle: 1 });
    expect(await rowOf(id)).toMatchObject({ is_in_line: true, started_at: null });
  });

  test.each(['held', 'endpoint_paused'])('refuses what is parked as %s', async (reason) => {
    const refused = await steer(await addParked(reason), 'hold');
    expect([refused.status, refused.body['type']]).toEqual([409, '/problems/delivery-not-waiting']);
  });
});

describe('what has ended', () => {
  test.each(['attempt-now', 'cancel', 'hold'])(
    'is refused by %s, which says redrive',
    async (move) => {
      for (const state of ['delivered', 'dead', 'cancelled', 'skipped'] as const) {
        const refused = await steer(await addDelivery(api, { state }), move);
        expect([refused.status, refused.body['type']]).toEqual([
          409,
          '/problems/delivery-not-waiting',
        ]);
        expect(refused.body['detail']).toContain('redrive');
      }
    },
  );

  test('is sent again by a redrive, whatever its end was', async () => {
    const states: readonly [DeliveryState, string | null][] = [
      ['delivered', null],
      ['dead', 'status'],
      ['parked', 'held'],
      ['parked', 'endpoint_paused'],
      ['cancelled', 'operator'],
      ['skipped', 'endpoint_disabled'],
    ];
    for (const [state, last_reason] of states) {
      const id = await addDelivery(api, { state, last_reason });
      expect(await steer(id, 'redrive')).toMatchObject({ status: 202, body: { cycle: 2 } });
      expect(await rowOf(id)).toMatchObject({ state: 'pending', cycle: 2, started_at: null });
    }
  });

  test("another tenant's is not found", async () => {
    const id = await addRetrying({ tenant_id: 'ten_other' });
    for (const move of ['attempt-now', 'cancel', 'hold']) {
      expect((await steer(id, move)).status).toBe(404);
    }
    expect(await rowOf(id)).toMatchObject({ state: 'retrying' });
  });
});
