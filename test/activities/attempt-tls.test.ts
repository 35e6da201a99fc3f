import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeHttpClient } from '../../activities/http.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { makeAuthority, startTlsConsumer, trust } from '../support/tls.ts';
import { openAttemptWorld } from './attempt-world.ts';
import type { Auth, AttemptWorld } from './attempt-world.ts';

let world: AttemptWorld;
const authority = makeAuthority();
const distrust = trust(authority);
beforeAll(async () => {
  world = await openAttemptWorld();
});
afterAll(async () => {
  await world.close();
  distrust();
  authority.close();
});

describe('mtls', () => {
  const server = authority.issue('consumer', 'DNS:consumer.example,IP:127.0.0.1');
  const [first, second] = [authority.issue('first'), authority.issue('second')];
  const mtls = (secret: { certificate: string; key: string }): Auth => ({
    shown: { kind: 'mtls', subject: 'CN=x', valid_to: '2099-01-01T00:00:00Z' },
    secret,
  });
  const none: Auth = { shown: { kind: 'bearer' }, secret: { token: 't' } };

  test('each endpoint shows its own certificate, over connections of its own', async () => {
    const peer = await startTlsConsumer(server, { ca: authority.certificate, isStrict: false });
    const attempt = world.makeWorker();
    const url = `https://consumer.example:${peer.port}/`;
    for (const auth of [mtls(first), none, mtls(second), mtls(first), none]) {
      expect(await attempt(await world.addEndpoint(url, auth))).toMatchObject({ status: 200 });
    }
    const subjects = peer.visitors.map(({ subject }) => subject);
    expect(subjects).toEqual(['first', null, 'second', 'first', null]);
    const sockets = peer.visitors.map(({ socket }) => socket);
    expect([sockets[3], sockets[4]]).toEqual([sockets[0], sockets[1]]);
    expect(new Set(sockets).size).toBe(3);
    await peer.close();
  });

  test.each([
    ['with its certificate', mtls(first), { status: 200, reason: null }],
    ['without one', none, { status: null, reason: 'connect' }],
    ['with a key that is none', mtls({ ...first, key: 'x' }), { status: null, reason: 'tls' }],
    [
      'with the key of another',
      mtls({ ...first, key: second.key }),
      { status: null, reason: 'tls' },
    ],
  ])('a consumer that asks for a certificate is reached %s', async (_, auth, outcome) => {
    const peer = await startTlsConsumer(server, { ca: authority.certificate, isStrict: true });
    const id = await world.addEndpoint(`https://127.0.0.1:${peer.port}/`, auth);
    expect(await world.makeWorker()(id)).toMatchObject(outcome);
    await peer.close();
  });

  test('a consumer whose certificate is for another name is a fault of TLS', async () => {
    const peer = await startTlsConsumer(server, { ca: authority.certificate, isStrict: false });
    const id = await world.addEndpoint(`https://other.example:${peer.port}/`, mtls(first));
    expect(await world.makeWorker()(id)).toMatchObject({ reason: 'tls', status: null });
    expect(peer.visitors).toEqual([]);
    await peer.close();
  });

  test('the guard holds with a certificate too', async () => {
    const guarded = makeHttpClient(makeEgress([]));
    const answer = await guarded.post({
      url: 'https://127.0.0.1:9/',
      headers: {},
      body: Buffer.alloc(0),
      timeoutMs: 5000,
      certificate: first,
    });
    expect(answer).toMatchObject({ status: null, reason: 'blocked' });
    await guarded.close();
  });

  test('a consumer whose certificate nobody vouches for is a fault of TLS', async () => {
    const stranger = makeAuthority();
    const pair = stranger.issue('stranger', 'DNS:consumer.example');
    stranger.close();
    const peer = await startTlsConsumer(pair, { ca: authority.certificate, isStrict: false });
    const id = await world.addEndpoint(`https://consumer.example:${peer.port}/`, none);
    expect(await world.makeWorker()(id)).toMatchObject({ reason: 'tls', status: null });
    await peer.close();
  });

  test('the time that TLS took is told apart', async () => {
    const peer = await startTlsConsumer(server, { ca: authority.certificate, isStrict: false });
    const http = makeHttpClient(makeEgress(['127.0.0.1']));
    const url = `https://127.0.0.1:${peer.port}/`;
    const post = { url, headers: {}, body: Buffer.alloc(0), timeoutMs: 5000 };
    const { timings, status } = await http.post(post);
    expect(status).toBe(200);
    expect(timings).toMatchObject({ dnsMs: null, connectMs: expect.any(Number) as unknown });
    expect(timings.tlsMs).toBeGreaterThan(0);
    await http.close();
    await peer.close();
  });
});
