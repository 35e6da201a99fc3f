import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { bearer, listen, messagesOf, serveLive } from './live-reader.ts';
import { addDelivery, addEvent } from './rows.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let key: string;
beforeAll(async () => {
  api = await serveLive();
  key = await api.makeKey(['read'], api.tenantId);
});
afterAll(async () => api.close());

describe('GET /v1/live', () => {
  test('sends each row once, as it comes, in a form that browsers read', async () => {
    await addEvent(api);
    const reader = await listen(api, '/v1/live', bearer(key));
    expect(reader.response.headers.get('Content-Type')).toBe('text/event-stream');
    expect(reader.response.headers.get('Cache-Control')).toBe('no-store');
    expect(reader.response.headers.get('X-Accel-Buffering')).toBe('no');
    const event = await addEvent(api, { type: 'a\nb' });
    const delivery = await addDelivery(api, { event_id: event });
    await vi.waitFor(() => {
      expect(messagesOf(reader)).toEqual([`event ${event}`, `delivery ${delivery}`]);
    }, 30_000);
    const later = await addEvent(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toHaveLength(3), 30_000);
    expect(messagesOf(reader)[2]).toBe(`event ${later}`);
    expect(reader.text()).toMatch(/^retry: 2000\n\n/);
    const [data = ''] = /(?<=^data: ).*$/m.exec(reader.text()) ?? [];
    expect(JSON.parse(data)).toEqual({
      id: event,
      type: 'a\nb',
      source: 'github',
      direction: 'inbound',
      received_at: expect.stringMatching(/Z$/) as unknown,
    });
    reader.stop();
  });

  test('sends only the topics that are asked for', async () => {
    const reader = await listen(api, '/v1/live?topics=deliveries', bearer(key));
    await addEvent(api);
    const delivery = await addDelivery(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toEqual([`delivery ${delivery}`]), 30_000);
    reader.stop();
  });

  test("another tenant's rows are not sent", async () => {
    const reader = await listen(api, '/v1/live', bearer(key));
    await addEvent(api, { tenant_id: 'ten_other' });
    const own = await addEvent(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toEqual([`event ${own}`]), 30_000);
    reader.stop();
  });

  test('a row that is committed after a newer one is sent too', async () => {
    const reader = await listen(api, '/v1/live', bearer(key));
    const at = new Date(Date.now() - 2000);
    const newer = await addEvent(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toEqual([`event ${newer}`]), 30_000);
    const late = await addEvent(api, { id: makeId('evt', at), received_at: at });
    await vi.waitFor(() => expect(messagesOf(reader)).toContain(`event ${late}`), 30_000);
    expect(messagesOf(reader)).toHaveLength(2);
    reader.stop();
  });

  test('goes on behind the row that was received last, the seconds before it once more', async () => {
    const again = await serveLive();
    const own = await again.makeKey(['read'], again.tenantId);
    const long = new Date(Date.now() - 20_000);
    await addEvent(again, { id: makeId('evt', long), received_at: long });
    const last = await addEvent(again);
    const missed = await addEvent(again);
    const delivery = await addDelivery(again);
    const headers = { ...bearer(own), 'Last-Event-ID': last };
    const reader = await listen(again, '/v1/live', headers);
    const next = await addEvent(again);
    await vi.waitFor(() => expect(messagesOf(reader)).toContain(`event ${next}`), 30_000);
    expect(messagesOf(reader)).toEqual([
      `event ${last}`,
      `event ${missed}`,
      `delivery ${delivery}`,
      `event ${next}`,
    ]);
    reader.stop();
    await again.close();
  });

  test('tells of a gap rather than sending more than 200 rows, then goes on', async () => {
    const reader = await listen(api, '/v1/live?topics=events', bearer(key));
    const id = await addEvent(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toHaveLength(1), 30_000);
    const [row] = await api.db('events').where({ id });
    if (!row) throw new Error('The event is gone');
    const rows = Array.from({ length: 250 }, () => {
      const received_at = new Date();
      return { ...row, id: makeId('evt', received_at), received_at };
    });
    await api.db('events').insert(rows);
    await vi.waitFor(
      () => expect(reader.text()).toContain('event: gap\ndata: {"topic":"events"}'),
      30_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 20)); // What is older than the gap is not new.
    const next = await addEvent(api);
    await vi.waitFor(() => expect(messagesOf(reader)).toContain(`event ${next}`), 30_000);
    reader.stop();
  });

  test.each([
    ['an unknown topic', '?topics=runs', 422],
    ['no topic', '?topics=', 422],
    ['a topic twice', '?topics=events,events', 422],
    ['an unknown parameter', '?topic=events', 422],
  ])('%s is refused', async (_, query, status) => {
    const answer = await api.fetch(`/v1/live${query}`, { headers: bearer(key) });
    expect(answer.status).toBe(status);
  });

  test('is for those with a key or a logged-in browser', async () => {
    expect((await api.fetch('/v1/live')).status).toBe(401);
    const none = await api.makeKey([]);
    expect((await api.fetch('/v1/live', { headers: bearer(none) })).status).toBe(403);
    const Cookie = await api.logIn();
    const reader = await listen(api, '/v1/live', { Cookie, 'Sec-Fetch-Site': 'same-origin' });
    expect(reader.response.status).toBe(200);
    reader.stop();
  });
});
