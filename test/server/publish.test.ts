import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalog } from '../../src/domain/catalog.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { addEndpoint, addRun } from './rows.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { publishFor, servePublishing } from './served-sessions.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await servePublishing();
});
afterAll(async () => api.close());

const type = 'custom.order_paid';

async function publish(event: Record<string, unknown>): Promise<Answer> {
  return api.call('POST', '/v1/events', { type, data: { n: 1 }, ...event });
}

async function causeOf(id: unknown): Promise<unknown> {
  const { body } = await api.call('GET', `/v1/events/${String(id)}/explain`);
  return body['caused_by'];
}

describe('POST /v1/events with an event_id', () => {
  test('is one event however often it is published: the repeat gets the first id and plans nothing', async () => {
    const endpointId = await addEndpoint(api);
    const first = await publish({ event_id: 'order 7, paid' });
    expect(first).toMatchObject({ status: 202, body: { type, status: 'accepted', deliveries: 1 } });
    const second = await publish({ event_id: 'order 7, paid' });
    const id = String(first.body['id']);
    expect(second).toMatchObject({
      status: 202,
      body: { id, type, status: 'duplicate', deliveries: 0 },
    });
    expect(second.headers.get('Location')).toBe(`/v1/events/${id}`);
    const deliveries = await api.db('deliveries').where({ endpoint_id: endpointId });
    expect(deliveries.map((row) => row.event_id)).toEqual([id]);
    expect((await publish({ event_id: 'order 8, paid' })).body['status']).toBe('accepted');
  });

  test('another body under the same id is a duplicate too, and changes nothing', async () => {
    const event_id = randomUUID();
    const { body: first } = await publish({ event_id });
    const { body: second } = await publish({ event_id, data: { n: 2 } });
    expect(second).toMatchObject({ id: first['id'], status: 'duplicate' });
    const { body } = await api.call('GET', `/v1/events/${String(first['id'])}`);
    expect(body).toMatchObject({ dedupe_id: event_id, body: { data: { n: 1 } } });
  });

  test('fifty at once are one event', async () => {
    const event_id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => publish({ event_id })));
    const ids = new Set(answers.map(({ body }) => body['id']));
    const accepted = answers.filter(({ body }) => body['status'] === 'accepted');
    expect([ids.size, accepted.length]).toEqual([1, 1]);
  });

  test('is the tenant’s own: another tenant may use the same', async () => {
    const event_id = randomUUID();
    const headers = {
      Authorization: `Bearer ${await api.makeKey(['write'])}`,
      'Content-Type': 'application/json',
    };
    const body = JSON.stringify({ type, data: {}, event_id });
    expect((await publish({ event_id })).body['status']).toBe('accepted');
    const other = await api.fetch('/v1/events', { method: 'POST', headers, body });
    expect(other.body['status']).toBe('accepted');
  });

  test('meets no key of the platform’s own events, nor stands for one of them', async () => {
    const runId = await addRun(api);
    const key = `${runId}-do/told`;
    const { tenantId } = api;
    const emitted = await publishFor(api.db)({ tenantId, type, data: {}, key });
    const own = await publish({ event_id: key });
    expect(own.body).toMatchObject({ status: 'accepted' });
    expect(own.body['id']).not.toBe(emitted.eventId);
    expect(await causeOf(emitted.eventId)).toMatchObject({ run_id: runId });
    expect(await causeOf(own.body['id'])).toBe('api');
  });

  test('finds the event in the list', async () => {
    const event_id = randomUUID();
    const { body } = await publish({ event_id });
    const found = await api.call('GET', `/v1/events?text=${event_id}`);
    expect(found.body['data']).toMatchObject([{ id: body['id'], dedupe_id: event_id }]);
  });

  test.each([
    ['200 characters', 'x'.repeat(200)],
    ['letters of any language, spaces and signs', 'Bestellung 7/ä "é" 订单 🧾'],
  ])('may have %s', async (_, event_id) => {
    expect((await publish({ event_id })).body['status']).toBe('accepted');
  });

  test.each([
    ['nothing', ''],
    ['201 characters', 'x'.repeat(201)],
    ['U+0000', 'a\0b'],
    ['a line break', 'a\nb'],
    ['half a surrogate pair', 'a\ud83d'],
    ['a character without width', 'a\u200bb'],
    ['no text', 7],
  ])('is refused with %s', async (_, event_id) => {
    const { status, body } = await publish({ event_id });
    expect(status).toBe(422);
    expect(body['errors']).toEqual([expect.objectContaining({ pointer: '/event_id' })]);
  });
});

describe('POST /v1/events', () => {
  test('tells to how many endpoints it is sent, and apart who asked for it and does not get it', async () => {
    const apart = await servePublishing();
    const [, paused, disabled, filtered] = [
      await addEndpoint(apart),
      await addEndpoint(apart),
      await addEndpoint(apart),
      await addEndpoint(apart),
    ];
    await apart.db('endpoints').where({ id: paused }).update({ state: 'paused' });
    await apart.db('endpoints').where({ id: disabled }).update({ state: 'disabled' });
    const filter = 'body.data.missing == 1'; // Has no value.
    await apart.db('endpoints').where({ id: filtered }).update({ filter });
    const event = { type, data: { n: 1 }, event_id: 'once' };
    const first = await apart.call('POST', '/v1/events', event);
    expect(first.body).toMatchObject({ status: 'accepted', deliveries: 2, skipped: 2 });
    const second = await apart.call('POST', '/v1/events', event);
    expect(second.body).toMatchObject({ status: 'duplicate', deliveries: 0, skipped: 0 });
    await apart.close();
  });

  test('without an event_id the same again is another event', async () => {
    const [first, second] = [await publish({}), await publish({})];
    expect([first.body['status'], second.body['status']]).toEqual(['accepted', 'accepted']);
    expect(first.body['id']).not.toBe(second.body['id']);
  });

  test('what the platform says of its own work is published by nobody else', async () => {
    const data = { ...catalog['endpoint.recovered'].example };
    const refused = await publish({ type: 'endpoint.recovered', data });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/type' }] } });
    const taken = await publish({ type: 'session.archived', data: { session_id: 'ses_1' } });
    expect(taken.status).toBe(202);
  });

  test('an event over 1 MiB is answered 413 with the limit', async () => {
    const fitting = await publish({ data: { text: 'x'.repeat(1_048_000) } });
    expect(fitting.status).toBe(202);
    const { status, body } = await publish({ data: { text: 'x'.repeat(1_048_576) } });
    expect([status, body['type']]).toEqual([413, '/problems/body-too-large']);
    expect(body['detail']).toContain('1048576 bytes');
  });

  test.each([
    ['as W3C writes it', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
    ['of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, false],
    ['of another form', 'abc', false],
  ])('a traceparent %s is kept: %s %s', async (_, traceparent, isKept) => {
    const headers = {
      Authorization: `Bearer ${await api.makeKey(['write'], api.tenantId)}`,
      'Content-Type': 'application/json',
      traceparent,
    };
    const body = JSON.stringify({ type, data: {} });
    const published = await api.fetch('/v1/events', { method: 'POST', headers, body });
    const { body: event } = await api.call('GET', `/v1/events/${String(published.body['id'])}`);
    expect(event['traceparent']).toBe(isKept ? traceparent : null);
  });
});

describe('makeId()', () => {
  test('the ids of one millisecond ascend in the order in which they are made', () => {
    const at = new Date();
    const ids = Array.from({ length: 2000 }, () => makeId('evt', at));
    expect(ids.toSorted()).toEqual(ids);
  });
});
