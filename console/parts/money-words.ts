import { visibleLine } from './visible-text.ts';

/** An amount of money: `1,234.50 USD`, with the decimal places that it has, six at most. */
export function moneyWords(amount: number, currency: string): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 6 };
  return `${amount.toLocaleString('en', digits)} ${visibleLine(currency)}`;
}
