import type { Answers } from '../../../src/client/index.ts';
import { moneyWords } from '../../parts/money-words.ts';

export type Budget = Answers['Budget'];

/** As `100.00 USD a month`. */
export function budgetWords({ amount, currency, period }: Budget): string {
  return `${moneyWords(amount, currency)} a ${period}`;
}
