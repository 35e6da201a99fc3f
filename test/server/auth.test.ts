import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApiKey } from '../../src/runtime/api-key.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const bearer = (key: string): RequestInit => ({ headers: { Authorization: `Bearer ${key}` } });

describe('makeAuthenticate()', () => {
  test.each([
    ['no header', {}],
    ['another scheme', { headers: { Authorization: 'Basic YTpi' } }],
  ])('answers 401 key-missing to %s', async (_, init) => {
    const { status, headers, body } = await api.fetch('/v1/events', init);
    expect(status).toBe(401);
    expect(headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(body).toMatchObject({ type: '/problems/key-missing' });
    expect(body['request_id']).toBe(headers.get('X-Request-Id'));
  });

  test('answers 401 key-unknown to a key that was never made, or is another in its last byte', async () => {
    const good = await api.makeKey(['read']);
    const wrong = good.slice(0, -1) + (good.endsWith('A') ? 'B' : 'A');
    expect((await api.fetch('/v1/events', bearer(good))).status).toBe(200);
    for (const key of [wrong, makeApiKey().key, 'dh_x', "dh_key_'--"]) {
      const { status, body } = await api.fetch('/v1/events', bearer(key));
      expect([status, body['type']]).toEqual([401, '/problems/key-unknown']);
    }
  });

  test('answers 403 to a key without the scope', async () => {
    const readOnly = bearer(await api.makeKey(['read']));
    const writeOnly = bearer(await api.makeKey(['write']));
    const post = await api.fetch('/v1/endpoints', { ...readOnly, method: 'POST' });
    expect([post.status, post.body['type']]).toEqual([403, '/problems/scope-missing']);
    expect((await api.fetch('/v1/endpoints', writeOnly)).status).toBe(403);
  });

  test('a revoked key stops working within the five seconds of the cache', async () => {
    let at = Date.now();
    const clocked = await serveApi({ now: () => new Date(at) });
    const init = bearer(await clocked.makeKey(['read']));
    expect((await clocked.fetch('/v1/events', init)).status).toBe(200);
    await clocked.db('api_keys').update({ revoked_at: new Date() });
    at += 5001;
    expect((await clocked.fetch('/v1/events', init)).status).toBe(401);
    await clocked.close();
  });

  test("another tenant's endpoint is not there, to read, change or delete", async () => {
    const made = await api.call('POST', '/v1/endpoints', {
      url: 'https://example.com/',
      event_types: ['*'],
    });
    const path = `/v1/endpoints/${String(made.body['id'])}`;
    const key = await api.makeKey(['read', 'write']);
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const requests: RequestInit[] = [
      { headers },
      { headers, method: 'PATCH', body: '{"description":"theirs"}' },
      { headers, method: 'DELETE' },
    ];
    for (const init of requests) expect((await api.fetch(path, init)).status).toBe(404);
    expect((await api.call('GET', path)).body).toMatchObject({ description: null });
    expect((await api.fetch('/v1/endpoints', { headers })).body).toMatchObject({ data: [] });
  });

  describe('for a logged-in browser', () => {
    /** A cookie, and what a browser says of the page that asks. */
    async function from(headers: Record<string, string>, method = 'POST'): Promise<RequestInit> {
      const own = Object.entries(headers).map(([name, value]): [string, string] => [
        name,
        value.replace('own', new URL(api.origin).host),
      ]);
      return { method, headers: [['Cookie', await api.logIn()], ...own] };
    }

    test('does what the console asks for, as its tenant, with every scope', async () => {
      const made = await api.call('POST', '/v1/endpoints', {
        url: 'https://example.com/browser',
        event_types: ['*'],
      });
      const path = `/v1/endpoints/${String(made.body['id'])}`;
      const read = await api.fetch(path, await from({}, 'GET'));
      expect([read.status, read.body]).toMatchObject([200, { id: made.body['id'] }]);
      expect((await api.fetch(path, await from({}, 'HEAD'))).status).toBe(200);
      const stranger = { headers: { Cookie: await api.logIn(await api.makeTenant()) } };
      expect((await api.fetch(path, stranger)).status).toBe(404);
      const deleted = await api.fetch(
        path,
        await from({ 'Sec-Fetch-Site': 'same-origin' }, 'DELETE'),
      );
      expect(deleted.status).toBe(204);
    });

    test.each([
      ['our page', { 'Sec-Fetch-Site': 'same-origin' }, 201],
      ['our page, in an old browser', { Origin: 'http://own' }, 201],
      ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
      ['another port of this host', { 'Sec-Fetch-Site': 'same-site' }, 403],
      ['the address bar', { 'Sec-Fetch-Site': 'none' }, 403],
      [
        'another site that says it is ours',
        { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://own' },
        403,
      ],
      ['another site, in an old browser', { Origin: 'https://evil.example' }, 403],
      ['a name that begins like ours', { Origin: 'http://own.evil.example' }, 403],
      ['a page without an origin', { Origin: 'null' }, 403],
      ['nobody knows where', {}, 403],
    ])('a change without a body that comes from %s', async (_, headers, status) => {
      const count = async (): Promise<number> => (await api.db('login_links')).length;
      const init = await from(headers);
      const before = await count();
      const answer = await api.fetch('/v1/login-links', init);
      expect([answer.status, (await count()) - before]).toEqual([status, status === 201 ? 1 : 0]);
      expect(answer.body['type']).toBe(status === 403 ? '/problems/cross-site' : undefined);
    });

    test('a form of another kind than JSON is refused, even from our own page', async () => {
      const init = await from({
        'Sec-Fetch-Site': 'same-origin',
        'Content-Type': 'text/plain',
      });
      const body = JSON.stringify({ name: 'a', scopes: ['read'] });
      expect((await api.fetch('/v1/api-keys', { ...init, body })).status).toBe(415);
    });

    test('addresses and methods that are not there are judged in the same way', async () => {
      const foreign = await from({ 'Sec-Fetch-Site': 'cross-site' });
      expect((await api.fetch('/v1/nothing', foreign)).status).toBe(403);
      const own = await from({ 'Sec-Fetch-Site': 'same-origin' });
      expect((await api.fetch('/v1/nothing', own)).status).toBe(404);
      expect((await api.fetch('/v1/event-types', own)).status).toBe(405);
    });

    test('a header Authorization is judged alone', async () => {
      const Cookie = await api.logIn();
      for (const Authorization of ['Bearer dh_x', 'Basic YTpi', '']) {
        const { status } = await api.fetch('/v1/events', { headers: { Cookie, Authorization } });
        expect([Authorization, status]).toEqual([Authorization, 401]);
      }
      const key = await api.makeKey(['read', 'write'], api.tenantId);
      const headers = {
        Cookie: '__Host-durahook_session=1.2.ten_x.y',
        Authorization: `Bearer ${key}`,
        'Sec-Fetch-Site': 'cross-site',
      };
      expect((await api.fetch('/v1/login-links', { method: 'POST', headers })).status).toBe(201);
    });

    test('a session is renewed by use, and ends after eight hours without any', async () => {
      let at = Date.now();
      const clocked = await serveApi({ now: () => new Date(at) });
      const init = { headers: { Cookie: await clocked.logIn() } };
      at += 600_001;
      const renewed = await clocked.fetch('/v1/events', init);
      expect(renewed.headers.get('Set-Cookie')).toContain('Max-Age=28800');
      at += 8 * 3_600_000;
      const late = await clocked.fetch('/v1/events', init);
      expect([late.status, late.body['type']]).toEqual([401, '/problems/login-needed']);
      await clocked.close();
    });
  });

  test('every address under /v1 but the webhooks asks for a key', async () => {
    const { body } = await api.fetch('/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, unknown>>;
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        const { status } = await api.fetch(path.replaceAll(/\{\w+\}/g, 'x_1'), {
          method: method.toUpperCase(),
        });
        expect([method, path, status]).toEqual([method, path, 401]);
      }
    }
    expect((await api.fetch('/v1/nothing')).status).toBe(401);
  });
});
