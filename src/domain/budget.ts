import { z } from 'zod';

/** How long spending is added up before it begins anew; days and months are those of UTC. */
export const budgetPeriods = ['day', 'month'] as const;

export type BudgetPeriod = (typeof budgetPeriods)[number];

/** What is spent in one currency counts for budgets in that currency only. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Must be an ISO 4217 code in upper case: EUR');

/** An amount of money that a number of JavaScript and a column both hold exactly. */
export const moneySchema = z
  .number()
  .min(0)
  .max(1_000_000_000)
  .refine((amount) => Number(amount.toFixed(6)) === amount, 'Must have at most six decimal places');

/** The day or month of an instant: `2026-11-28`, `2026-11`. */
export function periodKeyOf(period: BudgetPeriod, at: Date): string {
  return at.toISOString().slice(0, period === 'day' ? 10 : 7);
}
