import type { Knex } from 'knex';
import { periodKeyOf } from '../domain/budget.ts';
import type { BudgetAlertRow, BudgetRow } from './import-tables.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';

/** What a session has cost. */
export interface Cost {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: Date;
}

/** A budget with how far it is spent in the period that is now. */
export interface BudgetProgress extends BudgetRow {
  readonly spent: string;
  readonly exceeded_at: Date | null;
}

/** A threshold that was exceeded in a period, and of which the world is still to be told. */
export type UnemittedAlert = Pick<BudgetAlertRow, 'budget_id' | 'period_key' | 'spent'> &
  Pick<BudgetRow, 'amount' | 'currency'>;

/**
 * Add what a session has cost to the spending of its day and month, and write an alert for each
 * budget that it takes above its amount. Called in a transaction; a session counts once.
 */
export async function recordCost(tx: Knex, cost: Cost): Promise<void> {
  const { tenantId: tenant_id, sessionId: session_id, amount, currency, at } = cost;
  const recorded = await tx('costs')
    .insert({ session_id, tenant_id, amount: String(amount), currency, at })
    .onConflict('session_id')
    .ignore()
    .returning('session_id');
  if (recorded.length > 0) await spend(tx, cost);
}

/**
 * Set a budget; the same period, amount and currency are the same budget. Called in a transaction.
 *
 * One that is exceeded already has its alert when this is committed.
 */
export async function setBudget(
  tx: Knex,
  budget: Omit<BudgetRow, 'amount'> & { readonly amount: number },
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const [set] = await tx('budgets')
    .insert({ ...budget, amount: String(budget.amount) })
    .onConflict(['tenant_id', 'currency', 'period', 'amount'])
    .merge({ created_at: tx.raw('budgets.created_at') }) // Nothing changes; its row is locked, and returned.
    .returning('id');
  if (!set) throw new Error(`The budget "${budget.id}" was not set`);
  // Waits for costs that are being added: they do not see this budget, so they must be seen here.
  const { tenant_id: tenantId, currency, created_at: at } = budget;
  await spend(tx, { tenantId, currency, at, amount: 0 });
  return { id: set.id, isNew: set.id === budget.id };
}

/** A tenant's budgets, newest first. */
export async function listBudgets(
  db: Knex,
  tenantId: string,
  { now, page }: { now: Date; page: Page },
): Promise<BudgetProgress[]> {
  return withSpending(db, now).where('budgets.tenant_id', tenantId).modify(newestFirst, page);
}

/** One budget of a tenant. */
export async function findBudget(
  db: Knex,
  key: Pick<BudgetRow, 'id' | 'tenant_id'>,
  now: Date,
): Promise<BudgetProgress | undefined> {
  return withSpending(db, now).where(key).first();
}

/** @returns what was deleted; what is spent stays known */
export async function deleteBudget(
  db: Knex,
  key: Pick<BudgetRow, 'id' | 'tenant_id'>,
): Promise<BudgetRow | undefined> {
  const [deleted] = await db('budgets').where(key).delete().returning('*');
  return deleted;
}

/** The thresholds of a tenant that were exceeded and not told of, oldest first. */
export async function listUnemittedAlerts(db: Knex, tenantId: string): Promise<UnemittedAlert[]> {
  return db('budget_alerts as alert')
    .join('budgets as budget', 'budget.id', 'alert.budget_id')
    .where('alert.tenant_id', tenantId)
    .whereNull('alert.emitted_at')
    .orderBy('alert.exceeded_at')
    .select('budget_id', 'period_key', 'spent', 'budget.amount', 'budget.currency');
}

/** The world was told. Safe to repeat. */
export async function setAlertEmitted(
  db: Knex,
  key: Pick<BudgetAlertRow, 'budget_id' | 'period_key'>,
): Promise<void> {
  await db('budget_alerts')
    .where({ budget_id: key.budget_id, period_key: key.period_key })
    .whereNull('emitted_at')
    .update({ emitted_at: db.fn.now() });
}

/** The two statements are two on purpose: the second sees the budgets that the first has waited for. */
async function spend(tx: Knex, spent: Omit<Cost, 'sessionId'>): Promise<void> {
  const { tenantId, currency, at } = spent;
  const [month, day] = [periodKeyOf('month', at), periodKeyOf('day', at)];
  const names = { tenantId, currency, month, day, at, amount: String(spent.amount) };
  await tx.raw(
    `insert into spending (tenant_id, currency, period_key, amount)
     values (:tenantId, :currency, :month, :amount::numeric(20, 6)),
            (:tenantId, :currency, :day, :amount::numeric(20, 6))
     on conflict (tenant_id, currency, period_key)
     do update set amount = spending.amount + excluded.amount`,
    names,
  );
  await tx.raw(
    `insert into budget_alerts (budget_id, period_key, tenant_id, spent, exceeded_at)
     select b.id, s.period_key, b.tenant_id, s.amount, :at
     from budgets b join spending s on s.tenant_id = b.tenant_id and s.currency = b.currency
       and s.period_key = case b.period when 'day' then :day else :month end
     where b.tenant_id = :tenantId and b.currency = :currency and s.amount > b.amount
     for key share of b
     on conflict do nothing`,
    names,
  );
}

function withSpending(db: Knex, now: Date) {
  const keyOfNow = `case budgets.period when 'day' then :day else :month end`;
  const keys = { day: periodKeyOf('day', now), month: periodKeyOf('month', now) };
  return db('budgets').select<BudgetProgress[]>(
    'budgets.*',
    db.raw(
      `coalesce((
         select s.amount from spending s
         where s.tenant_id = budgets.tenant_id and s.currency = budgets.currency
           and s.period_key = ${keyOfNow}), 0) as spent`,
      keys,
    ),
    db.raw(
      `(select a.exceeded_at from budget_alerts a
        where a.budget_id = budgets.id and a.period_key = ${keyOfNow}) as exceeded_at`,
      keys,
    ),
  );
}
