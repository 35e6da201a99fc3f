import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Koa from 'koa';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ingress } from '../../server/ingress.ts';
import type { IngressParts } from '../../server/ingress.ts';
import { listen } from '../../server/listen.ts';
import type { Listening } from '../../server/listen.ts';
import type { Integration } from '../../src/domain/channel.ts';
import type { Event } from '../../src/domain/event.ts';
import type { RejectedRequest } from '../../src/domain/rejected-request.ts';
import { readSample } from '../../src/runtime/samples.ts';
import { signedRequest } from '../../src/runtime/senders/index.ts';
import { settingsOf } from '../support/sender.ts';
import { bareIntegration } from '../support/integration.ts';

const integration: Integration = {
  ...bareIntegration,
  channel: 'github',
  mode: 'native',
  secrets: [{ id: 'sec_1', kind: 'secret', value: 'secret-of-github', expiresAt: null }],
};

let events: Event[];
let started: string[];
let lines: string[];
let used: string[];
let kept: RejectedRequest[];
let isStoreAway: boolean;
let server: Listening;
let origin: string;

beforeEach(async () => {
  [events, started, lines, isStoreAway] = [[], [], [], false];
  [used, kept] = [[], []];
  server = await serve();
  origin = `http://127.0.0.1:${server.port}`;
});

afterEach(() => server.close());

async function serve(): Promise<Listening> {
  const parts: IngressParts = {
    findIntegration: async (channel, id) =>
      channel === 'github' && (id ?? 'int_1') === 'int_1' ? integration : undefined,
    accept: async (event) => {
      if (isStoreAway) throw new Error('connect ECONNREFUSED');
      const earlier = events.find(({ dedupeId }) => dedupeId === event.dedupeId);
      if (earlier) return { kind: 'duplicate', eventId: earlier.id, start: () => undefined };
      events.push(event);
      return { kind: 'accepted', eventId: event.id, start: () => void started.push(event.id) };
    },
    countUse: (ids) => void used.push(...ids),
    keepRejected: (rejected) => void kept.push(rejected),
    now: () => new Date(),
    maxBodyBytes: 100_000,
    toleranceS: 300,
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
  };
  const app = new Koa().use(ingress(parts));
  app.silent = true; // Koa prints that a sender went away, which a test does on purpose.
  return listen(app, { host: '127.0.0.1', port: 0 });
}

async function signed(secret = 'secret-of-github', headers: Record<string, string> = {}) {
  const sample = await readSample('github', 'pull_request');
  const stamp = { now: new Date(), deliveryId: 'd-1' };
  const made = signedRequest('github', sample, { ...settingsOf('github', secret), ...stamp });
  return { method: 'POST', body: made.body, headers: { ...made.headers, ...headers } };
}

async function post(
  path: string,
  init: RequestInit,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const answer = await fetch(`${origin}${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? '' : JSON.parse(text),
  };
}

/** Bytes as they are, the answer as it comes until the server closes or the time is up. */
async function raw(text: string, waitMs = 2000): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let got = '';
  socket.on('data', (chunk) => (got += String(chunk)));
  socket.on('error', (error) => (got += `<${error.message}>`));
  socket.write(text);
  await Promise.race([once(socket, 'close'), sleep(waitMs)]);
  socket.destroy();
  return got;
}

describe('ingress()', () => {
  test.each(['/v1/webhook/github/int_1', '/v1/webhook/github'])(
    'accepts at %s and starts',
    async (path) => {
      const { status, body } = await post(path, await signed());
      expect(status).toBe(200);
      expect(body).toEqual({ event_id: events[0]?.id, status: 'accepted' });
      await expect.poll(() => started, { timeout: 30_000 }).toEqual([events[0]?.id]);
    },
  );

  test('keeps the bytes, the headers without secrets, the query and the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = await signed(undefined, {
      Authorization: 'Basic abc',
      Cookie: 'a=b',
      traceparent,
    });
    await post('/v1/webhook/github/int_1?a=%2F+1', sent);
    const [event] = events;
    expect(event).toMatchObject({
      tenantId: 'ten_1',
      direction: 'inbound',
      source: 'github',
      type: 'pull_request',
      integrationId: 'int_1',
      dedupeId: 'd-1',
      contentType: 'application/json',
      query: 'a=%2F+1',
      traceparent,
      body: sent.body,
      headers: { authorization: '***', cookie: '***', 'x-github-event': 'pull_request' },
    });
    expect(event?.id).toMatch(/^evt_[0-9a-f]{32}$/);
  });

  test('answers duplicate with the first id', async () => {
    const first = await post('/v1/webhook/github/int_1', await signed());
    const second = await post('/v1/webhook/github/int_1', await signed());
    expect(second.body).toEqual({ ...(first.body as object), status: 'duplicate' });
    expect(events).toHaveLength(1);
  });

  test('hashes a delivery id that no index could hold', async () => {
    const sent = await signed(undefined, { 'X-GitHub-Delivery': 'd'.repeat(5000) });
    expect((await post('/v1/webhook/github/int_1', sent)).status).toBe(200);
    expect(events[0]?.dedupeId).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('answers a wrong signature with a problem, and logs one line without secrets', async () => {
    const { status, body, headers } = await post('/v1/webhook/github/int_1', await signed('wrong'));
    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({
      type: '/problems/signature-mismatch',
      title: 'The signature matches no valid secret',
      status: 401,
      reason: 'signature_mismatch',
      request_id: headers.get('x-request-id'),
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('signature_mismatch');
    expect(lines[0]).not.toContain('secret-of-github');
    expect(events).toEqual([]);
  });

  test.each([
    '/v1/webhook/github/int_2',
    '/v1/webhook/github/a%00b',
    '/v1/webhook/github/',
    '/v1/webhook/github/int_1/more',
    `/v1/webhook/github/${'i'.repeat(101)}`,
  ])('does not tell %s from a wrong signature', async (path) => {
    const known = await post('/v1/webhook/github/int_1', await signed('wrong'));
    const unknown = await post(path, await signed());
    const { request_id: _, ...problem } = known.body as { request_id: string };
    expect(unknown.status).toBe(known.status);
    expect(unknown.body).toMatchObject(problem);
  });

  test('judges an unknown trigger by the platform scheme', async () => {
    const sample = await readSample('generic', 'order');
    const options = { ...settingsOf('generic', 'any'), now: new Date() };
    const sent = signedRequest('generic', sample, options);
    const { status, body } = await post('/v1/webhook/generic/trg_nobody', sent);
    expect(status).toBe(401);
    expect(body).toMatchObject({ reason: 'signature_mismatch' });
  });

  test.each(['nothing', '__proto__', 'constructor', 'GitHub', '%67ithub', ''])(
    'knows no channel "%s"',
    async (name) => {
      const { status, body } = await post(`/v1/webhook/${name}/int_1`, await signed());
      expect(status).toBe(404);
      expect(body).toMatchObject({ type: '/problems/not-found', reason: 'not_found' });
    },
  );

  test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('answers %s with 405 and Allow', async (method) => {
    const { status, headers } = await post('/v1/webhook/github/int_1', { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
  });

  const head = 'POST /v1/webhook/github/int_1 HTTP/1.1\r\nHost: x\r\n';

  test('refuses by Content-Length before the body comes, and closes', async () => {
    const got = await raw(`${head}Content-Length: 100001\r\n\r\n`);
    expect(got).toMatch(/^HTTP\/1.1 413 /);
    expect(got).toContain('Connection: close');
    expect(got).toContain('"reason":"body_too_large"');
  });

  test('reads a body of the very maximum', async () => {
    const got = await raw(
      `${head}Connection: close\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
    );
    expect(got).toContain('signature_missing');
  });

  test('refuses while reading chunks, and the answer arrives though the sender goes on', async () => {
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    const got = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(10)}0\r\n\r\n`);
    expect(got).toMatch(/^HTTP\/1.1 413 /);
    expect(got).toContain('"reason":"body_too_large"');
    expect(got).not.toContain('<');
  });

  test('goes on when a sender goes away in the middle of its body', async () => {
    await raw(`${head}Content-Length: 500\r\n\r\nhalf`, 50);
    await expect.poll(() => lines.join(''), { timeout: 30_000 }).toContain('The sender went away');
    expect((await post('/v1/webhook/github/int_1', await signed())).status).toBe(200);
    expect(lines.join('')).not.toContain('not stored');
  });

  test('never answers 200 when the event was not stored', async () => {
    isStoreAway = true;
    const { status, body, headers } = await post('/v1/webhook/github/int_1', await signed());
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(body).toMatchObject({ type: '/problems/unavailable', reason: 'unavailable' });
    expect(JSON.stringify(body)).not.toContain('ECONNREFUSED');
    isStoreAway = false;
    expect((await post('/v1/webhook/github/int_1', await signed())).body).toMatchObject({
      status: 'accepted',
    });
  });
});
