import { describe, expect, test } from 'vitest';
import { base, hostileApi, pointersOf } from './hostile-api.ts';
import { hostileSettings } from './hostile-settings.ts';

const { api, own, refused } = hostileApi();

describe('a setting of an endpoint that can not be', () => {
  test.each(hostileSettings)('%s is refused at its place', async (_, settings, pointer) => {
    const whole = typeof settings === 'string' ? settings : { ...base, ...settings };
    const path = own('/v1/endpoints/{ep}');
    for (const request of [
      ['POST', '/v1/endpoints', whole],
      ['PATCH', path, settings],
    ] as const) {
      const answer = await refused(request, 422);
      expect([...new Set(pointersOf(answer))]).toEqual([pointer]);
    }
  });

  test('is told with every other mistake of the request', async () => {
    const wrong = {
      url: 'https://user:hunter2@example.com/',
      event_types: ['session.craeted', '*'],
      filter: 'data.a ==',
      order_by: 'nobody.a',
      headers: { Host: 'a', 'x-a': 'a\r\nb' },
      auth: { kind: 'oauth2', token_url: 'ftp://a/', client_id: 'a', client_secret: 'b' },
      rate_limit: 0,
      colour: 'red',
    };
    const pointers = [
      '/auth/token_url',
      '/colour',
      '/event_types/0',
      '/filter',
      '/headers/Host',
      '/headers/x-a',
      '/order_by',
      '/rate_limit',
      '/url',
    ];
    for (const request of [
      ['POST', '/v1/endpoints', wrong],
      ['PATCH', own('/v1/endpoints/{ep}'), wrong],
    ] as const) {
      const answer = await refused(request, 422);
      expect(answer.body['type']).toBe('/problems/invalid-request');
      expect(pointersOf(answer).toSorted()).toEqual(pointers);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  test('two that contradict others are told together', async () => {
    const auth = { kind: 'bearer', token: 'a' };
    const made = await api().call('POST', '/v1/endpoints', { ...base, auth });
    const row = api()
      .db('endpoints')
      .where({ id: String(made.body['id']) });
    await row.update({ auth: { kind: 'mtls', subject: 'a', valid_to: '2999-01-01T00:00:00Z' } });
    const change = { url: 'http://example.com/', ack_window: '1s' };
    const answer = await refused(
      ['PATCH', `/v1/endpoints/${String(made.body['id'])}`, change],
      422,
    );
    expect(pointersOf(answer)).toEqual(['/ack_window', '/url']);
  });

  test('a URL or a type alone has a problem of its own', async () => {
    const url = await refused(['POST', '/v1/endpoints', { ...base, url: 'ftp://a/' }], 422);
    expect(url.body['type']).toBe('/problems/url-refused');
    const types = { ...base, event_types: ['session.craeted', 'no.such'] };
    const type = await refused(['POST', '/v1/endpoints', types], 422);
    expect(type.body['type']).toBe('/problems/unknown-event-type');
    expect(pointersOf(type)).toEqual(['/event_types/0', '/event_types/1']);
  });

  test('of a hundred thousand mistakes a hundred are told', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [n, 1]));
    const answer = await refused(['POST', '/v1/endpoints', { ...base, ...many }], 422);
    expect(pointersOf(answer)).toHaveLength(100);
    expect(answer.text.length).toBeLessThan(20_000);
  });
});

/** Each with a body that it would take. */
const writes: readonly (readonly [string, string, object])[] = [
  ['POST', '/v1/endpoints', base],
  ['PATCH', '/v1/endpoints/{ep}', { description: 'a' }],
  ['POST', '/v1/endpoints/{ep}/secrets', {}],
  ['POST', '/v1/endpoints/{ep}/test-events', {}],
  ['POST', '/v1/endpoints/{ep}/resume', {}],
  ['POST', '/v1/deliveries/{dlv}/cancel', {}],
  ['POST', '/v1/deliveries/{dlv}/hold', {}],
  ['POST', '/v1/deliveries/attempt-now', { ids: ['a'] }],
  ['POST', '/v1/deliveries/cancel', { ids: ['a'] }],
  ['POST', '/v1/deliveries/hold', { ids: ['a'] }],
  ['POST', '/v1/deliveries/redrive', { ids: ['a'] }],
  ['POST', '/v1/dead-letters/redrive', { ids: ['a'] }],
  ['POST', '/v1/dead-letters/discard', { ids: ['a'], reason: 'a' }],
];

describe.each(writes)('%s %s', (method, path, good) => {
  test.each(['[]', '"x"', 'null', '7'])('does not take %s', async (body) => {
    expect(pointersOf(await refused([method, own(path), body], 422))).toEqual(['']);
  });

  test.each(['{"url":', '\u0001', '{"a":1}}'])('does not take %j', async (body) => {
    const answer = await refused([method, own(path), body], 400);
    expect(answer.body['type']).toBe('/problems/malformed-json');
  });

  test('takes no field that it does not know, and nothing but JSON of 1 MiB', async () => {
    const unknown = await refused([method, own(path), { ...good, colour: 'red' }], 422);
    expect(pointersOf(unknown)).toEqual(['/colour']);
    const large = await refused([method, own(path), { a: 'x'.repeat(1_048_577) }], 413);
    expect(large.body['detail']).toContain('1048576 bytes');
    const headers = { Authorization: `Bearer ${await api().makeKey(['write'], api().tenantId)}` };
    const init = { method, headers, body: new URLSearchParams({ url: 'a' }) };
    expect((await api().fetch(own(path), init)).status).toBe(415);
  });
});

test('what is wrong with JSON is told by its place, and not by what stands there', async () => {
  const body = '{"auth": {"kind": "bearer", "token": hunter2hunter2}}';
  const answer = await refused(['POST', '/v1/endpoints', body], 400);
  expect(answer.text).not.toContain('hunter2');
});
