import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
const published: unknown[] = [];
beforeAll(async () => {
  api = await serveApi({
    publish: async (input) => {
      published.push(input);
      return { eventId: 'evt_9', status: 'accepted', deliveries: 3, skipped: 0 };
    },
  });
});
afterAll(async () => api.close());

const endpoint = { url: 'https://example.com/hook', event_types: ['session.*'] };

describe('mount()', () => {
  test('an accepted event is answered 202 with its address', async () => {
    const { status, headers, body } = await api.call('POST', '/v1/events', {
      type: 'session.created',
      data: { session_id: 's' },
    });
    expect(status).toBe(202);
    expect(headers.get('Location')).toBe('/v1/events/evt_9');
    expect(body).toEqual({
      id: 'evt_9',
      type: 'session.created',
      status: 'accepted',
      deliveries: 3,
      skipped: 0,
    });
    expect(published).toEqual([
      {
        tenantId: api.tenantId,
        type: 'session.created',
        data: { session_id: 's' },
        traceparent: null,
      },
    ]);
  });

  test.each([
    ['cut off', '{"url":'],
    ['not UTF-8 text', '\u0000'],
    ['empty', ''],
  ])('a body that is %s is answered 400 malformed-json', async (_, body) => {
    const answer = await api.call('POST', '/v1/endpoints', body);
    expect([answer.status, answer.body['type']]).toEqual([400, '/problems/malformed-json']);
  });

  test('__proto__ is an unknown field like any other, and pollutes nothing', async () => {
    const text = '{"__proto__":{"admin":true},"url":"https://example.com/","event_types":["*"]}';
    const { status, body } = await api.call('POST', '/v1/endpoints', text);
    expect(status).toBe(422);
    expect(body['errors']).toEqual([{ pointer: '/__proto__', detail: 'Unknown field' }]);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  test('each mistake in a body is named by its pointer', async () => {
    const { status, body } = await api.call('POST', '/v1/endpoints', {
      url: 7,
      event_types: ['*', 1],
      'a/b': 1,
    });
    expect(status).toBe(422);
    const errors = body['errors'] as { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/a~1b',
      '/event_types/1',
      '/url',
    ]);
  });

  test.each([
    ['?limit=0', '?limit'],
    ['?limit=201', '?limit'],
    ['?limit=x', '?limit'],
    ['?limit=1&limit=2', '?limit'],
    ['?cursor=%00', '?cursor'],
    ['?colour=red', '?colour'],
    ['?__proto__=1', '?__proto__'],
  ])('the query %s is answered 422 naming the parameter', async (query, pointer) => {
    const { status, body } = await api.call('GET', `/v1/events${query}`);
    expect(status).toBe(422);
    expect(body['errors']).toEqual([expect.objectContaining({ pointer })]);
  });

  test('a body over 1 MiB is answered 413, another type 415, a coded one 415', async () => {
    const large = { ...endpoint, description: 'x'.repeat(1_048_576) };
    expect((await api.call('POST', '/v1/endpoints', large)).status).toBe(413);
    const headers = { Authorization: `Bearer ${await api.makeKey(['write'])}` };
    const init = { method: 'POST', headers, body: JSON.stringify(endpoint) };
    expect((await api.fetch('/v1/endpoints', init)).status).toBe(415);
    const coded = { ...headers, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    expect((await api.fetch('/v1/endpoints', { ...init, headers: coded })).status).toBe(415);
  });

  test('a body nested deeper than 64 levels is answered 422', async () => {
    const nest = (levels: number): string =>
      `{"type":"custom.x","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect((await api.call('POST', '/v1/events', nest(63))).status).toBe(202);
    expect((await api.call('POST', '/v1/events', nest(64))).status).toBe(422);
    expect((await api.call('POST', '/v1/events', nest(200_000))).status).toBe(422);
  });

  test.each([
    ['an unknown address', '/v1/nothing'],
    ['a slash too many', '/v1/events/'],
    ['NUL in an id', '/v1/events/%00'],
    ['a bad escape in an id', '/v1/events/%zz'],
    ['a path out of an id', '/v1/events/..%2f..'],
    ['a name of Object', '/v1/events/__proto__'],
  ])('%s is answered 404', async (_, path) => {
    const answer = await api.call('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('Content-Type')).toContain('application/problem+json');
  });

  test('a method nobody serves is answered 405 with those there are', async () => {
    const { status, headers } = await api.call('PUT', '/v1/events');
    expect(status).toBe(405);
    expect(headers.get('Allow')).toBe('GET, HEAD, POST');
  });
});

describe('makeRenderProblem()', () => {
  test('a bug is answered 500 with the request id and nothing of the bug', async () => {
    const broken = await serveApi({
      publish: async () => {
        throw new Error('the table is on fire');
      },
    });
    const { status, headers, text, body } = await broken.call('POST', '/v1/events', {
      type: 'x',
      data: 1,
    });
    expect([status, body['request_id']]).toEqual([500, headers.get('X-Request-Id')]);
    expect(text).not.toMatch(/fire|stack|\.ts/);
    await broken.close();
  });

  test('a lost database is answered 503 with Retry-After', async () => {
    const away = await serveApi({
      publish: async () => {
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      },
    });
    const { status, headers, body } = await away.call('POST', '/v1/events', { type: 'x', data: 1 });
    expect([status, body['type']]).toEqual([503, '/problems/unavailable']);
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    await away.close();
  });

  test('no answer can be taken for a page', async () => {
    const { headers } = await api.call('GET', '/v1/events');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  });
});
