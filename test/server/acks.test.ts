import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAckTokens } from '../../src/runtime/ack-token.ts';
import { attemptsOf, recordAttempts } from '../../src/store/attempts.ts';
import type { AttemptRow, DeliveryRow } from '../../src/store/delivery-tables.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

const ackTokens = makeAckTokens(randomBytes(32), 'https://durahook.example');

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({ ackTokens });
});
afterAll(async () => api.close());

const inAMinute = (): Date => new Date(Date.now() + 60_000);

function attemptRow(deliveryId: string, over: Partial<AttemptRow> = {}): AttemptRow {
  return {
    ...attemptsOf(deliveryId),
    cycle: 1,
    number: 1,
    started_at: new Date(),
    duration_ms: 5,
    status: 202,
    reason: 'ack_pending',
    response_headers: { 'webhook-ack': 'later' },
    response_body: Buffer.alloc(0),
    retry_after_ms: null,
    ...over,
  };
}

/** A delivery whose first attempt is to be acknowledged. */
async function addAwaited(over: Partial<DeliveryRow> = {}): Promise<string> {
  const id = await addDelivery(api, {
    state: 'retrying',
    attempt_count: 1,
    last_status: 202,
    last_reason: 'ack_pending',
    next_attempt_at: inAMinute(),
    ...over,
  });
  await api.db('attempts').insert(attemptRow(id));
  return id;
}

const tokenOf = (deliveryId: string, number = 1): string =>
  ackTokens.headersOf({ deliveryId, cycle: 1, number })['webhook-ack-token'] ?? '';

/** As a consumer does it: with the token alone. */
const ack = (id: string, token: string, body?: object): Promise<Answer> =>
  api.fetch(`/v1/deliveries/${id}/ack`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

const rowOf = (id: string) => api.db('deliveries').where({ id }).first();
const attemptOf = (id: string) => api.db('attempts').where({ delivery_id: id, number: 1 }).first();
const pokesOf = (id: string) => api.db('delivery_pokes').where({ delivery_id: id });

describe('an acknowledgement', () => {
  test('makes attempt and delivery delivered without an API key, and pokes the workflow', async () => {
    const id = await addAwaited();
    const wakes = api.wakes();
    const { status, body } = await ack(id, tokenOf(id));
    expect([status, body]).toEqual([200, { id, state: 'delivered' }]);
    expect(await rowOf(id)).toMatchObject({
      state: 'delivered',
      last_reason: null,
      next_attempt_at: null,
      ended_at: expect.any(Date) as unknown,
    });
    expect(await attemptOf(id)).toMatchObject({ status: 202, reason: null });
    expect([await pokesOf(id), api.wakes()]).toMatchObject([[{ cycle: 1 }], wakes + 1]);
  });

  test('is waited for: no attempt is due meanwhile', async () => {
    const id = await addAwaited();
    const { body } = await api.call('GET', `/v1/deliveries/${id}`);
    expect(body['ladder']).toMatchObject([
      { number: 1, state: 'running', attempt: { reason: 'ack_pending', next_wait_ms: null } },
      { number: 2, state: 'waiting', at: null },
      { state: 'waiting' },
      { state: 'waiting' },
      { state: 'waiting' },
    ]);
  });

  test('may bring its token in the body, and come twice', async () => {
    const id = await addAwaited();
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ token: tokenOf(id) });
    const send = () => api.fetch(`/v1/deliveries/${id}/ack`, { method: 'POST', headers, body });
    expect((await send()).status).toBe(200);
    expect(await send()).toMatchObject({ status: 200, body: { state: 'delivered' } });
    expect(await pokesOf(id)).toHaveLength(1);
  });

  test('that comes before the answer is recorded waits for that', async () => {
    const id = await addDelivery(api);
    const early = ack(id, tokenOf(id));
    setTimeout(() => {
      const attempt = attemptRow(id);
      const record = { attempt, endpoint: null, state: 'retrying' as const };
      void recordAttempts(api.db, [{ ...record, nextAttemptAt: inAMinute() }]);
    }, 300);
    expect((await early).status).toBe(200);
    expect(await rowOf(id)).toMatchObject({ state: 'delivered' });
  });

  test('of an attempt that has no answer is answered 409', async () => {
    const id = await addDelivery(api);
    const { status, body, headers } = await ack(id, tokenOf(id));
    expect([status, body['type']]).toEqual([409, '/problems/ack-too-early']);
    expect(headers.get('Retry-After')).toBe('1');
  });
});

describe('a refusal', () => {
  test('ends the attempt with what the consumer says, and the schedule goes on', async () => {
    const id = await addAwaited();
    const refused = { outcome: 'failed', detail: 'No such order' };
    const { status, body } = await ack(id, tokenOf(id), refused);
    expect([status, body]).toEqual([200, { id, state: 'retrying' }]);
    const row = await rowOf(id);
    expect(row).toMatchObject({ state: 'retrying', last_reason: 'ack_refused' });
    const waitMs = (row?.next_attempt_at?.getTime() ?? 0) - Date.now();
    expect(waitMs > 25_000 && waitMs <= 30_000).toBe(true);
    expect(await pokesOf(id)).toHaveLength(1);
    const shown = await api.call('GET', `/v1/deliveries/${id}/attempts`);
    expect(shown.body['data']).toMatchObject([
      { reason: 'ack_refused', ack_detail: 'No such order', status: 202 },
    ]);
    expect((await ack(id, tokenOf(id), refused)).status).toBe(200); // Twice.
    expect((await ack(id, tokenOf(id))).status).toBe(409); // It can't take that back.
  });

  test('of what was acknowledged before is answered 409', async () => {
    const id = await addAwaited();
    await ack(id, tokenOf(id));
    const { status, body } = await ack(id, tokenOf(id), { outcome: 'failed' });
    expect([status, body['type']]).toEqual([409, '/problems/ack-too-late']);
    expect(await rowOf(id)).toMatchObject({ state: 'delivered' });
  });
});

describe('who comes too late', () => {
  test.each<[string, Partial<DeliveryRow>]>([
    ['after the window', { next_attempt_at: new Date(Date.now() - 1) }],
    ['after a cancel', { state: 'cancelled', next_attempt_at: null }],
    ['after a hold', { state: 'parked', last_reason: 'held', next_attempt_at: null }],
    ['in another cycle', { cycle: 2, state: 'pending' }],
    ['after the next attempt', { attempt_count: 2 }],
  ])('%s is answered 409 and changes nothing', async (_, over) => {
    const id = await addAwaited(over);
    const before = await rowOf(id);
    const { status, body } = await ack(id, tokenOf(id));
    expect([status, body['type']]).toEqual([409, '/problems/ack-too-late']);
    expect(await rowOf(id)).toEqual(before);
    expect(await pokesOf(id)).toEqual([]);
  });

  test('is answered 200 when another attempt was delivered', async () => {
    const id = await addAwaited({ attempt_count: 2, state: 'delivered', last_reason: null });
    await api.db('attempts').where({ delivery_id: id }).update({ reason: 'ack_timeout' });
    expect(await ack(id, tokenOf(id))).toMatchObject({ status: 200, body: { state: 'delivered' } });
  });

  test('an attempt that a person made due is not waited for any more', async () => {
    const id = await addAwaited();
    await api.call('POST', `/v1/deliveries/${id}/attempt-now`);
    expect(await attemptOf(id)).toMatchObject({ reason: 'ack_timeout' });
    expect((await ack(id, tokenOf(id))).status).toBe(409);
  });
});

describe('a token', () => {
  test.each([
    ['of another delivery', (id: string) => tokenOf(`${id.slice(0, -1)}z`)],
    ['of another attempt', (id: string) => tokenOf(id, 2).replace('.2.', '.1.')],
    [
      'of another key',
      (id: string) =>
        makeAckTokens(randomBytes(32), '').headersOf({ deliveryId: id, cycle: 1, number: 1 })[
          'webhook-ack-token'
        ] ?? '',
    ],
    ['that is none', () => 'abc'],
    ['that is absent', () => ''],
  ])('%s is answered 401', async (_, make) => {
    const id = await addAwaited();
    const refused = await ack(id, make(id));
    expect([refused.status, refused.body['type']]).toEqual([401, '/problems/ack-token-invalid']);
    expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(await rowOf(id)).toMatchObject({ state: 'retrying' });
    expect((await ack(id, tokenOf(id))).status).toBe(200);
  });

  test('of a delivery that is not kept any more is answered 404', async () => {
    const id = await addAwaited();
    await api.db('deliveries').where({ id }).delete();
    expect((await ack(id, tokenOf(id))).status).toBe(404);
  });

  test.each([
    ['a detail of a success', { detail: 'x' }],
    ['an unknown outcome', { outcome: 'maybe' }],
    ['an unknown field', { why: 'x' }],
    ['a long detail', { outcome: 'failed', detail: 'x'.repeat(501) }],
  ])('with %s is answered 422', async (_, body) => {
    const id = await addAwaited();
    expect((await ack(id, tokenOf(id), body)).status).toBe(422);
    expect(await rowOf(id)).toMatchObject({ state: 'retrying' });
  });

  test('opens nothing else', async () => {
    const id = await addAwaited();
    const headers = { Authorization: `Bearer ${tokenOf(id)}` };
    expect((await api.fetch(`/v1/deliveries/${id}`, { headers })).status).toBe(401);
    expect((await api.fetch(`/v1/deliveries/${id}/ack`, { headers })).status).toBe(401);
  });
});

test('the OpenAPI document says that the route needs no key', async () => {
  const { body } = await api.fetch('/openapi.json');
  const paths = body['paths'] as Record<string, { post?: { security?: unknown } }>;
  expect(paths['/v1/deliveries/{id}/ack']?.post?.security).toEqual([]);
  expect(paths['/v1/deliveries/{id}/cancel']?.post).not.toHaveProperty('security');
});
