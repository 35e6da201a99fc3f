import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emitExceeded } from '../../src/runtime/budget-alerts.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { Publication } from '../../src/runtime/publish.ts';
import { readAccounting } from '../../src/store/accounting.ts';
import { deleteBudget, findBudget, recordCost, setBudget } from '../../src/store/budgets.ts';
import type { Cost } from '../../src/store/budgets.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

const at = new Date('2026-11-28T23:59:59Z');

let db: Knex;
let tenantId: string;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());
beforeEach(async () => {
  const id = makeId('ten');
  tenantId = (await ensureTenant(db, id, id)).id;
});

async function spend(amount: number, over: Partial<Cost> = {}): Promise<void> {
  const cost = { tenantId, sessionId: makeId('ses'), amount, currency: 'USD', at, ...over };
  await db.transaction((tx) => recordCost(tx, cost));
}

async function limit(period: 'day' | 'month', amount: number, currency = 'USD'): Promise<string> {
  const budget = { id: makeId('bud'), tenant_id: tenantId, period, amount, currency };
  const { id } = await db.transaction((tx) => setBudget(tx, { ...budget, created_at: at }));
  return id;
}

async function spending(currency = 'USD'): Promise<Record<string, string>> {
  const rows = await db('spending').where({ tenant_id: tenantId, currency });
  return Object.fromEntries(rows.map(({ period_key, amount }) => [period_key, amount]));
}

async function alerts(): Promise<unknown[]> {
  return db('budget_alerts')
    .where({ tenant_id: tenantId })
    .orderBy(['budget_id', 'period_key'])
    .select('budget_id', 'period_key', 'spent');
}

describe('recordCost()', () => {
  test('adds to the day and the month of UTC, each currency by itself, exactly', async () => {
    await spend(0.1);
    await spend(0.2);
    await spend(0.000001, { at: new Date('2026-11-29T00:00:00Z') });
    await spend(7, { currency: 'EUR' });
    expect(await spending()).toEqual({
      '2026-11-28': '0.300000',
      '2026-11-29': '0.000001',
      '2026-11': '0.300001',
    });
    expect(await spending('EUR')).toEqual({ '2026-11-28': '7.000000', '2026-11': '7.000000' });
  });

  test('a session counts once', async () => {
    await spend(1, { sessionId: 'ses_once' });
    await spend(1, { sessionId: 'ses_once' });
    expect(await spending()).toMatchObject({ '2026-11': '1.000000' });
  });

  test('an amount that is reached is not exceeded', async () => {
    const id = await limit('day', 1);
    await spend(1);
    expect(await alerts()).toEqual([]);
    await spend(0.000001);
    expect(await alerts()).toEqual([
      { budget_id: id, period_key: '2026-11-28', spent: '1.000001' },
    ]);
  });

  test('alerts once for each period and each threshold that is exceeded', async () => {
    await spend(50, { currency: 'EUR' });
    const [low, high] = [await limit('day', 1), await limit('day', 5)];
    const month = await limit('month', 2);
    await limit('month', 100);
    await limit('day', 50, 'EUR');
    await spend(1.5);
    await spend(4);
    await spend(3, { at: new Date('2026-11-29T00:00:00Z') });
    expect(await alerts()).toEqual([
      { budget_id: low, period_key: '2026-11-28', spent: '1.500000' },
      { budget_id: low, period_key: '2026-11-29', spent: '3.000000' },
      { budget_id: high, period_key: '2026-11-28', spent: '5.500000' },
      { budget_id: month, period_key: '2026-11', spent: '5.500000' },
    ]);
  });

  test('a hundred, four at once, make an exact sum and one alert', async () => {
    const [day, month] = [await limit('day', 5), await limit('month', 5)];
    // As many at once as there are connections.
    const lanes = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 25; n += 1) await spend(0.1);
    });
    await Promise.all(lanes);
    expect(await spending()).toEqual({ '2026-11-28': '10.000000', '2026-11': '10.000000' });
    expect(await alerts()).toEqual([
      { budget_id: day, period_key: '2026-11-28', spent: '5.100000' },
      { budget_id: month, period_key: '2026-11', spent: '5.100000' },
    ]);
  });

  test("does not count for another tenant's budget", async () => {
    await limit('day', 1);
    const id = makeId('ten');
    await ensureTenant(db, id, id);
    await spend(2, { tenantId: id });
    expect(await db('budget_alerts').whereIn('tenant_id', [tenantId, id])).toEqual([]);
  });
});

describe('setBudget()', () => {
  test('the same period, amount and currency are the same budget', async () => {
    const id = await limit('day', 10);
    expect(await limit('day', 10)).toBe(id);
    const others = [
      await limit('month', 10),
      await limit('day', 11),
      await limit('day', 10, 'EUR'),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  test('one that is exceeded already alerts at once', async () => {
    await spend(3);
    const id = await limit('month', 2);
    expect(await alerts()).toEqual([{ budget_id: id, period_key: '2026-11', spent: '3.000000' }]);
    expect(await findBudget(db, { id, tenant_id: tenantId }, at)).toMatchObject({
      spent: '3.000000',
      exceeded_at: at,
    });
    await limit('month', 2);
    expect(await alerts()).toHaveLength(1);
  });

  test('is not missed by a cost that is being added, whichever is committed first', async () => {
    const tx = await db.transaction();
    const cost = { tenantId, sessionId: makeId('ses'), amount: 3, currency: 'USD', at };
    await recordCost(tx, cost);
    const setting = limit('day', 2);
    await waitingFor('insert into spending');
    await tx.commit();
    const id = await setting;
    expect(await alerts()).toEqual([
      { budget_id: id, period_key: '2026-11-28', spent: '3.000000' },
    ]);

    const other = await db.transaction();
    const budget = { id: makeId('bud'), tenant_id: tenantId, currency: 'USD' };
    await setBudget(other, { ...budget, period: 'month', amount: 4, created_at: at });
    const spent = spend(2);
    await waitingFor('insert into spending');
    await other.commit();
    await spent;
    expect(await alerts()).toContainEqual({
      budget_id: budget.id,
      period_key: '2026-11',
      spent: '5.000000',
    });
  });

  test('a budget that is deleted while a cost is added fails nothing', async () => {
    const id = await limit('day', 1);
    const tx = await db.transaction();
    await deleteBudget(tx, { id, tenant_id: tenantId });
    const spent = spend(2);
    await waitingFor('insert into budget_alerts');
    await tx.commit();
    await spent;
    expect(await alerts()).toEqual([]);
    expect(await spending()).toMatchObject({ '2026-11-28': '2.000000' });
  });
});

describe('readAccounting()', () => {
  test('finds a period whose spending is not the sum of its costs', async () => {
    await spend(0.1);
    await spend(0.2, { currency: 'EUR' });
    expect((await readAccounting(db, tenantId)).imbalances).toEqual([]);
    await db('spending')
      .where({ tenant_id: tenantId, period_key: '2026-11' })
      .update({ amount: '0.2' });
    await db('costs').where({ tenant_id: tenantId, currency: 'EUR' }).delete();
    expect((await readAccounting(db, tenantId)).imbalances).toEqual([
      {
        rule: expect.stringMatching(/^What is spent/) as string,
        count: 3,
        ids: ['EUR 2026-11', 'EUR 2026-11-28', 'USD 2026-11'],
      },
    ]);
  });
});

describe('emitExceeded()', () => {
  test('tells of each alert under a key of its own, and of none again', async () => {
    const id = await limit('day', 0.5);
    await spend(0.75);
    const told: Publication[] = [];
    const publish = async (publication: Publication) => {
      told.push(publication);
      if (told.length === 1) throw new Error('Away');
      return { eventId: 'evt_1', status: 'accepted' as const, deliveries: 0, skipped: 0 };
    };
    await expect(emitExceeded({ db, publish }, tenantId)).rejects.toThrow('Away');
    await emitExceeded({ db, publish }, tenantId);
    await emitExceeded({ db, publish }, tenantId);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual({
      tenantId,
      type: 'cost.threshold_exceeded',
      data: {
        tenant_id: tenantId,
        period: '2026-11-28',
        amount: 0.75,
        threshold: 0.5,
        currency: 'USD',
      },
      key: `budget/${id}/2026-11-28`,
    });
    expect(told[0]).toEqual(told[1]);
  });
});

/** Until a statement of that beginning waits for a lock. */
async function waitingFor(beginning: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await db.raw<{ rows: unknown[] }>(
          `select from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like ?`,
          [`${beginning}%`],
        );
        return rows.length;
      },
      { timeout: 90_000, interval: 10 },
    )
    .toBe(1);
}
