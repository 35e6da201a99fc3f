import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLoginLink } from '../../server/login-link.ts';
import { makeLoginRate } from '../../server/login-rate.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let at = Date.now();
const now = (): Date => new Date(at);
const loginSecret = randomBytes(32);

/** Two servers of one installation, reached over https, and one that is reached over http. */
let api: ServedApi;
let other: ServedApi;
let plain: ServedApi;
beforeAll(async () => {
  api = await serveApi({ now, loginSecret });
  other = await serveApi({ db: api.db, now, loginSecret });
  plain = await serveApi({ now, publicUrl: 'http://127.0.0.1:8080' });
});
afterAll(async () => {
  await other.close().catch(() => undefined); // The database is closed once, by the first.
  await api.close();
  await plain.close();
});

/** The path of a new link. */
async function link(): Promise<string> {
  const options = { tenantId: api.tenantId, actor: 'test', publicUrl: '', now: now() };
  return (await makeLoginLink(api.db, options)).url;
}

const asOf = (cookie: string): RequestInit => ({ headers: { Cookie: cookie } });

describe('POST /v1/login-links', () => {
  test('makes a link that any server takes, once, and leads to the console', async () => {
    const { status, body } = await api.call('POST', '/v1/login-links');
    expect([status, body]).toEqual([
      201,
      {
        url: expect.stringMatching(
          /^https:\/\/durahook\.example\/login\?token=[\w-]{43}$/,
        ) as string,
        expires_at: new Date(at + 15 * minuteMs).toISOString(),
      },
    ]);
    const { pathname, search } = new URL(String(body['url']));
    const first = await other.fetch(pathname + search);
    expect([first.status, first.headers.get('Location')]).toEqual([303, '/console/']);
    const second = await api.fetch(pathname + search);
    expect([second.status, second.headers.get('Set-Cookie')]).toEqual([401, null]);
    expect(second.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(second.text).toContain('npx durahook login-link');
    expect(second.text).not.toContain('<script');
  });

  test.each([[['read']], [['write']]])('refuses a key with the scope %s alone', async (scopes) => {
    const headers = { Authorization: `Bearer ${await api.makeKey(scopes)}` };
    const { status, body } = await api.fetch('/v1/login-links', { method: 'POST', headers });
    expect([status, body['type']]).toEqual([403, '/problems/scope-missing']);
  });

  test('keeps the token as its hash, and both steps in the audit log', async () => {
    const { body } = await api.call('POST', '/v1/login-links');
    const token = String(body['url']).split('=')[1] ?? '';
    const rows = JSON.stringify(await api.db('login_links'));
    expect(rows).not.toContain(token);
    await api.fetch(`/login?token=${token}`);
    const log = await api.call('GET', '/v1/audit-log?limit=2');
    expect(log.body['data']).toMatchObject([
      { action: 'login_link.use', actor: 'console' },
      { action: 'login_link.create', actor: expect.stringMatching(/^key_/) as string },
    ]);
    expect(log.text).not.toContain(token);
  });
});

describe('makeLogin()', () => {
  test('one of many that open a link at once is logged in', async () => {
    const path = await link();
    const servers = [api, other, api, other, api, other];
    const answers = await Promise.all(servers.map((server) => server.fetch(path)));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([303, 401, 401, 401, 401, 401]);
  });

  test('a link of 15 minutes ago is too old, one of a moment less is not', async () => {
    const [first, second] = [await link(), await link()];
    at += 15 * minuteMs - 1;
    expect((await api.fetch(first)).status).toBe(303);
    at += 1;
    expect((await api.fetch(second)).status).toBe(401);
  });

  test.each([
    ['HEAD', { method: 'HEAD' }, 200],
    ['a prefetch', { headers: { 'Sec-Purpose': 'prefetch;prerender' } }, 503],
    ['POST', { method: 'POST' }, 405],
  ])('%s does not use a link up', async (_, init, status) => {
    const path = await link();
    const looked = await api.fetch(path, init);
    expect([looked.status, looked.headers.get('Set-Cookie')]).toEqual([status, null]);
    expect((await api.fetch(path)).status).toBe(303);
  });

  test.each([
    ['/temporal/namespaces?x=1#top', '/temporal/namespaces?x=1#top'],
    ['/console/events/evt_1', '/console/events/evt_1'],
    ['/console//evil.example', '/console//evil.example'],
    ['//evil.example', '/console/'],
    ['/\\evil.example', '/console/'],
    ['\\\\evil.example', '/console/'],
    ['/\t/evil.example', '/console/'],
    ['https://evil.example/console/', '/console/'],
    ['https:/console/', '/console/'],
    ['javascript:alert(1)//console/', '/console/'],
    ['//evil.example/console/', '/console/'],
    ['/console/../..', '/console/'],
    ['/console/..//evil.example', '/console/'],
    ['/console/%2e%2e//evil.example', '/console/'],
    ['/console/\r\nSet-Cookie: a=b', '/console/'],
    ['/console@evil.example', '/console/'],
    ['/v1/events', '/console/'],
    ['console/', '/console/'],
    ['', '/console/'],
  ])('next=%j leads to %s', async (next, place) => {
    const { status, headers } = await api.fetch(`${await link()}&next=${encodeURIComponent(next)}`);
    expect([status, headers.get('Location')]).toEqual([303, place]);
  });

  test('ten failures in a minute are enough, also for many at once; a good link works all the same', async () => {
    const own = await serveApi({ now });
    const tries = Array.from({ length: 30 }, async () => own.fetch('/login?token=bad'));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    const limited = await own.fetch('/login?token=bad');
    expect([limited.status, limited.headers.get('Retry-After')]).toEqual([429, '60']);
    expect(await own.logIn()).toContain('durahook_session=');
    at += minuteMs;
    expect((await own.fetch('/login?token=bad')).status).toBe(401);
    await own.close();
  });

  test('good links do not count as failures', async () => {
    const own = await serveApi({ now });
    for (let count = 0; count < 11; count += 1) expect(await own.logIn()).not.toBe('');
    await own.close();
  });
});

describe('makeLoginRate()', () => {
  function failuresUntilRefused(rate: ReturnType<typeof makeLoginRate>, ip: string): number {
    let failures = 0;
    while (rate.fail(ip) === 0) failures += 1;
    return failures;
  }

  test('addresses count apart, those of one IPv6 network together', () => {
    const rate = makeLoginRate(now);
    expect(failuresUntilRefused(rate, '192.0.2.1')).toBe(10);
    expect(failuresUntilRefused(rate, '::ffff:192.0.2.1')).toBe(0);
    expect(failuresUntilRefused(rate, '192.0.2.2')).toBe(10);
    expect(failuresUntilRefused(rate, '2001:db8::1')).toBe(10);
    expect(failuresUntilRefused(rate, '2001:db8::2')).toBe(0);
    expect(failuresUntilRefused(rate, '2001:db8:0:1::2')).toBe(10);
  });

  test('remembers 10,000 addresses: beyond them the oldest is forgotten', () => {
    const rate = makeLoginRate(now);
    failuresUntilRefused(rate, '192.0.2.1');
    for (let count = 0; count < 9999; count += 1) rate.fail(`10.0.${count >> 8}.${count & 255}`);
    expect(rate.fail('192.0.2.1')).toBe(60);
    rate.fail('192.0.2.2');
    expect(rate.fail('192.0.2.1')).toBe(0);
  });
});

describe('makeSessions()', () => {
  test('over https the cookie is for https and this host alone; scripts never see it', async () => {
    const { headers } = await api.fetch(await link());
    expect(headers.get('Set-Cookie')).toMatch(
      /^__Host-durahook_session=[\w.-]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(await plain.logIn()).toMatch(/^durahook_session=/);
  });

  test('over https a cookie of the plain name is no session', async () => {
    const Cookie = (await api.logIn()).replace('__Host-', '');
    expect((await api.fetch('/v1/events', asOf(Cookie))).body['type']).toBe(
      '/problems/key-missing',
    );
  });

  test('each login gives another cookie', async () => {
    const first = await api.logIn();
    at += 1;
    expect(await api.logIn()).not.toBe(first);
  });

  test('ends a week after the login, however much it is used', async () => {
    let cookie = await api.logIn();
    for (let hours = 0; hours < 7 * 24 - 1; hours += 1) {
      at += hourMs;
      const { status, headers } = await api.fetch('/v1/event-types', asOf(cookie));
      expect(status).toBe(200);
      cookie = headers.get('Set-Cookie')?.split(';')[0] ?? cookie;
    }
    at += hourMs;
    expect((await api.fetch('/v1/event-types', asOf(cookie))).status).toBe(401);
  });

  test("a cookie with another server's secret, tenant or instant is over", async () => {
    const good = await api.logIn();
    const foreign = await cookieOfAnotherSecret();
    const forged = [
      foreign,
      good.replace(/\.ten_\w/, '.ten_x'),
      good.replace(/=\d/, '=9'),
      good.replace(/\.\d/, '.9'),
      `${good}x`,
      good.slice(0, -43),
    ];
    expect((await api.fetch('/v1/events', asOf(good))).status).toBe(200);
    for (const cookie of forged) {
      const { status, body } = await api.fetch('/v1/events', asOf(cookie));
      expect([cookie, status, body['type']]).toEqual([cookie, 401, '/problems/login-needed']);
    }
    expect((await api.fetch('/v1/events', asOf(`${forged[1]}; ${good}`))).status).toBe(200);
  });
});

/** The cookie of a server with a secret of its own. */
async function cookieOfAnotherSecret(): Promise<string> {
  const own = await serveApi({ now });
  const cookie = await own.logIn();
  await own.close();
  return cookie;
}

describe('makeLogout()', () => {
  const post = (Cookie: string, site: string): RequestInit => ({
    method: 'POST',
    headers: { Cookie, 'Sec-Fetch-Site': site },
  });

  test('takes the cookie away, for our own pages only', async () => {
    const cookie = await api.logIn();
    const foreign = await api.fetch('/v1/logout', post(cookie, 'cross-site'));
    expect([foreign.status, foreign.headers.get('Set-Cookie')]).toEqual([403, null]);
    const { status, headers } = await api.fetch('/v1/logout', post(cookie, 'same-origin'));
    expect(status).toBe(204);
    expect(headers.get('Set-Cookie')).toMatch(/^__Host-durahook_session=; Max-Age=0; Path=\/;/);
  });

  test('asks for a session', async () => {
    const { status, body } = await api.fetch('/v1/logout', post('', 'same-origin'));
    expect([status, body['type']]).toEqual([401, '/problems/login-needed']);
  });
});
