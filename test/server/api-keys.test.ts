import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let at = Date.now();
let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({ now: () => new Date(at) });
});
afterAll(async () => api.close());

const withKey = (key: unknown): Record<string, string> => ({
  Authorization: `Bearer ${String(key)}`,
  'Content-Type': 'application/json',
});

const make = async (body: object): Promise<Answer> => api.call('POST', '/v1/api-keys', body);

/** As the list shows it. */
async function shown(id: unknown): Promise<Record<string, unknown>> {
  const { body } = await api.call('GET', '/v1/api-keys');
  const data = body['data'] as Record<string, unknown>[];
  return data.find((row) => row['id'] === id) ?? {};
}

describe('POST /v1/api-keys', () => {
  test('makes a key that works, shown once', async () => {
    const { status, headers, body } = await make({ name: ' CI ', scopes: ['read'] });
    expect(status).toBe(201);
    expect(headers.get('Cache-Control')).toBe('no-store');
    const { key, ...rest } = body;
    expect(rest).toEqual({
      id: expect.stringMatching(/^key_/) as string,
      name: 'CI',
      scopes: ['read'],
      created_at: expect.any(String) as string,
      last_used_at: null,
      expires_at: null,
      revoked_at: null,
    });
    const used = await api.fetch('/v1/events', { headers: withKey(key) });
    expect(used.status).toBe(200);
    const list = await api.call('GET', '/v1/api-keys');
    expect(list.text).toContain(String(body['id']));
    expect(list.text).not.toMatch(/"key"|hash/);
    expect(list.text).not.toContain(String(key).slice(-43));
  });

  test.each([
    ['no name', { scopes: ['read'] }, '/name'],
    ['a blank name', { name: ' ', scopes: ['read'] }, '/name'],
    ['U+0000', { name: 'a\0', scopes: ['read'] }, '/name'],
    ['no scopes', { name: 'a', scopes: [] }, '/scopes'],
    ['an unknown scope', { name: 'a', scopes: ['admin'] }, '/scopes/0'],
    ['a scope twice', { name: 'a', scopes: ['read', 'read'] }, '/scopes'],
    [
      'an end in the past',
      { name: 'a', scopes: ['read'], expires_at: '2020-01-01T00:00:00Z' },
      '/expires_at',
    ],
    ["another's tenant", { name: 'a', scopes: ['read'], tenant_id: 'ten_1' }, '/tenant_id'],
  ])('refuses %s', async (_, body, pointer) => {
    const answer = await make(body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toMatchObject([{ pointer }]);
  });

  test('nobody gives away more than they have', async () => {
    const headers = withKey(await api.makeKey(['write'], api.tenantId));
    const post = (scopes: string[]): Promise<Answer> =>
      api.fetch('/v1/api-keys', {
        method: 'POST',
        headers,
        body: JSON.stringify({ name: 'a', scopes }),
      });
    expect((await post(['write'])).status).toBe(201);
    const { status, body } = await post(['write', 'read']);
    expect([status, body['type']]).toEqual([403, '/problems/scope-missing']);
  });

  test('a key that only reads makes none', async () => {
    const headers = withKey(await api.makeKey(['read'], api.tenantId));
    const body = JSON.stringify({ name: 'a', scopes: ['read'] });
    expect((await api.fetch('/v1/api-keys', { method: 'POST', headers, body })).status).toBe(403);
    expect((await api.fetch('/v1/api-keys', { headers })).status).toBe(200);
  });

  test('ends when it was told to, to the millisecond', async () => {
    const expires_at = new Date(at + 1000).toISOString();
    const { body } = await make({ name: 'short', scopes: ['read'], expires_at });
    expect(body['expires_at']).toBe(expires_at);
    const headers = withKey(body['key']);
    at += 999;
    expect((await api.fetch('/v1/events', { headers })).status).toBe(200);
    at += 1;
    const late = await api.fetch('/v1/events', { headers });
    expect([late.status, late.body['type']]).toEqual([401, '/problems/key-unknown']);
  });
});

describe('DELETE /v1/api-keys/{id}', () => {
  test('ends a key for good; again changes nothing', async () => {
    const { body } = await make({ name: 'gone', scopes: ['read'] });
    const path = `/v1/api-keys/${String(body['id'])}`;
    expect((await api.call('DELETE', path)).status).toBe(204);
    const { revoked_at } = await shown(body['id']);
    expect(revoked_at).toBe(new Date(at).toISOString());
    expect((await api.fetch('/v1/events', { headers: withKey(body['key']) })).status).toBe(401);
    at += 60_000;
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await shown(body['id'])).toMatchObject({ revoked_at });
    const { body: log } = await api.call('GET', `/v1/audit-log?subject=${String(body['id'])}`);
    expect(log['data']).toMatchObject([{ action: 'api_key.revoke' }, { action: 'api_key.create' }]);
  });

  test("another tenant's key is not there, as one that never was", async () => {
    const { body } = await make({ name: 'mine', scopes: ['read'] });
    const headers = withKey(await api.makeKey(['read', 'write']));
    for (const id of [String(body['id']), 'key_1']) {
      const { status } = await api.fetch(`/v1/api-keys/${id}`, { method: 'DELETE', headers });
      expect(status).toBe(404);
    }
    expect(await shown(body['id'])).toMatchObject({ revoked_at: null });
    const list = await api.fetch('/v1/api-keys', { headers });
    expect(list.body['data']).toMatchObject([{ name: 'test' }]);
  });

  test('a key may revoke itself', async () => {
    const { body } = await make({ name: 'self', scopes: ['read', 'write'] });
    const path = `/v1/api-keys/${String(body['id'])}`;
    const init = { method: 'DELETE', headers: withKey(body['key']) };
    expect((await api.fetch(path, init)).status).toBe(204);
    at += 5000;
    expect((await api.fetch(path, init)).status).toBe(401);
  });
});

describe('last_used_at', () => {
  test('is noted at most once a minute, after the request', async () => {
    const { body } = await make({ name: 'used', scopes: ['read'] });
    const { id, key } = body;
    let notes = 0;
    api.db.on('query', ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
      if (sql.startsWith('update "api_keys"') && bindings.includes(id)) notes += 1;
    });
    const use = (): Promise<Answer> => api.fetch('/v1/events', { headers: withKey(key) });
    const expectNote = async (): Promise<void> => {
      const last_used_at = new Date(at).toISOString();
      await vi.waitFor(async () => expect(await shown(id)).toMatchObject({ last_used_at }), 30_000);
    };
    await use();
    await expectNote();
    await use();
    at += 59_999;
    await use();
    at += 1;
    await use(); // The row as it was read a moment ago is still good.
    at += 5000;
    await use();
    await expectNote();
    expect(notes).toBe(2);
  });

  test('a use that cannot be noted fails nothing', async () => {
    const { body } = await make({ name: 'unlucky', scopes: ['read'] });
    await api.db.raw(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create trigger refuse before update on api_keys for each row execute function refuse()`);
    const headers = withKey(body['key']);
    expect((await api.fetch('/v1/events', { headers })).status).toBe(200);
    await api.db.raw('drop trigger refuse on api_keys');
  });
});
