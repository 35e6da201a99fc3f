import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../server/listen.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let ui: Server;
let at = Date.now();
const seen: string[] = [];
/** Stands for the origin of the API, which is known only once it listens. */
const ownOrigin = 'own';

beforeAll(async () => {
  ui = createServer((request, response) => {
    const { authorization, cookie } = request.headers;
    seen.push(`${request.method} ${request.url} ${String(authorization)} ${String(cookie)}`);
    response.writeHead(200, {
      'Content-Type': 'text/html',
      'Cache-Control': 'public, max-age=60',
      ...(request.url !== '/temporal/asset.js' && { 'Set-Cookie': '_csrf=2' }),
    });
    response.end('<h1>Temporal</h1>');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => ui.once('listening', resolve));
  const origin = `http://127.0.0.1:${(ui.address() as AddressInfo).port}`;
  api = await serveApi({ temporalUi: { origin }, now: () => new Date(at) });
});
afterAll(async () => {
  await api.close();
  ui.close();
});

describe('makeTemporalUi()', () => {
  test('shows the Web UI to a logged-in browser, and keeps its secrets back', async () => {
    const Cookie = `a=1; ${await api.logIn()}; _csrf=1`;
    const { status, text, headers } = await api.fetch('/temporal/namespaces?x=1', {
      headers: { Cookie, Authorization: 'Bearer dh_secret' },
    });
    expect([status, text]).toEqual([200, '<h1>Temporal</h1>']);
    expect(headers.get('Set-Cookie')).toBe('_csrf=2');
    expect(headers.get('Content-Security-Policy')).toBeNull();
    expect(seen.at(-1)).toBe('GET /temporal/namespaces?x=1 undefined a=1; _csrf=1');
  });

  test('an answer with a cookie is kept by no cache, another as the Web UI says', async () => {
    const Cookie = await api.logIn();
    const cachedAs = async (path: string) => {
      const { headers } = await api.fetch(path, { headers: { Cookie } });
      return headers.get('Cache-Control');
    };
    expect(await cachedAs('/temporal/')).toBe('private, no-store');
    expect(await cachedAs('/temporal/asset.js')).toBe('public, max-age=60');
    at += 7 * 3_600_000; // The session is renewed.
    expect(await cachedAs('/temporal/asset.js')).toBe('private, no-store');
  });

  test('a session ends after eight hours without a request, and is renewed by one', async () => {
    const Cookie = await api.logIn();
    at += 7 * 3_600_000;
    const renewed = await api.fetch('/temporal/', { headers: { Cookie } });
    expect(renewed.status).toBe(200);
    expect(renewed.headers.get('Set-Cookie')).toContain('durahook_session=');
    at += 3_600_001;
    expect((await api.fetch('/temporal/', { headers: { Cookie } })).status).toBe(401);
  });

  test('a person without a session reads how to get one, a script gets a problem', async () => {
    const page = await api.fetch('/temporal/namespaces', {
      headers: { Accept: 'text/html,*/*;q=0.8' },
    });
    expect(page.status).toBe(401);
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(page.text).toContain('npx durahook login-link');
    const { status, body } = await api.fetch('/temporal/api/x', {
      headers: { Accept: 'application/json' },
    });
    expect([status, body['type']]).toEqual([401, '/problems/login-needed']);
  });

  test('a cookie with another end or signature is no session', async () => {
    const [name, value = ''] = (await api.logIn()).split('=');
    const later = value.replace(/^\d/, '9');
    const altered = value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A');
    for (const forged of [later, altered, '', '1.2']) {
      const { status } = await api.fetch('/temporal/', {
        headers: { Cookie: `${name}=${forged}` },
      });
      expect(status).toBe(401);
    }
    expect((await api.fetch('/temporal')).status).toBe(401);
  });

  test.each([
    ['our own page', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another port of this host', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['an old browser on another origin', { Origin: 'https://evil.example' }, 403],
    ['an old browser on our own page', { Origin: ownOrigin }, 200],
    ['nobody knows where', {}, 403],
  ])('a change that comes from %s', async (_, headers, status) => {
    const Cookie = await api.logIn();
    const before = seen.length;
    const own = Object.entries(headers).map(([name, value]) => [
      name,
      value === ownOrigin ? api.origin : value,
    ]);
    const answer = await api.fetch('/temporal/api/x', {
      method: 'POST',
      headers: { Cookie, ...(Object.fromEntries(own) as Record<string, string>) },
    });
    expect([answer.status, seen.length - before]).toEqual([status, status === 200 ? 1 : 0]);
  });
});

describe('makeHealth()', () => {
  test('is ready only when everything is there; it serves all the same', async () => {
    const away = await serveApi({
      checks: [
        { name: 'database', isUp: async () => true },
        { name: 'temporal', isUp: () => Promise.reject(new Error('secret host')) },
      ],
    });
    expect((await api.fetch('/readyz')).body).toEqual({ status: 'up', checks: { database: 'up' } });
    const { status, body } = await away.fetch('/readyz');
    expect(status).toBe(503);
    expect(body).toEqual({ status: 'down', checks: { database: 'up', temporal: 'down' } });
    expect((await away.fetch('/healthz')).status).toBe(200);
    await away.close();
  });
});

describe('makeOpenapi()', () => {
  test('the document names every route, its schemas and the key', async () => {
    const { status, body } = await api.fetch('/openapi.json');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      openapi: '3.1.1',
      paths: {
        '/v1/api-keys': { get: { summary: 'List API keys, revoked ones too' } },
        '/v1/endpoints': { post: { requestBody: { required: true }, responses: { 201: {} } } },
        '/v1/endpoints/{id}': { delete: { responses: { 204: {} } } },
      },
      components: { schemas: { Delivery: { type: 'object' }, Problem: { type: 'object' } } },
    });
  });
});

describe('listen()', () => {
  test('says in one line that a port is taken', async () => {
    const port = Number(new URL(api.origin).port);
    const second = listen(new Koa(), { host: '127.0.0.1', port });
    await expect(second).rejects.toThrow(`Port ${port} is taken: stop what listens there`);
  });

  test('lets a request under way end before it closes', async () => {
    const app = new Koa();
    let release: (() => void) | undefined;
    const reached = new Promise<void>((arrive) => {
      app.use(async (ctx) => {
        arrive();
        await new Promise<void>((resolve) => (release = resolve));
        ctx.body = 'done';
      });
    });
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const answer = fetch(`http://127.0.0.1:${server.port}/`);
    await reached;
    const closed = server.close();
    release?.();
    const response = await answer;
    expect([await response.text(), response.headers.get('Connection')]).toEqual(['done', 'close']);
    await closed;
  });

  test.each([
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['an absolute address', 'GET http://x/healthz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    [
      'a chain of codings',
      'POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      501,
    ],
    ['too many headers', `GET /healthz HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(100)}\r\n`, 431],
    ['nothing wrong', 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 200],
  ])('answers a request with %s', async (_, text, status) => {
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    const answer = new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    socket.write(text);
    expect(await answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });
});
