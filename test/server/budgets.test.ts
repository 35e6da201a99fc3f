import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import type { Publication } from '../../src/runtime/publish.ts';
import { recordCost } from '../../src/store/budgets.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let now = new Date('2026-11-28T12:00:00Z');
const published: Publication[] = [];

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi({
    now: () => now,
    publish: async (publication) => {
      published.push(publication);
      return { eventId: 'evt_1', status: 'accepted', deliveries: 0, skipped: 0 };
    },
  });
});
afterAll(async () => api.close());
beforeEach(async () => {
  await api.db('budgets').delete();
  published.length = 0;
});

const wish = { period: 'month', amount: 100.5, currency: 'EUR' };

async function put(over: Record<string, unknown> = {}): Promise<Answer> {
  return api.call('PUT', '/v1/budgets', { ...wish, ...over });
}

async function list(): Promise<Record<string, unknown>[]> {
  return (await api.call('GET', '/v1/budgets')).body['data'] as Record<string, unknown>[];
}

async function spend(amount: number, currency: string): Promise<void> {
  const cost = { tenantId: api.tenantId, sessionId: makeId('ses'), amount, currency, at: now };
  await api.db.transaction((tx) => recordCost(tx, cost));
}

describe('PUT /v1/budgets', () => {
  test('sets a budget and answers it; the same again changes nothing', async () => {
    const { status, body } = await put();
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^bud_/) as string,
      ...wish,
      created_at: now.toISOString(),
      current_period: '2026-11',
      spent: 0,
      exceeded_at: null,
    });
    expect((await put()).body).toEqual(body);
    expect(await list()).toEqual([body]);
    const audit = await api.call('GET', `/v1/audit-log?subject=${String(body['id'])}`);
    expect(audit.body['data']).toMatchObject([{ action: 'budget.set', detail: wish }]);
  });

  test('a budget that is exceeded already is told of at once, and once', async () => {
    await spend(3, 'CHF');
    await put({ amount: 3, currency: 'CHF' });
    expect(published).toEqual([]);
    const { body } = await put({ period: 'day', amount: 2, currency: 'CHF' });
    expect(body).toMatchObject({
      current_period: '2026-11-28',
      spent: 3,
      exceeded_at: now.toISOString(),
    });
    await put({ period: 'day', amount: 2, currency: 'CHF' });
    expect(published).toEqual([
      {
        tenantId: api.tenantId,
        type: 'cost.threshold_exceeded',
        data: {
          tenant_id: api.tenantId,
          period: '2026-11-28',
          amount: 3,
          threshold: 2,
          currency: 'CHF',
        },
        key: `budget/${String(body['id'])}/2026-11-28`,
      },
    ]);
  });

  test.each([
    ['another period', { period: 'year' }, '/period'],
    ['nothing', { amount: 0 }, '/amount'],
    ['less than nothing', { amount: -1 }, '/amount'],
    ['text', { amount: '100' }, '/amount'],
    ['seven decimal places', { amount: 0.0000001 }, '/amount'],
    ['more than anybody spends', { amount: 1_000_000_001 }, '/amount'],
    ['a currency in lower case', { currency: 'eur' }, '/currency'],
    ['a currency of four letters', { currency: 'EURO' }, '/currency'],
    ['no currency', { currency: undefined }, '/currency'],
    ['an unknown field', { tenant_id: 'ten_1' }, '/tenant_id'],
  ])('%s is answered 422', async (_, change, pointer) => {
    const { status, body } = await put(change);
    expect(status).toBe(422);
    expect(body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });

  test('an amount of six decimal places is kept as it is', async () => {
    const amount = 999_999_999.123456;
    expect((await put({ amount })).body).toMatchObject({ amount });
  });
});

describe('GET /v1/budgets', () => {
  test('tells what is spent, newest first, of its own tenant only', async () => {
    await put({ currency: 'JPY', amount: 10 });
    now = new Date(now.getTime() + 1); // Of one instant, either may come first.
    await put({ currency: 'JPY', amount: 20 });
    await spend(12.25, 'JPY');
    expect(await list()).toMatchObject([
      { amount: 20, spent: 12.25, exceeded_at: null },
      { amount: 10, spent: 12.25, exceeded_at: now.toISOString() },
    ]);
    const headers = { Authorization: `Bearer ${await api.makeKey(['read'])}` };
    expect((await api.fetch('/v1/budgets', { headers })).body['data']).toEqual([]);
  });
});

describe('DELETE /v1/budgets/{id}', () => {
  test('takes the budget away, and leaves what is spent', async () => {
    await spend(5, 'SEK');
    const { body } = await put({ currency: 'SEK' });
    const id = String(body['id']);
    const other = await api.makeKey(['write']);
    const headers = { Authorization: `Bearer ${other}` };
    const theirs = await api.fetch(`/v1/budgets/${id}`, { method: 'DELETE', headers });
    expect(theirs.status).toBe(404);
    expect((await api.call('DELETE', `/v1/budgets/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', `/v1/budgets/${id}`)).status).toBe(404);
    expect(await list()).toEqual([]);
    expect((await put({ currency: 'SEK' })).body).toMatchObject({ spent: 5 });
    const audit = await api.call('GET', `/v1/audit-log?subject=${id}&action=budget.delete`);
    expect(audit.body['data']).toMatchObject([{ detail: { ...wish, currency: 'SEK' } }]);
  });
});

describe('POST /v1/sessions/{id}/finish', () => {
  test('of fifty at once, each counts once and exactly, also when it is repeated', async () => {
    await put({ currency: 'NOK', amount: 14.9 });
    const opened = await Promise.all(
      Array.from({ length: 50 }, () =>
        api.call('POST', '/v1/sessions', { name: 'expensive', user_id: 'lwei' }),
      ),
    );
    const result = { cost: 0.1 + 0.2, currency: 'NOK' };
    const finishAll = async () => {
      const finish = ({ body }: Answer) =>
        api.call('POST', `/v1/sessions/${String(body['id'])}/finish`, result);
      return new Set((await Promise.all(opened.map(finish))).map(({ status }) => status));
    };
    expect(await finishAll()).toEqual(new Set([200]));
    expect(await finishAll()).toEqual(new Set([200]));
    const spent = api.db('spending').where({ currency: 'NOK' }).where('amount', '>', 0);
    expect(await spent.pluck('amount')).toEqual(['15.000000', '15.000000']); // Its day and month.
    expect(await api.db('budget_alerts').where({ spent: '15' })).toHaveLength(1);
    const { body } = await api.call('GET', '/v1/system/accounting');
    expect(body).toMatchObject({ imbalances: [] });
  });
});
