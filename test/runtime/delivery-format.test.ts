import { describe, expect, test } from 'vitest';
import { formatEvent } from '../../src/runtime/delivery-format.ts';
import type { FormattedEvent } from '../../src/runtime/delivery-format.ts';
import { endpointRequest, shownHeaders } from '../../src/runtime/endpoint-request.ts';

const at = '2026-01-31T12:00:00.123Z';
const type = 'review.completed';

function eventWith(body: string, over: Partial<FormattedEvent> = {}): FormattedEvent {
  const received_at = new Date('2026-02-01T00:00:00Z');
  return { id: 'evt_1', tenant_id: 'ten_1', type, body: Buffer.from(body), received_at, ...over };
}

/** As publishing writes it. */
function published(data: string): FormattedEvent {
  return eventWith(`{"type":"${type}","timestamp":"${at}","data":${data},"id":"evt_1"}`);
}

/** What parsing and writing anew would change: a large number, an exponent, a key twice, blanks. */
const exact = '{ "n": 12345678901234567890, "e": 1E400, "b": 1.0, "b": {"data":",\\"id\\":"}}';

describe('formatEvent()', () => {
  test('standard is the stored bytes', () => {
    const event = published(exact);
    const { body, headers } = formatEvent(event, 'standard');
    expect(body).toBe(event.body);
    expect(headers).toEqual({ 'content-type': 'application/json' });
  });

  test('cloudevents-structured wraps the data as it is stored', () => {
    const { body, headers } = formatEvent(published(exact), 'cloudevents-structured');
    expect(body.toString()).toBe(
      `{"specversion":"1.0","id":"evt_1","source":"/durahook/ten_1","type":"review.completed","time":"${at}","datacontenttype":"application/json","data":${exact}}`,
    );
    expect(headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=utf-8' });
  });

  test('cloudevents-binary is the data as it is stored, and headers', () => {
    const { body, headers } = formatEvent(published(exact), 'cloudevents-binary');
    expect(body.toString()).toBe(exact);
    expect(headers).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'evt_1',
      'ce-source': '/durahook/ten_1',
      'ce-type': 'review.completed',
      'ce-time': at,
      'content-type': 'application/json',
    });
  });

  test.each([
    ['null', 'null'],
    ['a text', '"已完成 ✅"'],
    ['an array', '[1,2]'],
    ['a text that looks like the end', '",\\"id\\":\\"evt_1\\"}"'],
  ])('data that is %s stays', (_, data) => {
    expect(formatEvent(published(data), 'cloudevents-binary').body.toString()).toBe(data);
  });

  test.each([
    [
      'other fields behind the data',
      `{"type":"${type}","timestamp":"${at}","data":{"a":1},"x":2,"id":"evt_1"}`,
    ],
    ['another order', '{"id":"evt_1","data":{"a":1}}'],
    ['another id', `{"type":"${type}","timestamp":"${at}","data":{"a":1},"id":"evt_2"}`],
    ['another type', `{"type":"a.b","timestamp":"${at}","data":{"a":1},"id":"evt_1"}`],
    [
      'a timestamp of another form',
      `{"type":"${type}","timestamp":"now","data":{"a":1},"id":"evt_1"}`,
    ],
  ])('a body with %s is read, and its time is that of the event', (_, body) => {
    const formatted = formatEvent(eventWith(body), 'cloudevents-binary');
    expect(formatted.body.toString()).toBe('{"a":1}');
    expect(formatted.headers['ce-time']).toBe('2026-02-01T00:00:00.000Z');
  });

  test('a body that has no data is the data', () => {
    expect(formatEvent(eventWith('[1]'), 'cloudevents-binary').body.toString()).toBe('[1]');
  });

  test.each([
    ['a b', 'a%20b'],
    ['100%', '100%25'],
    ['"q"', '%22q%22'],
    ['Euro €', 'Euro%20%E2%82%AC'],
    ['😀\r\n', '%F0%9F%98%80%0D%0A'],
    ["a.b-c_d~!#$&'()*+,/:;=?@[]", "a.b-c_d~!#$&'()*+,/:;=?@[]"],
  ])('a header value %j is written %s', (value, written) => {
    const event = eventWith('{}', { type: value });
    expect(formatEvent(event, 'cloudevents-binary').headers['ce-type']).toBe(written);
  });
});

describe('endpointRequest()', () => {
  const startedAt = new Date('2026-01-31T12:00:01Z');
  const parts = {
    event: { ...published('{"a":1}'), traceparent: null },
    webhookId: 'dlv_1',
    secrets: ['whsec_c2VjcmV0'],
    userAgent: 'Durahook/test',
    number: 2,
    startedAt,
    authorization: null,
    isTest: false,
  } as const;

  test.each(['standard', 'cloudevents-structured', 'cloudevents-binary'] as const)(
    'of %s has our headers, and the same bytes every time',
    (format) => {
      const endpoint = { format, headers: { 'x-team': 'a' } };
      const request = endpointRequest({ ...parts, endpoint });
      expect(request.headers).toMatchObject({
        'webhook-id': 'dlv_1',
        'webhook-timestamp': '1769860801',
        'x-webhook-event': 'review.completed',
        'x-webhook-attempt': '2',
        'x-team': 'a',
      });
      expect(endpointRequest({ ...parts, endpoint })).toEqual(request);
    },
  );

  test('the own headers of an endpoint never replace or stand in for one of ours', () => {
    const wanted = {
      'content-type': 'text/plain',
      'content-length': '1',
      host: 'evil.example',
      'transfer-encoding': 'chunked',
      'user-agent': 'x',
      'webhook-id': 'x',
      'webhook-signature': 'x',
      'x-webhook-signature': 'x',
      'x-webhook-test': 'true',
      'ce-id': 'x',
      traceparent: 'x',
      authorization: 'x',
      'x-api-key': 'kept',
    };
    const endpoint = { format: 'standard', headers: wanted } as const;
    const { headers } = endpointRequest({ ...parts, endpoint, authorization: 'Bearer t' });
    const bare = endpointRequest({ ...parts, endpoint: { ...endpoint, headers: {} } });
    expect(headers).toEqual({
      ...bare.headers,
      authorization: 'Bearer t',
      'x-api-key': 'kept',
    });
  });

  test('shownHeaders() hides what is in authorization, and adds none', () => {
    expect(shownHeaders({ authorization: 'Bearer t', a: 'b' })).toEqual({
      authorization: '***',
      a: 'b',
    });
    expect(shownHeaders({ a: 'b' })).toEqual({ a: 'b' });
  });
});
