import { describe, expect, test, vi } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import { matchEndpoint, matchEndpoints } from '../../src/runtime/endpoint-matching.ts';
import { endpointScopeOf } from '../../src/runtime/endpoint-expressions.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';

const timestamp = '2026-01-31T12:00:00.000Z';

function eventOf(data: unknown, type = 'session.finished'): Event {
  const id = 'evt_1';
  return {
    id,
    tenantId: 'ten_1',
    direction: 'outbound',
    source: 'platform',
    type,
    integrationId: null,
    dedupeId: null,
    receivedAt: new Date(timestamp),
    contentType: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from(JSON.stringify({ type, timestamp, data, id })),
    traceparent: null,
    depth: 0,
  };
}

type Settings = Partial<Pick<EndpointRow, 'id' | 'event_types' | 'filter' | 'order_by'>>;

const endpointOf = (settings: Settings): EndpointRow =>
  ({ id: 'ep_1', event_types: ['*'], filter: null, order_by: null, ...settings }) as EndpointRow;

function planned(data: unknown, settings: Settings) {
  return matchEndpoints(eventOf(data), [endpointOf(settings)]).map(({ orderKey, failure }) => ({
    orderKey,
    failure,
  }));
}

const sent = [{ orderKey: null, failure: null }];

describe('matchEndpoints()', () => {
  test.each<[Settings, unknown]>([
    [{}, sent],
    [{ event_types: ['session.created'] }, []],
    [{ event_types: ['session.*'] }, sent],
    [{ filter: 'body.data.cost > 1.0' }, sent],
    [{ filter: 'body.data.cost > 2.0' }, []],
    [{ filter: 'data.cost > 1.0' }, sent],
    [{ filter: 'event.type == "session.finished" && event.source == "platform"' }, sent],
    [{ filter: 'body.type == event.type && body.id == event.id' }, sent],
    [{ filter: 'event.tenant_id == "ten_2"' }, []],
    // Not for its types: its filter is not asked.
    [{ event_types: ['tool.*'], filter: 'data.nothing == 1.0' }, []],
  ])('%j', (settings, expected) => {
    expect(planned({ cost: 1.5 }, settings)).toEqual(expected);
  });

  test('a filter without a value makes a delivery that is skipped and says why', () => {
    const [missing] = planned({}, { filter: 'data.cost > 1.0', order_by: 'event.id' });
    expect(missing?.failure).toMatch(/^filter_error: .*cost/);
    expect(missing?.orderKey).toBeNull();
    const [text] = planned({ cost: 'dear' }, { filter: 'data.cost' });
    expect(text?.failure).toBe('filter_error: Must give a bool, and gave string');
  });

  test('the reason is at most 300 characters, and such as the database keeps', () => {
    const [long] = planned({}, { filter: `data["${'a'.repeat(400)}"] == 1.0` });
    expect(long?.failure).toHaveLength(300);
    const [odd] = planned({}, { filter: 'data["\\u0000x"] == 1.0' });
    expect(odd?.failure).not.toContain('\0');
  });

  test.each<[string, unknown, string | null]>([
    ['data.session_id', { session_id: 'ses_1' }, 'ses_1'],
    ['body.data.session_id', { session_id: 'ses_1' }, 'ses_1'],
    ['data.count', { count: 7 }, '7'],
    ['data.is_last', { is_last: false }, 'false'],
    ['data.session_id + "/" + event.type', { session_id: 'a' }, 'a/session.finished'],
    ['data.session_id', {}, null],
    ['data.session_id', { session_id: null }, null],
    ['data.session_id', { session_id: { deep: 1 } }, null],
    ['data.session_id', { session_id: 'x'.repeat(200) }, 'x'.repeat(200)],
  ])('orders %s of %j by %j', (order_by, data, orderKey) => {
    expect(planned(data, { order_by })).toEqual([{ orderKey, failure: null }]);
  });

  test('a key that can not be stored as it is is stored as its digest, always the same', () => {
    const keyOf = (session_id: string): string | null | undefined =>
      planned({ session_id }, { order_by: 'data.session_id' })[0]?.orderKey;
    expect(keyOf('x'.repeat(201))).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(keyOf('x'.repeat(201))).toBe(keyOf('x'.repeat(201)));
    expect(keyOf('x'.repeat(201))).not.toBe(keyOf('x'.repeat(202)));
    expect(keyOf('a\0b')).toMatch(/^sha256:/);
  });

  test('the body is not read when no endpoint has an expression, and once when many have', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const event = eventOf({ cost: 1 });
    const plain = Array.from({ length: 3 }, () => endpointOf({}));
    expect(matchEndpoints(event, plain)).toHaveLength(3);
    expect(parse).not.toHaveBeenCalled();
    const asking = Array.from({ length: 3 }, () => endpointOf({ filter: 'data.cost == 1.0' }));
    expect(matchEndpoints(event, asking)).toHaveLength(3);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  test('when the expressions take too long the rest is skipped, not left out', () => {
    const endpoints = [endpointOf({ filter: 'true' }), endpointOf({})];
    const failures = matchEndpoints(eventOf({}), endpoints, -1).map(({ failure }) => failure);
    expect(failures).toEqual([expect.stringMatching(/^filter_error: .*too long/), null]);
  });

  test.each<[Settings, readonly unknown[]]>([
    [{ order_by: 'event.id' }, [{ orderKey: null, failure: null }]],
    [{ event_types: ['tool.*'], filter: 'true' }, []],
  ])('when they take too long, what needs no filter is as it is: %j', (settings, expected) => {
    const found = matchEndpoints(eventOf({}), [endpointOf(settings)], -1);
    expect(found.map(({ orderKey, failure }) => ({ orderKey, failure }))).toEqual(expected);
  });
});

describe('matchEndpoint()', () => {
  test('says why an event is not for an endpoint', () => {
    const event = eventOf({ cost: 1 });
    const judge = (settings: Settings): unknown =>
      matchEndpoint(endpointOf(settings), event.type, () => endpointScopeOf(event));
    expect(judge({ event_types: ['tool.*'] })).toEqual({
      kind: 'unwanted',
      why: '"session.finished" is none of its event types',
    });
    expect(judge({ filter: 'false' })).toEqual({ kind: 'unwanted', why: 'Its filter is false' });
    expect(judge({})).toEqual({ kind: 'sent', orderKey: null });
  });
});
