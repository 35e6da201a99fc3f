import { randomBytes, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Publish } from '../../src/runtime/publish.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { pruneIdempotencyKeys } from '../../src/store/idempotency-keys.ts';
import { freshDatabase } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { publishFor } from './served-sessions.ts';

/** Stands still until a test moves it. */
let at = Date.now();
let db: Knex;
let api: ServedApi;
/** What publishing does: by itself, it publishes. */
let publish: Publish;
let makeSecret: () => string;
let apiKey: string;

beforeAll(async () => {
  db = await freshDatabase();
  api = await serveApi({
    db,
    now: () => new Date(at),
    sealer: makeSealer(randomBytes(32)),
    publish: (publication) => publish(publication),
    makeEndpointSecret: () => makeSecret(),
  });
  publish = publishFor(db);
  makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
  apiKey = await api.makeKey(['read', 'write'], api.tenantId);
});
afterAll(async () => api.close());

interface Sent {
  readonly path?: string;
  readonly body?: unknown;
  readonly apiKey?: string;
}

async function send(key: string, over: Sent = {}): Promise<Answer> {
  const { path = '/v1/events', body = event } = over;
  const headers = {
    Authorization: `Bearer ${over.apiKey ?? apiKey}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
  };
  return api.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const event = { type: 'custom.order_paid', data: { n: 1 } };
const endpoint = { url: 'https://example.com/hook', event_types: ['*'] };

function typeOf({ status, body }: Answer): [number, unknown] {
  return [status, body['type']];
}

function isReplayed({ headers }: Answer): boolean {
  return headers.get('Idempotent-Replayed') === 'true';
}

/** Publishing that begins and goes on once it is let. */
function hold(): { readonly begun: Promise<void>; readonly go: () => void } {
  let tellBegun = (): void => undefined;
  let go = (): void => undefined;
  const begun = new Promise<void>((resolve) => (tellBegun = resolve));
  const held = new Promise<void>((resolve) => (go = resolve));
  publish = async (publication) => {
    const published = await publishFor(db)(publication);
    publish = publishFor(db);
    tellBegun();
    await held;
    return published;
  };
  return { begun, go };
}

async function countEvents(): Promise<number> {
  return (await db('events')).length;
}

describe('Idempotency-Key', () => {
  test('the same request again gets the same answer, and has no other effect', async () => {
    const key = randomUUID();
    const first = await send(key);
    const count = await countEvents();
    const second = await send(key);
    expect(first.status).toBe(202);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    for (const name of ['Location', 'Content-Type']) {
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect([isReplayed(first), isReplayed(second)]).toEqual([false, true]);
    expect(await countEvents()).toBe(count);
    expect((await send(randomUUID())).body['id']).not.toBe(first.body['id']);
  });

  test('what was made is made once, and its secret is shown again; at rest it can’t be read', async () => {
    const key = randomUUID();
    const first = await send(key, { path: '/v1/endpoints', body: endpoint });
    const second = await send(key, { path: '/v1/endpoints', body: endpoint });
    expect(first.status).toBe(201);
    expect(second).toMatchObject({ status: 201, text: first.text });
    expect(second.headers.get('Location')).toBe(first.headers.get('Location'));
    expect(await db('endpoints').where({ tenant_id: api.tenantId })).toHaveLength(1);
    const [row] = await db('idempotency_keys').where({ key });
    const secret = String(first.body['secret']);
    expect(secret).toMatch(/^whsec_/);
    expect(row?.sealed?.includes(secret)).toBe(false);
  });

  test('while the first is under way, the second is answered 409 with Retry-After', async () => {
    const key = randomUUID();
    const { begun, go } = hold();
    const first = send(key);
    await begun;
    const second = await send(key);
    expect(typeOf(second)).toEqual([409, '/problems/idempotency-key-in-use']);
    expect(second.headers.get('Retry-After')).toBe('1');
    go();
    expect((await first).status).toBe(202);
    expect((await send(key)).text).toBe((await first).text);
  });

  test('of twenty at once one runs', async () => {
    const key = randomUUID();
    const count = await countEvents();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(key)));
    const done = answers.filter(({ status }) => status === 202);
    expect(done.filter((answer) => !isReplayed(answer))).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
    expect(await countEvents()).toBe(count + 1);
  });

  test.each<[string, Sent]>([
    ['body', { body: { ...event, data: { n: 2 } } }],
    ['query', { path: '/v1/events?a=1' }],
    ['path', { path: '/v1/events/batch', body: { events: [event] } }],
  ])('another %s under the same key is answered 422', async (_, change) => {
    const key = randomUUID();
    await send(key);
    const other = await send(key, change);
    expect(typeOf(other)).toEqual([422, '/problems/idempotency-key-reused']);
    expect(isReplayed(await send(key))).toBe(true);
  });

  test('is one API key’s own: under another, or another tenant’s, it stands for another request', async () => {
    const key = randomUUID();
    const own = await send(key);
    const beside = await send(key, { apiKey: await api.makeKey(['write'], api.tenantId) });
    const elsewhere = await send(key, { apiKey: await api.makeKey(['write']) });
    const ids = [own, beside, elsewhere].map(({ body }) => body['id']);
    expect(new Set(ids).size).toBe(3);
    expect(typeOf(await send(key, { apiKey: await api.makeKey(['read']) }))[0]).toBe(403);
  });

  test('a refusal frees the key', async () => {
    const key = randomUUID();
    expect((await send(key, { body: { ...event, colour: 'red' } })).status).toBe(422);
    const answer = await send(key);
    expect([answer.status, isReplayed(answer)]).toEqual([202, false]);
  });

  test('a failure of ours lets the key go, for the same request alone', async () => {
    const key = randomUUID();
    publish = async (publication) => {
      await publishFor(db)(publication);
      publish = publishFor(db);
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    const count = await countEvents();
    expect((await send(key)).status).toBe(503);
    const other = { ...event, data: { n: 2 } };
    expect(typeOf(await send(key, { body: other }))[0]).toBe(422);
    const again = await send(key);
    expect(again).toMatchObject({ status: 202, body: { status: 'duplicate' } });
    expect(await countEvents()).toBe(count + 1);
    const { body } = await api.call('GET', `/v1/events/${String(again.body['id'])}/explain`);
    expect(body['caused_by']).toBe('api');
  });

  test('after 60 s another try takes over from one that died, and publishes nothing twice', async () => {
    const key = randomUUID();
    const count = await countEvents();
    const { begun, go } = hold();
    const first = send(key);
    await begun;
    at += 59_000;
    expect((await send(key)).status).toBe(409);
    at += 1000;
    const second = await send(key);
    expect(second).toMatchObject({ status: 202, body: { status: 'duplicate' } });
    expect(await countEvents()).toBe(count + 1);
    go();
    expect((await first).body['id']).toBe(second.body['id']);
    expect((await send(key)).text).toBe(second.text);
  });

  test('a batch is published once too, each of its events', async () => {
    const key = randomUUID();
    const batch = { path: '/v1/events/batch', body: { events: [event, event] } };
    const count = await countEvents();
    publish = async (publication) => {
      const published = await publishFor(db)(publication);
      throw Object.assign(new Error(`Lost ${published.eventId}`), { code: 'ECONNRESET' });
    };
    expect((await send(key, batch)).status).toBe(503);
    publish = publishFor(db);
    const { body } = await send(key, batch);
    expect(body['data']).toMatchObject([{ status: 'duplicate' }, { status: 'duplicate' }]);
    expect(await countEvents()).toBe(count + 2);
  });

  test('a key is kept for 24 hours', async () => {
    const key = randomUUID();
    const first = await send(key);
    at += 86_399_000;
    expect((await send(key)).body['id']).toBe(first.body['id']);
    at += 1000;
    const later = await send(key, { body: { ...event, data: { n: 2 } } });
    expect(later).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect(later.body['id']).not.toBe(first.body['id']);
  });

  test.each([
    ['255 characters', 'x'.repeat(255), 202],
    ['256 characters', 'x'.repeat(256), 422],
    ['a letter that is not ASCII', 'é', 422],
    ['nothing', '', 422],
  ])('is 1 to 255 printable ASCII characters: %s', async (_, key, status) => {
    const answer = await send(key);
    expect(answer.status).toBe(status);
    if (status === 202) return;
    expect(answer.body['errors']).toEqual([
      expect.objectContaining({ pointer: 'Idempotency-Key' }),
    ]);
  });

  test('means nothing to a GET', async () => {
    const headers = { Authorization: `Bearer ${apiKey}`, 'Idempotency-Key': 'x'.repeat(256) };
    expect((await api.fetch('/v1/events', { headers })).status).toBe(200);
  });
});

describe('pruneIdempotencyKeys()', () => {
  test('forgets what was claimed before an instant', async () => {
    const [early, late] = [randomUUID(), randomUUID()];
    await send(early);
    at += 10_000;
    await send(late);
    expect(await pruneIdempotencyKeys(db, new Date(at))).toBeGreaterThan(0);
    expect(await db('idempotency_keys').pluck('key')).toEqual([late]);
  });
});

test('keys that are a day old are forgotten at the next one, however many', async () => {
  const created_at = new Date(at - 100_000_000);
  const old = Array.from({ length: 2500 }, () => ({
    id: randomUUID(),
    tenant_id: api.tenantId,
    actor: 'key_1',
    key: randomUUID(),
    fingerprint: Buffer.alloc(32),
    created_at,
    claimed_until: created_at,
  }));
  await db.batchInsert('idempotency_keys', old, 500);
  at += 60_000;
  await send(randomUUID());
  await vi.waitFor(async () => {
    expect(await db('idempotency_keys').where({ created_at }).pluck('key')).toHaveLength(0);
  }, 5000);
});
