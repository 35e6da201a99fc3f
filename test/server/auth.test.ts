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
      { headers, method: 'PATCH', body: '{"state":"disabled"}' },
      { headers, method: 'DELETE' },
    ];
    for (const init of requests) expect((await api.fetch(path, init)).status).toBe(404);
    expect((await api.call('GET', path)).body).toMatchObject({ state: 'enabled' });
    expect((await api.fetch('/v1/endpoints', { headers })).body).toMatchObject({ data: [] });
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
