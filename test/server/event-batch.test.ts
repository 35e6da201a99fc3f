import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Publish } from '../../src/runtime/publish.ts';
import { freshDatabase } from '../support/database.ts';
import { addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { publishFor, servePublishing } from './served-sessions.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await servePublishing();
});
afterAll(async () => api.close());

const event = { type: 'custom.order_paid', data: { n: 1 } };

async function publish(events: readonly unknown[]): Promise<Answer> {
  return api.call('POST', '/v1/events/batch', { events });
}

function outcomesOf({ body }: Answer): Record<string, unknown>[] {
  return body['data'] as Record<string, unknown>[];
}

describe('POST /v1/events/batch', () => {
  test('each event has its outcome, in order; a bad one fails alone', async () => {
    const endpointId = await addEndpoint(api);
    const answer = await publish([
      event,
      { type: 'sesion.created', data: {} },
      { ...event, event_id: 'twice' },
      { ...event, colour: 'red' },
      { ...event, event_id: 'twice' },
      { ...event, event_id: 'a\0b' },
      7,
      { type: 'session.archived', data: {} },
    ]);
    expect(answer.status).toBe(200);
    const data = outcomesOf(answer);
    expect(data.map(({ index, status }) => [index, status])).toEqual([
      [0, 'accepted'],
      [1, 'rejected'],
      [2, 'accepted'],
      [3, 'rejected'],
      [4, 'duplicate'],
      [5, 'rejected'],
      [6, 'rejected'],
      [7, 'rejected'],
    ]);
    expect(data[0]?.['id']).toMatch(/^evt_/);
    expect(data[0]).toMatchObject({ deliveries: 1, skipped: 0 });
    expect(data[4]).toMatchObject({ id: data[2]?.['id'], deliveries: 0, skipped: 0 });
    const problems = data.map(({ problem }) => problem as Record<string, unknown> | undefined);
    expect(problems[0]).toBeUndefined();
    expect(problems[1]).toMatchObject({ code: 'unknown-event-type' });
    expect(problems[1]?.['detail']).toContain('session.created');
    expect(problems[3]).toMatchObject({
      code: 'invalid-request',
      title: 'The request does not match its schema',
      errors: [{ pointer: '/colour', detail: 'Unknown field' }],
    });
    expect(problems[5]).toMatchObject({ errors: [{ pointer: '/event_id' }] });
    expect(problems[6]).toMatchObject({ errors: [{ pointer: '' }] });
    expect(problems[7]).toMatchObject({ errors: [{ pointer: '/data/session_id' }] });
    const rows = await api.db('deliveries').where({ endpoint_id: endpointId });
    expect(rows).toHaveLength(2);
  });

  test('takes 500 events, not 501, and not none', async () => {
    const answer = await publish(
      Array.from({ length: 500 }, (_, n) => ({ ...event, data: { n } })),
    );
    const data = outcomesOf(answer);
    expect(data.filter(({ status }) => status === 'accepted')).toHaveLength(500);
    const ids = data.map(({ id }) => String(id));
    expect(ids.toSorted()).toEqual(ids);
    for (const count of [0, 501]) {
      const { status, body } = await publish(Array.from({ length: count }, () => event));
      expect(status).toBe(422);
      expect(body['errors']).toEqual([expect.objectContaining({ pointer: '/events' })]);
    }
  });

  test('an event over 1 MiB is rejected alone, a body over 5 MiB as a whole', async () => {
    const text = 'x'.repeat(1_048_576);
    const fitting = { ...event, data: { text: text.slice(100) } };
    const answer = await publish([fitting, { ...event, data: { text } }, fitting]);
    expect(outcomesOf(answer)).toMatchObject([
      { status: 'accepted' },
      { problem: { code: 'body-too-large', detail: 'The event is larger than 1048576 bytes' } },
      { status: 'accepted' },
    ]);
    const { status, body } = await publish(Array.from({ length: 6 }, () => fitting));
    expect(status).toBe(413);
    expect(body['detail']).toContain('5242880 bytes');
  });

  test('what the platform could not do is said of each event; of all, the request is answered 503', async () => {
    const db = await freshDatabase();
    const isLost = ({ data }: Parameters<Publish>[0]): boolean =>
      JSON.stringify(data) === '{"n":2}';
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const flaky = await serveApi({
      db,
      publish: (publication) =>
        isLost(publication) ? Promise.reject(lost) : publishFor(db)(publication),
    });
    const bad = { ...event, data: { n: 2 } };
    const some = await flaky.call('POST', '/v1/events/batch', { events: [bad, event] });
    expect(outcomesOf(some)).toMatchObject([
      { status: 'rejected', problem: { code: 'unavailable' } },
      { status: 'accepted' },
    ]);
    const all = await flaky.call('POST', '/v1/events/batch', { events: [bad, bad] });
    expect([all.status, all.headers.get('Retry-After')]).toEqual([503, '5']);
    const none = await flaky.call('POST', '/v1/events/batch', { events: [7, bad] });
    expect(none.status).toBe(503); // What is wrong is told when the rest can be published.
    await flaky.close();
  });
});
