import type { Knex } from 'knex';
import { z } from 'zod';
import {
  budgetPeriods,
  currencySchema,
  moneySchema,
  periodKeyOf,
} from '../../src/domain/budget.ts';
import { emitExceeded } from '../../src/runtime/budget-alerts.ts';
import { makeId } from '../../src/runtime/ids.ts';
import type { Publish } from '../../src/runtime/publish.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { deleteBudget, findBudget, listBudgets, setBudget } from '../../src/store/budgets.ts';
import type { BudgetProgress } from '../../src/store/budgets.ts';
import { auditEntry } from '../audit.ts';
import { route } from '../route.ts';
import type { MountableRoute } from '../route.ts';
import { found, instant, pageOf, pageQuery, toPage } from './answers.ts';

const requestSchema = z.strictObject({
  period: z.enum(budgetPeriods).meta({ description: 'Of UTC' }),
  amount: moneySchema.positive(),
  currency: currencySchema,
});

const budgetSchema = z
  .object({
    id: z.string(),
    period: z.enum(budgetPeriods),
    amount: z.number(),
    currency: z.string(),
    created_at: instant,
    current_period: z.string().meta({ description: 'As `2026-11-28` or `2026-11`' }),
    spent: z.number().meta({ description: 'In the current period' }),
    exceeded_at: instant
      .nullable()
      .meta({ description: 'When more than the amount was spent in the current period' }),
  })
  .meta({ id: 'Budget', description: 'What a tenant means to spend in a day or a month.' });

export interface BudgetParts {
  readonly db: Knex;
  readonly now: () => Date;
  readonly publish: Publish;
}

export function budgetRoutes(parts: BudgetParts): MountableRoute[] {
  return [setRoute(parts), listRoute(parts), deleteRoute(parts)];
}

function setRoute({ db, now, publish }: BudgetParts): MountableRoute {
  return route({
    method: 'put',
    path: '/v1/budgets',
    summary: 'Set a budget; the same period, amount and currency are the same budget',
    body: requestSchema,
    answer: budgetSchema,
    handle: async (call) => {
      const { tenantId: tenant_id, body } = call;
      const at = now();
      const wish = { id: makeId('bud', at), tenant_id, ...body, created_at: at };
      const id = await db.transaction(async (tx) => {
        const set = await setBudget(tx, wish);
        const entry = { action: 'budget.set', subject: set.id, detail: body };
        if (set.isNew) await recordAudit(tx, auditEntry(call, entry));
        return set.id;
      });
      await emitExceeded({ db, publish }, tenant_id);
      const budget = await findBudget(db, { id, tenant_id }, at);
      return toBudget(found(budget, 'budget', id), at);
    },
  });
}

function listRoute({ db, now }: BudgetParts): MountableRoute {
  return route({
    method: 'get',
    path: '/v1/budgets',
    summary: 'List budgets with what is spent of them',
    query: z.strictObject(pageQuery),
    answer: pageOf(budgetSchema),
    handle: async ({ tenantId, query }) => {
      const at = now();
      const list = listBudgets.bind(null, db, tenantId);
      return toPage(
        query,
        (page) => list({ now: at, page }),
        (row) => toBudget(row, at),
      );
    },
  });
}

function deleteRoute({ db }: BudgetParts): MountableRoute {
  return route({
    method: 'delete',
    path: '/v1/budgets/{id}',
    summary: 'Delete a budget; what is spent stays counted',
    answer: z.void(),
    status: 204,
    handle: async (call) => {
      const { id, tenantId: tenant_id } = call;
      await db.transaction(async (tx) => {
        const row = found(await deleteBudget(tx, { id, tenant_id }), 'budget', id);
        const { period, currency } = row;
        const detail = { period, amount: Number(row.amount), currency };
        await recordAudit(tx, auditEntry(call, { action: 'budget.delete', subject: id, detail }));
      });
    },
  });
}

function toBudget(row: BudgetProgress, now: Date): z.input<typeof budgetSchema> {
  const { id, period, currency } = row;
  return {
    id,
    period,
    amount: Number(row.amount),
    currency,
    created_at: row.created_at.toISOString(),
    current_period: periodKeyOf(period, now),
    spent: Number(row.spent),
    exceeded_at: row.exceeded_at?.toISOString() ?? null,
  };
}
