import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordAttempts } from '../../src/store/attempts.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { findFailing, recordDisabled } from '../../src/store/failing-endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { addEndpoint, attemptOf, begun, deliver, fail } from './failing-rows.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

const minuteMs = 60_000;

describe('recordAttempts()', () => {
  test('counts the failed attempts in a row, and forgets them with the first that is delivered', async () => {
    const endpoint = await addEndpoint(db);
    await fail(db, endpoint, { times: 1, reason: 'status' });
    await fail(db, endpoint, { times: 2, startedAt: new Date(begun.getTime() + 500) });
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      failures: 3,
      failing_since: begun,
      last_failed_at: new Date(begun.getTime() + 600),
      last_reason: 'timeout',
      last_status: null,
      stage: 0,
      outage_since: null,
    });
    await deliver(db, endpoint);
    expect(await findFailing(db, endpoint.id)).toBeUndefined();
  });

  test('a delivered attempt of an endpoint that does not fail writes nothing', async () => {
    const endpoint = await addEndpoint(db);
    await deliver(db, endpoint);
    expect(await findFailing(db, endpoint.id)).toBeUndefined();
  });

  test.each([
    ['gone', 0],
    ['ack_pending', 0],
    ['blocked', 1],
    ['status', 1],
  ])('"%s" counts %i times', async (reason, failures) => {
    const endpoint = await addEndpoint(db);
    await fail(db, endpoint, { times: 1, reason });
    expect((await findFailing(db, endpoint.id))?.failures ?? 0).toBe(failures);
  });

  test('an interrupted attempt says nothing of the endpoint', async () => {
    const endpoint = await addEndpoint(db);
    const record = await attemptOf(db, endpoint, { reason: 'interrupted' });
    await recordAttempts(db, [{ ...record, endpoint: null }]);
    expect(await findFailing(db, endpoint.id)).toBeUndefined();
  });

  test('a disabled endpoint does not fail', async () => {
    const endpoint = await addEndpoint(db, { state: 'disabled' });
    await fail(db, endpoint, { times: 1 });
    expect(await findFailing(db, endpoint.id)).toBeUndefined();
  });

  test('in one transaction what comes after the last delivered one counts', async () => {
    const endpoint = await addEndpoint(db);
    const at = (ms: number) => new Date(begun.getTime() + ms);
    await recordAttempts(db, [
      await attemptOf(db, endpoint, { startedAt: at(400) }),
      await attemptOf(db, endpoint, { startedAt: at(0) }),
      await attemptOf(db, endpoint, { startedAt: at(200), reason: null }),
    ]);
    expect(await findFailing(db, endpoint.id)).toMatchObject({
      failures: 1,
      failing_since: at(400),
    });
  });

  test.each([
    [9, 59 * minuteMs, 0],
    [10, 0, 1],
    [50, 0, 2],
    [2, 60 * minuteMs, 2],
    [250, 0, 3],
    [2, 24 * 60 * minuteMs, 3],
  ])('%i failed attempts over %i ms are stage %i', async (times, lastingMs, stage) => {
    const endpoint = await addEndpoint(db);
    await fail(db, endpoint, { times: times - 1 });
    await fail(db, endpoint, { times: 1, startedAt: new Date(begun.getTime() + lastingMs) });
    expect(await findFailing(db, endpoint.id)).toMatchObject({ failures: times, stage });
  });

  test('two transactions over the same endpoints at once both count', async () => {
    const endpoints = await Promise.all(Array.from({ length: 6 }, () => addEndpoint(db)));
    const records = (list: readonly EndpointRow[]) =>
      Promise.all(list.map((endpoint) => attemptOf(db, endpoint)));
    for (const round of [1, 2, 3, 4, 5]) {
      await Promise.all([
        recordAttempts(db, await records(endpoints)),
        recordAttempts(db, await records(endpoints.toReversed())),
      ]);
      const rows = await db('failing_endpoints').whereIn(
        'endpoint_id',
        endpoints.map(({ id }) => id),
      );
      expect(rows.map(({ failures }) => failures)).toEqual(Array(6).fill(round * 2));
    }
  });
});

describe('recordDisabled()', () => {
  test('forgets the failures and notes the event', async () => {
    const endpoint = await addEndpoint(db);
    await fail(db, endpoint, { times: 3 });
    await recordDisabled(db, endpoint, 'gone');
    expect(await findFailing(db, endpoint.id)).toBeUndefined();
    expect(await db('operational_notices').where({ endpoint_id: endpoint.id })).toMatchObject([
      {
        type: 'endpoint.disabled',
        data: { reason: 'gone', failures: 3, since: begun.toISOString(), url: endpoint.url },
      },
    ]);
  });
});
