import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeQuotas } from '../../src/runtime/quotas.ts';
import { setQuota } from '../../src/runtime/set-quota.ts';
import { openDatabase } from '../../src/store/database.ts';
import { pruneQuotaMinutes } from '../../src/store/quotas.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { publishFor } from './served-sessions.ts';

/** Ten seconds into a minute; each test begins a minute of its own. */
let at = Date.UTC(2026, 10, 28, 12, 0, 10);
let one: ServedApi;
let two: ServedApi;
let bearer: string;

beforeAll(async () => {
  const url = await freshDatabaseUrl();
  const serve = async (): Promise<ServedApi> => {
    const db = openDatabase({ url, connectionsMax: 4 });
    const log = pino({ level: 'silent' });
    const now = (): Date => new Date(at);
    const quotas = makeQuotas({ db, log, now, usual: 10 });
    return serveApi({ db, log, quotas, publish: publishFor(db) });
  };
  one = await serve();
  two = await serve();
  bearer = await one.makeKey(['read', 'write'], one.tenantId);
});
afterAll(async () => {
  await one.close();
  await two.close();
});
beforeEach(() => {
  at += 70_000 - (at % 60_000);
});

const event = { type: 'custom.order_paid', data: {} };

async function post(api: ServedApi, path: string, body: unknown): Promise<Answer> {
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
  return api.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** A batch of the first server under a key. */
async function publishUnder(key: string, events: readonly unknown[]): Promise<Answer> {
  const headers = {
    Authorization: `Bearer ${bearer}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
  };
  const body = JSON.stringify({ events });
  return one.fetch('/v1/events/batch', { method: 'POST', headers, body });
}

async function publish(api: ServedApi): Promise<Answer> {
  return post(api, '/v1/events', event);
}

async function publishBatch(api: ServedApi, count: number): Promise<Record<string, unknown>[]> {
  const events = Array.from({ length: count }, () => event);
  const { body } = await post(api, '/v1/events/batch', { events });
  return body['data'] as Record<string, unknown>[];
}

async function quotaOf(api: ServedApi): Promise<unknown> {
  return (await api.fetch('/v1/quota', { headers: { Authorization: `Bearer ${bearer}` } })).body;
}

async function countEvents(): Promise<number> {
  return (await one.db('events').where({ tenant_id: one.tenantId })).length;
}

describe('QUOTA_EVENTS_PER_MINUTE', () => {
  test('over two servers exactly so many are accepted; the others are answered 429 with Retry-After', async () => {
    const before = await countEvents();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => publish(n % 2 === 0 ? one : two)),
    );
    const count = (wanted: number): number =>
      answers.filter(({ status }) => status === wanted).length;
    expect([count(202), count(429)]).toEqual([10, 30]);
    expect(await countEvents()).toBe(before + 10);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ type: '/problems/too-many-requests' });
    expect(refused?.headers.get('Retry-After')).toBe('50');
    at += 50_000;
    expect((await publish(one)).status).toBe(202);
  });

  test('GET /v1/quota says what is left', async () => {
    await publish(one);
    await publish(two);
    const resets_at = new Date(at + 50_000).toISOString();
    expect(await quotaOf(two)).toEqual({ limit: 10, used: 2, resets_at });
    await publishBatch(one, 20);
    expect(await quotaOf(two)).toEqual({ limit: 10, used: 10, resets_at });
  });

  test('of a batch the first that fit are taken, each of the others is rejected', async () => {
    for (let n = 1; n <= 7; n += 1) await publish(two);
    const data = await publishBatch(one, 5);
    const expected = ['accepted', 'accepted', 'accepted', 'rejected', 'rejected'];
    expect(data.map(({ status }) => status)).toEqual(expected);
    expect(data[4]).toMatchObject({ problem: { code: 'too-many-requests', retry_after_s: 50 } });
  });

  test.each([
    ['nothing fits', [event, event]],
    ['nothing fits and something is wrong', [7, event]],
  ])('a batch of which %s is answered 429, and is sent again under its key', async (_, events) => {
    for (let n = 1; n <= 10; n += 1) await publish(two);
    const key = randomUUID();
    const refused = await publishUnder(key, events);
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '50']);
    at += 50_000;
    const { status, body } = await publishUnder(key, events);
    expect(status).toBe(200);
    expect((body['data'] as { status: string }[])[1]).toMatchObject({ status: 'accepted' });
  });

  test('of one that is published in part the answer is kept: what did not fit has a new key', async () => {
    for (let n = 1; n <= 9; n += 1) await publish(two);
    const key = randomUUID();
    const first = await publishUnder(key, [event, event]);
    at += 50_000;
    const again = await publishUnder(key, [event, event]);
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect(again.body['data']).toMatchObject([{ status: 'accepted' }, { status: 'rejected' }]);
  });

  test('what is refused for itself is not counted', async () => {
    expect((await post(one, '/v1/events', { type: 'nothing', data: {} })).status).toBe(422);
    await post(one, '/v1/events/batch', { events: [7, { type: 'session.created', data: {} }] });
    expect(await quotaOf(one)).toMatchObject({ used: 0 });
  });

  test('is each tenant’s own', async () => {
    await publishBatch(one, 10);
    expect((await publish(one)).status).toBe(429);
    const headers = {
      Authorization: `Bearer ${await one.makeKey(['write'])}`,
      'Content-Type': 'application/json',
    };
    const init = { method: 'POST', headers, body: JSON.stringify(event) };
    expect((await one.fetch('/v1/events', init)).status).toBe(202);
  });

  test('what the platform emits itself is not limited', async () => {
    await publishBatch(one, 10);
    const emitted = { tenantId: one.tenantId, ...event };
    expect(await publishFor(one.db)(emitted)).toMatchObject({ status: 'accepted' });
    expect(await quotaOf(one)).toMatchObject({ used: 10 });
  });
});

describe('setQuota()', () => {
  test('gives a tenant its own, none, or that of all; the audit log has it', async () => {
    const { db, tenantId } = one;
    expect(await setQuota(db, [tenantId, '3'])).toContain('3 events per minute');
    expect(await quotaOf(two)).toMatchObject({ limit: 3 });
    const data = await publishBatch(two, 4);
    expect(data.filter(({ status }) => status === 'accepted')).toHaveLength(3);
    at += 60_000;
    await setQuota(db, ['own', 'none']); // By the tenant's name.
    expect((await publishBatch(two, 20)).every(({ status }) => status === 'accepted')).toBe(true);
    expect(await quotaOf(two)).toMatchObject({ limit: null, used: 0 });
    at += 60_000;
    await setQuota(db, [tenantId, 'default']);
    expect(await quotaOf(two)).toMatchObject({ limit: 10 });
    const log = await db('audit_log').where({ action: 'quota.set' }).orderBy('id');
    expect(log.map(({ actor, detail }) => [actor, detail])).toEqual([
      ['operator', { events_per_minute: '3' }],
      ['operator', { events_per_minute: 'none' }],
      ['operator', { events_per_minute: 'default' }],
    ]);
  });

  test.each([
    ['no tenant of the name', ['nobody', '3'], /no tenant "nobody"/],
    ['no amount', ['own'], /^Use npm start -- quota/],
    ['nothing', [], /^Use npm start -- quota/],
    ['an amount of 0', ['own', '0'], /^Use npm start -- quota/],
    ['an amount over 100 million', ['own', '100000001'], /^Use npm start -- quota/],
    ['a word too many', ['own', '3', '4'], /^Use npm start -- quota/],
  ])('refuses %s', async (_, words, message) => {
    await expect(setQuota(one.db, words)).rejects.toThrow(message);
    expect(await quotaOf(one)).toMatchObject({ limit: 10 });
  });
});

describe('pruneQuotaMinutes()', () => {
  test('forgets the minutes before an instant', async () => {
    await publish(one);
    expect(await pruneQuotaMinutes(one.db, new Date(at - 10_000))).toBeGreaterThan(0);
    expect(await one.db('published_minutes')).toMatchObject([{ asked: 1 }]);
  });
});
