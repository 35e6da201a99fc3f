import type { Knex } from 'knex';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { AuditRow } from './access-tables.ts';

/** Write what was done; called in the transaction that does it. */
export async function recordAudit(
  db: Knex,
  entry: Omit<AuditRow, 'detail'> & { readonly detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  await db('audit_log').insert({ ...entry, detail: JSON.stringify(entry.detail) });
}

/** Newest first. */
export async function listAudit(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: Partial<Pick<AuditRow, 'action' | 'subject'>>; page: Page },
): Promise<AuditRow[]> {
  return db('audit_log')
    .where({ tenant_id: tenantId, ...filter })
    .modify(newestFirst, page);
}
