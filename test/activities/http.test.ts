import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient } from '../../activities/http.ts';
import type { Answer } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { startConsumer } from '../support/consumer.ts';
import type { AnswerPlan, Consumer } from '../support/consumer.ts';

const http = makeHttpClient(makeEgress(['127.0.0.1']));
const timeoutMs = 1000;

/** Nothing that is cut off by the deadline lasts this long, on the busiest machine. */
const foreverMs = 10_000;
const keptBytes = 16 * 1024;
let consumer: Consumer;
const opened: { server: Server; sockets: Set<Socket> }[] = [];

beforeAll(async () => {
  consumer = await startConsumer();
});

afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

afterAll(async () => {
  await http.close();
  await consumer.close();
});

async function postTo(url: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return http.post({ url, headers, body: Buffer.from('{"a":1}'), timeoutMs });
}

async function answerOf(plan: AnswerPlan): Promise<Answer> {
  consumer.plan('/hook', plan);
  return postTo(`${consumer.url}/hook`);
}

/** A server that speaks bytes, not HTTP; its URL. */
async function startRaw(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ server, sockets });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Writes one answer as it is, as soon as the request begins. */
function answering(bytes: string): (socket: Socket) => void {
  return (socket) => void socket.once('data', () => socket.write(bytes));
}

describe('post()', () => {
  test('sends the body as it is, with its headers', async () => {
    const answer = await answerOf(204);
    expect(answer).toMatchObject({ status: 204, reason: null, retryAfterMs: null });
    expect(consumer.at('/hook').at(-1)).toMatchObject({
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'content-length': '7' },
    });
  });

  test.each([
    [200, null],
    [201, null],
    [300, 'status'],
    [400, 'status'],
    [410, 'gone'],
    [429, 'status'],
    [500, 'status'],
    [503, 'status'],
  ])('status %d has the reason %s', async (status, reason) => {
    const answer = await answerOf(status);
    expect(answer).toMatchObject({ status, reason });
    expect(answer.body.toString()).toBe(`answer ${status}`);
  });

  test.each([301, 302, 303, 307, 308])('a redirect %d is not followed', async (status) => {
    const answer = await answerOf((response) =>
      response.writeHead(status, { location: `${consumer.url}/elsewhere` }).end(),
    );
    expect(answer).toMatchObject({ status, reason: 'status' });
    expect(consumer.at('/elsewhere')).toEqual([]);
  });

  test.each([
    ['in time', 50, { status: 200, reason: null }],
    ['too late', foreverMs, { status: null, reason: 'timeout' }],
  ])('a head that comes %s', async (_, delayMs, expected) => {
    const answer = await answerOf(
      (response) => void setTimeout(() => response.writeHead(200).end(), delayMs),
    );
    expect(answer).toMatchObject(expected);
    expect(answer.durationMs).toBeGreaterThanOrEqual(Math.min(delayMs, timeoutMs) - 5);
    expect(answer.durationMs).toBeLessThan(foreverMs);
  });

  test.each([
    ['a head that drips', 'HTTP/1.1 200 OK\r\nx: ', 'y'],
    ['an endless run of 1xx', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('%s does not outlive the deadline', async (_, start, more) => {
    const url = await startRaw((socket) => {
      socket.write(start);
      const timer = setInterval(() => socket.write(more), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const answer = await postTo(url);
    expect(answer).toMatchObject({ status: null, reason: 'timeout' });
    expect(answer.durationMs).toBeLessThan(foreverMs);
  });

  test.each([
    ['HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n', 999, 'status'],
    ['HTTP/1.1 204 No Content\r\n\r\nbody', 204, null],
    ['HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 200, null],
  ])('%j is judged by its status', async (bytes, status, reason) => {
    const url = await startRaw(answering(bytes));
    expect(await postTo(url)).toMatchObject({ status, reason });
  });

  test('a connection reset after the head leaves the status', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n';
    const url = await startRaw(
      (socket) =>
        void socket.once('data', () =>
          socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 20)),
        ),
    );
    expect(await postTo(url)).toMatchObject({ status: 200, reason: null });
  });

  test('a name whose lookup hangs is a timeout', async () => {
    const hanging = makeHttpClient(makeEgress([], () => new Promise(() => undefined)));
    const url = 'http://slow.customer.example/';
    const answer = await hanging.post({ url, headers: {}, body: Buffer.alloc(0), timeoutMs });
    expect(answer).toMatchObject({ status: null, reason: 'timeout' });
    expect(answer.durationMs).toBeLessThan(foreverMs);
    await hanging.close();
  });
});

describe('the body of an answer', () => {
  test.each([
    ['16 KiB', keptBytes, keptBytes],
    ['more', keptBytes + 1, keptBytes],
    ['much more', 10 * keptBytes, keptBytes],
  ])('of %s is kept up to 16 KiB', async (_, sent, kept) => {
    const answer = await answerOf((response) => response.writeHead(500).end('x'.repeat(sent)));
    expect(answer).toMatchObject({ status: 500, reason: 'status' });
    expect(answer.body).toHaveLength(kept);
  });

  test('without an end is cut off, and the status counts', async () => {
    const closed = new Promise<void>((resolve) => {
      consumer.plan('/hook', (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('x'.repeat(4096)), 1);
        response.on('close', () => {
          clearInterval(timer);
          resolve();
        });
      });
    });
    const answer = await postTo(`${consumer.url}/hook`);
    expect(answer).toMatchObject({ status: 200, reason: null });
    expect(answer.body).toHaveLength(keptBytes);
    await closed;
  });

  test('that drips ends with the deadline, and the status counts', async () => {
    const startedAt = performance.now();
    const answer = await answerOf((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(performance.now() - startedAt).toBeLessThan(foreverMs);
    expect(answer).toMatchObject({ status: 200, reason: null });
    expect(answer.body.length).toBeGreaterThan(0);
    expect(answer.durationMs).toBeLessThan(timeoutMs);
  });

  test('that breaks off leaves the status', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf';
    const url = await startRaw((socket) => void socket.once('data', () => socket.end(head)));
    expect(await postTo(url)).toMatchObject({ status: 200, reason: null });
  });

  test('is not inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const answer = await answerOf((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    expect(answer.body.equals(bomb)).toBe(true);
  });

  test('of 100 MB takes no memory', async () => {
    const chunk = Buffer.alloc(1_048_576, 'x');
    const { rss } = process.memoryUsage();
    for (let count = 0; count < 5; count += 1) {
      const answer = await answerOf((response) => {
        response.writeHead(200, { 'content-length': String(100 * chunk.length) });
        let sent = 0;
        const pump = (): void => {
          while (sent < 100 && !response.destroyed) {
            sent += 1;
            if (!response.write(chunk)) return void response.once('drain', pump);
          }
        };
        pump();
      });
      expect(answer).toMatchObject({ status: 200, reason: null });
      expect(answer.body).toHaveLength(keptBytes);
      expect(answer.body.buffer.byteLength).toBeLessThan(1_048_576);
    }
    expect(process.memoryUsage().rss - rss).toBeLessThan(90 * 1_048_576);
  });
});

describe('what is no answer', () => {
  test('of a port where nobody listens is a failed connection', async () => {
    const url = await startRaw(() => undefined);
    const { server } = opened.pop() ?? {};
    await new Promise((resolve) => server?.close(resolve));
    expect(await postTo(url)).toMatchObject({ status: null, reason: 'connect' });
  });

  test('of a connection that is closed at once is a failed connection', async () => {
    const url = await startRaw((socket) => void socket.once('data', () => socket.destroy()));
    expect(await postTo(url)).toMatchObject({ status: null, reason: 'connect' });
  });

  test.each([
    'http://127.0.0.2:9/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'http://[::1]:9/',
    'http://[::ffff:10.0.0.1]/',
    'http://2130706434/',
  ])('of %s is blocked', async (url) => {
    expect(await postTo(url)).toMatchObject({ status: null, reason: 'blocked' });
  });

  test('of a name is judged by its address, which is connected to', async () => {
    const addresses = [['127.0.0.1'], ['127.0.0.1', '10.0.0.1']];
    const egress = makeEgress(['127.0.0.1'], () => Promise.resolve(addresses.shift() ?? []));
    const named = makeHttpClient(egress);
    const { port } = new URL(consumer.url);
    const post = { headers: {}, body: Buffer.alloc(0), timeoutMs };
    const good = await named.post({ ...post, url: `http://a.customer.example:${port}/named` });
    const bad = await named.post({ ...post, url: `http://b.customer.example:${port}/named` });
    await named.close();
    expect([good.status, bad.reason]).toEqual([200, 'blocked']);
    expect(consumer.at('/named').map(({ headers }) => headers.host)).toEqual([
      `a.customer.example:${port}`,
    ]);
  });

  test('of a name that does not resolve is a fault of DNS', async () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const nameless = makeHttpClient(makeEgress([], () => Promise.reject(error)));
    const url = 'http://nx.customer.example/';
    const answer = await nameless.post({ url, headers: {}, body: Buffer.alloc(0), timeoutMs });
    await nameless.close();
    expect(answer).toMatchObject({ status: null, reason: 'dns' });
  });

  test('over TLS to who does not speak it is a fault of TLS', async () => {
    const url = await startRaw(answering('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const answer = await postTo(url.replace('http:', 'https:'));
    expect(answer).toMatchObject({ status: null, reason: 'tls' });
  });

  test.each([
    ['garbage', 'what is this\r\n\r\n', 'protocol'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      'protocol',
    ],
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n', 'protocol'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'protocol'],
    ['a head over 32 KiB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 'too_large'],
  ])('as it is %s', async (_, bytes, reason) => {
    const url = await startRaw(answering(bytes));
    expect(await postTo(url)).toMatchObject({ status: null, reason });
  });
});
