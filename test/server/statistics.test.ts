import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { addDelivery, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

type Bucket = Record<string, number> & { at: string };

describe('statisticsRoutes()', () => {
  test('tells what happened, and how things stand', async () => {
    await addEvent(api);
    await addEvent(api, { direction: 'outbound' });
    await addEvent(api, { tenant_id: 'ten_other' });
    await addDelivery(api, { state: 'delivered', ended_at: new Date() });
    const waiting = await addDelivery(api, { state: 'retrying' });
    await recordDeadDelivery(api.db, { id: await addDelivery(api), cycle: 1 }, 'timeout');
    await api.call('POST', '/v1/endpoints', { url: 'https://paused.example/', event_types: ['*'] });
    await api.db('endpoints').update({ state: 'paused' });
    await api.db('triggers').insert([
      { id: 'trg_1', tenant_id: api.tenantId, name: 'a', file: 'a', revision: 1, problem: 'bad' },
      { id: 'trg_2', tenant_id: api.tenantId, name: 'b', file: 'b', revision: 1, problem: null },
    ]);
    const row = await api.db('deliveries').where({ id: waiting }).first();

    const { status, body } = await api.call('GET', '/v1/statistics');
    expect([status, body['step']]).toEqual([200, '5m']);
    const buckets = body['buckets'] as Bucket[];
    expect(buckets.length).toBeGreaterThanOrEqual(288);
    expect(buckets[0]?.at).toMatch(/T\d\d:\d[05]:00\.000Z$/);
    const happened = buckets.filter((bucket) => bucket['accepted'] !== 0);
    const one = { accepted: 1, published: 1, delivered: 1, dead: 1, rejected: 0 };
    expect(happened).toMatchObject([one]);
    expect(body['now']).toEqual({
      pending: 0,
      retrying: 1,
      parked: 0,
      dead_open: 1,
      failed_runs_open: 0,
      rejected_kept: 0,
      oldest_waiting_at: row?.created_at.toISOString(),
      oldest_overdue_at: null,
      endpoints_paused: 1,
      endpoints_disabled: 0,
      triggers_broken: 1,
    });
  });

  test('what waits in a later cycle waits since that began, and what is late is told', async () => {
    const later = await serveApi();
    const ago = (ms: number): Date => new Date(Date.now() - ms);
    const [created_at, minutes, due] = [ago(600_000), ago(120_000), ago(30_000)];
    const start_after = minutes;
    await addDelivery(later, { created_at, start_after, cycle: 2, state: 'retrying' });
    await addDelivery(later, { state: 'retrying', next_attempt_at: due });
    const read = async () => (await later.call('GET', '/v1/statistics')).body['now'];
    expect(await read()).toMatchObject({
      oldest_waiting_at: minutes.toISOString(),
      oldest_overdue_at: null,
    });
    await addDelivery(later, { state: 'retrying', next_attempt_at: minutes });
    expect(await read()).toMatchObject({ oldest_overdue_at: minutes.toISOString() });
    await later.close();
  });

  test.each([
    ['an hour', 'from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z', '1m', 60],
    [
      'an hour that begins within a step',
      'from=2026-01-01T00:00:30Z&to=2026-01-01T01:00:30Z',
      '1m',
      61,
    ],
    ['ten days', 'from=2026-01-01T00:00:00Z&to=2026-01-11T00:00:00Z', '1h', 240],
    ['a year', 'from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', '1d', 365],
    ['a day in hours', 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&step=1h', '1h', 24],
  ])('shows %s in steps that a chart can hold', async (...[, query, step, count]) => {
    const { body } = await api.call('GET', `/v1/statistics?${query}`);
    expect([body['step'], (body['buckets'] as Bucket[]).length]).toEqual([step, count]);
  });

  test.each([
    ['time that runs backwards', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', '?from'],
    ['more steps than a chart holds', 'step=1m', '?step'],
    ['more days than a chart holds', 'from=2020-01-01T00:00:00Z', '?from'],
    ['another step', 'step=2h', '?step'],
    ['a day without time', 'from=2026-01-01', '?from'],
  ])('refuses %s', async (_, query, pointer) => {
    const { status, body } = await api.call('GET', `/v1/statistics?${query}`);
    expect([status, body['errors']]).toMatchObject([422, [{ pointer }]]);
  });
});
