import type { BudgetPeriod } from '../domain/budget.ts';
import type { ImportItem, ImportState } from '../domain/import.ts';

/** The rows of imports, and of what tenants spend and may spend. Amounts come as exact decimal text. */
export interface ImportRow {
  id: string;
  tenant_id: string;
  source: string;
  state: ImportState;
  /** All that were sent: those that wait, those taken, and those that can't be. */
  item_count: number;
  taken_count: number;
  error_count: number;
  created_at: Date;
  start_after: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

/** An item that waits to be taken, or what is wrong with it; a taken one is gone. */
export interface ImportItemRow {
  import_id: string;
  /** In the list that was sent, from 0. */
  position: number;
  item: ImportItem | null;
  error: string | null;
}

/** What one session has cost. */
export interface CostRow {
  session_id: string;
  tenant_id: string;
  amount: string;
  currency: string;
  at: Date;
}

export interface SpendingRow {
  tenant_id: string;
  currency: string;
  /** A day or a month of UTC: `2026-11-28`, `2026-11`. */
  period_key: string;
  amount: string;
}

export interface BudgetRow {
  id: string;
  tenant_id: string;
  period: BudgetPeriod;
  currency: string;
  amount: string;
  created_at: Date;
}

/** A budget was exceeded in a period: at most once. */
export interface BudgetAlertRow {
  budget_id: string;
  period_key: string;
  tenant_id: string;
  /** When it was exceeded. */
  spent: string;
  exceeded_at: Date;
  /** Null = the world is still to be told. */
  emitted_at: Date | null;
}

export interface IssueRow {
  tenant_id: string;
  source: string;
  repository: string;
  number: number;
  title: string;
  state: string;
  url: string;
  updated_at: Date;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    issues: IssueRow;
    imports: ImportRow;
    import_items: ImportItemRow;
    costs: CostRow;
    spending: SpendingRow;
    budgets: BudgetRow;
    budget_alerts: BudgetAlertRow;
  }
}
