import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addStored, daysAgo } from '../store/retained-rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let db: Knex;
beforeEach(async () => {
  api = await serveApi();
  ({ db } = api);
});
afterEach(async () => api.close());

const store = async (days: number, state?: 'delivered' | 'parked') =>
  addStored(api, daysAgo(days), state);

const eventOf = (id: string) => db('events').where({ id }).first();

describe('GET /v1/system/retention', () => {
  test('tells each day, until when it is kept and what holds it', async () => {
    await store(92, 'parked');
    await db('tenants').where({ id: api.tenantId }).update({ name: 'default' });
    const { body } = await api.call('GET', '/v1/system/retention');
    const [oldest] = body['days'] as Record<string, unknown>[];
    expect(body).toMatchObject({ payloads: '30d', metadata: '90d', last_pass_at: null });
    expect(oldest).toMatchObject({
      day: daysAgo(92).toISOString().slice(0, 10),
      payloads: 'kept',
      held_by: { deliveries: 1, trigger_runs: 0, dead_letters: 0, sessions: 0, replays: 0 },
    });
  });

  test('shows days to the tenant named default alone: they are of all tenants', async () => {
    expect((await api.call('GET', '/v1/system/retention')).body).toMatchObject({ days: [] });
  });
});

describe('POST /v1/events/{id}/expunge', () => {
  test('drops the payload at once, ends what is to be sent, and says who asked for it', async () => {
    const { eventId, id } = await store(1, 'parked');
    const reason = 'asked by the person it is about';
    const answer = await api.call('POST', `/v1/events/${eventId}/expunge`, { reason });
    expect(answer.status).toBe(200);
    const read = await api.call('GET', `/v1/events/${eventId}`);
    expect(read.body).toMatchObject({ body_bytes: 0, headers: {}, payload_dropped_for: 'request' });
    expect(await db('deliveries').where({ id }).first()).toMatchObject({
      state: 'cancelled',
      last_reason: 'payload_dropped',
    });
    expect((await db('attempts').where({ delivery_id: id }).first())?.response_body).toHaveLength(
      0,
    );
    expect(await db('audit_log').where({ subject: eventId }).first()).toMatchObject({
      action: 'event.expunge',
      detail: { reason },
    });
    const again = await api.call('POST', `/v1/events/${eventId}/expunge`, { reason });
    expect(again.body).toEqual(answer.body);
  });

  test.each([
    ['without a reason', {}],
    ['with an empty one', { reason: '' }],
  ])('%s it is refused', async (_, body) => {
    const { eventId } = await store(1);
    const answer = await api.call('POST', `/v1/events/${eventId}/expunge`, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    expect((await eventOf(eventId))?.payload_dropped_at).toBeNull();
  });

  test("another tenant's event is not there", async () => {
    const { eventId } = await store(1);
    const key = await api.makeKey(['read', 'write']);
    const answer = await api.fetch(`/v1/events/${eventId}/expunge`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ reason: 'x' }),
    });
    expect(answer.status).toBe(404);
  });
});
