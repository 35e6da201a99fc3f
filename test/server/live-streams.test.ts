import type { PassThrough } from 'node:stream';
import type { Context, Middleware } from 'koa';
import { describe, expect, test, vi } from 'vitest';
import { makeLivePoller } from '../../server/live-poller.ts';
import type { LiveMessage } from '../../server/live-poller.ts';
import { makeLive } from '../../server/live.ts';
import { apiKeyIdOf } from '../../src/runtime/api-key.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { freshDatabase } from '../support/database.ts';
import { bearer, listen, log, messagesOf, quick, serveLive } from './live-reader.ts';
import type { Reader } from './live-reader.ts';
import { addDelivery, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

/** A hundred and fifty events like one, with long types. Answers the id of the last. */
async function addMany({ db }: ServedApi, id: string): Promise<string> {
  const [row] = await db('events').where({ id });
  if (!row) throw new Error('The event is gone');
  const rows = Array.from({ length: 150 }, () => {
    const received_at = new Date();
    return { ...row, id: makeId('evt', received_at), received_at, type: 'a'.repeat(1400) };
  });
  await db('events').insert(rows);
  return rows.at(-1)?.id ?? '';
}

describe('makeLive()', () => {
  test('shares one look for new rows among all streams, and looks no more when nobody listens', async () => {
    const counted = await serveLive();
    const own = await counted.makeKey(['read'], counted.tenantId);
    let looks = 0;
    counted.db.on('query', ({ sql }: { sql: string }) => {
      if (/from "events" where .*"id" > /.test(sql)) looks += 1;
    });
    const readers = await Promise.all(
      Array.from({ length: 20 }, () => listen(counted, '/v1/live', bearer(own))),
    );
    const id = await addEvent(counted);
    await vi.waitFor(() => {
      for (const reader of readers) expect(messagesOf(reader)).toEqual([`event ${id}`]);
    }, 30_000);
    const before = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 3), 30_000);
    expect(looks - before).toBeLessThan(20);
    for (const reader of readers) reader.stop();
    await vi.waitFor(async () => {
      const stopped = looks;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(looks).toBe(stopped);
    }, 30_000);
    await counted.close();
  });

  test('a server has room for twenty streams of a tenant and a hundred of all, and again when one has left', async () => {
    const full = await serveLive();
    const keys = [await full.makeKey(['read'], full.tenantId)];
    while (keys.length < 6) keys.push(await full.makeKey(['read']));
    const [own = '', ...others] = keys;
    const open = async (of: string): Promise<Reader[]> =>
      Promise.all(Array.from({ length: 20 }, () => listen(full, '/v1/live', bearer(of))));
    const readers = await open(own);
    const refused = await full.fetch('/v1/live', { headers: bearer(own) });
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '5']);
    for (const other of others.slice(0, 4)) readers.push(...(await open(other)));
    expect(readers.every(({ response }) => response.status === 200)).toBe(true);
    const { status } = await full.fetch('/v1/live', { headers: bearer(others[4] ?? '') });
    expect(status).toBe(503);
    readers[0]?.stop();
    await vi.waitFor(async () => {
      const reader = await listen(full, '/v1/live', bearer(own));
      reader.stop();
      expect(reader.response.status).toBe(200);
    }, 30_000);
    for (const reader of readers) reader.stop();
    await full.close();
  });

  test('a stream ends soon after its key was revoked, and others go on', async () => {
    let at = Date.now();
    const db = await freshDatabase();
    const live = makeLive({ db, log, times: { ...quick, judgeEveryMs: 30 } });
    const judged = await serveApi({ db, live, now: () => new Date(at) });
    const [first, second] = [
      await judged.makeKey(['read'], judged.tenantId),
      await judged.makeKey(['read'], judged.tenantId),
    ];
    const readers = await Promise.all(
      [first, second].map((each) => listen(judged, '/v1/live', bearer(each))),
    );
    await db('api_keys')
      .where({ id: apiKeyIdOf(first) ?? '' })
      .delete();
    at += 5001; // What is remembered of a key is forgotten.
    await vi.waitFor(() => expect(readers[0]?.isEnded()).toBe(true), 30_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readers[1]?.isEnded()).toBe(false);
    readers[1]?.stop();
    await judged.close();
  });

  test('a look that fails costs no row of another kind, and its own are sent when it works again', async () => {
    const { db, tenantId, ...rest } = await serveLive();
    const poller = makeLivePoller(db, tenantId);
    await poller.poll();
    const served = { db, tenantId, ...rest };
    const event = await addEvent(served);
    const delivery = await addDelivery(served);
    await db.raw('alter table deliveries rename to away');
    const idsOf = (messages: readonly LiveMessage[]) => messages.map(({ row }) => row?.id);
    const first = await poller.poll();
    expect(idsOf(first.messages)).toEqual([event]);
    expect(first.failures).toHaveLength(1);
    await db.raw('alter table away rename to deliveries');
    const second = await poller.poll();
    expect([idsOf(second.messages), second.failures]).toEqual([[delivery], []]);
    await served.close();
  });

  test('whoever connects again is also told what was committed late, behind a newer row', async () => {
    const late = await serveLive();
    const own = await late.makeKey(['read'], late.tenantId);
    const at = new Date(Date.now() - 2000);
    const last = await addEvent(late);
    const missed = await addEvent(late, { id: makeId('evt', at), received_at: at });
    const headers = { ...bearer(own), 'Last-Event-ID': last };
    const reader = await listen(late, '/v1/live?topics=events', headers);
    await vi.waitFor(() => expect(messagesOf(reader)).toContain(`event ${missed}`), 30_000);
    expect(messagesOf(reader).at(-1)).toBe(`event ${last}`);
    reader.stop();
    await late.close();
  });

  test('a reader that takes nothing is dropped, and the next one is served', async () => {
    const slow = await serveLive();
    const live = makeLive({ db: slow.db, log, times: quick });
    const { tenantId } = slow;
    const ctx = { path: '/v1/live', method: 'GET', querystring: '', get: () => '', set: () => {} };
    const answer: Partial<Context> = ctx;
    await live.serve(async () => ({ tenantId }))(
      answer as Parameters<Middleware>[0],
      async () => {},
    );
    const { body } = answer as { body: PassThrough };
    const id = await addEvent(slow);
    await vi.waitFor(() => expect(body.readableLength).toBeGreaterThan(100), 30_000);
    await addMany(slow, id);
    await vi.waitFor(
      () => expect(body.readableLength + body.writableLength).toBeGreaterThan(2e5),
      30_000,
    );
    expect(body.destroyed).toBe(false);
    await addMany(slow, id);
    await vi.waitFor(() => expect(body.destroyed).toBe(true), 30_000);
    await live.close();
    await slow.close();
  });

  test('says now and then that it is there, and ends so that its reader is judged again', async () => {
    const aging = await serveLive({ beatEveryMs: 30, ageMaxMs: 300 });
    const own = await aging.makeKey(['read'], aging.tenantId);
    const reader = await listen(aging, '/v1/live', bearer(own));
    await vi.waitFor(() => expect(reader.text()).toContain('\n: still here\n\n'), 30_000);
    await vi.waitFor(() => expect(reader.isEnded()).toBe(true), 20_000);
    await aging.close();
  });

  test('a server that stops ends its streams at once, and opens no other', async () => {
    const stopping = await serveLive();
    const own = await stopping.makeKey(['read'], stopping.tenantId);
    const reader = await listen(stopping, '/v1/live', bearer(own));
    await stopping.close(); // Or it waits for the reader.
    await vi.waitFor(() => expect(reader.isEnded()).toBe(true), 30_000);
  });
});
