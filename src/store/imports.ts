import type { Knex } from 'knex';
import type { ImportItem } from '../domain/import.ts';
import type { ImportItemRow, ImportRow } from './import-tables.ts';
import { recordIssues } from './issues.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';

/** How many errors of an import are told. */
export const toldErrorsMax = 100;

/** An item as it was sent: good, or with what is wrong with it. */
export type SentItem =
  | { readonly item: ImportItem; readonly error: null }
  | { readonly item: null; readonly error: string };

export type ImportFilter = Partial<Pick<ImportRow, 'state' | 'source'>>;

/** Write an import with its items; called in a transaction. It is not started yet. */
export async function recordImport(
  tx: Knex,
  { id, ...row }: Pick<ImportRow, 'id' | 'tenant_id' | 'source' | 'created_at'>,
  items: readonly SentItem[],
): Promise<void> {
  await tx('imports').insert({
    id,
    ...row,
    state: 'pending',
    item_count: items.length,
    error_count: items.filter(({ error }) => error !== null).length,
    start_after: row.created_at,
  });
  await tx('import_items').insert(
    items.map((sent, position) => ({ import_id: id, position, ...sent })),
  );
}

/** One import of a tenant; without a tenant only for activities, which act on ids that the platform made. */
export async function findImport(
  db: Knex,
  id: string,
  tenantId?: string,
): Promise<ImportRow | undefined> {
  return db('imports')
    .where({ id, ...(tenantId !== undefined && { tenant_id: tenantId }) })
    .first();
}

/** Newest first. */
export async function listImports(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: ImportFilter; page: Page },
): Promise<ImportRow[]> {
  return db('imports')
    .where({ tenant_id: tenantId, ...filter })
    .modify(newestFirst, page);
}

/** What could not be taken, in the order in which it was sent: the first hundred. */
export async function listImportErrors(
  db: Knex,
  id: string,
): Promise<{ position: number; error: string }[]> {
  return db('import_items')
    .where({ import_id: id })
    .whereNotNull('error')
    .orderBy('position')
    .limit(toldErrorsMax)
    .select('position', 'error') as Promise<{ position: number; error: string }[]>;
}

/**
 * Take the next items of an import into the table of issues and count them, all or nothing: an item
 * leaves the list in the transaction that takes it. Of one that has ended nothing is taken.
 *
 * @param limit - how many at most
 * @returns how many were taken; 0 = none is left, or it has ended
 */
export async function takeItems(db: Knex, id: string, limit: number): Promise<number> {
  return db.transaction(async (tx) => {
    // One at a time: of two with one number the later in the list is the newer.
    const found = await tx('imports').where({ id }).forUpdate().first();
    if (!found) throw new Error(`There is no import "${id}"`);
    if (found.state !== 'pending') return 0;
    const items = await nextItems(tx, id, limit);
    if (items.length === 0) return 0;
    const { tenant_id, source, created_at: updated_at } = found;
    await recordIssues(
      tx,
      items.map(({ item }) => ({ ...item, tenant_id, source, updated_at })),
    );
    const positions = items.map(({ position }) => position);
    await tx('import_items').where({ import_id: id }).whereIn('position', positions).delete();
    await tx('imports').where({ id }).increment('taken_count', items.length);
    return items.length;
  });
}

/** The import is through. Safe to repeat. */
export async function setImportCompleted(db: Knex, id: string): Promise<void> {
  await db('imports')
    .where({ id, state: 'pending' })
    .update({ state: 'completed', ended_at: db.fn.now() });
}

async function nextItems(
  tx: Knex,
  id: string,
  limit: number,
): Promise<{ position: number; item: ImportItem }[]> {
  const rows: Pick<ImportItemRow, 'position' | 'item'>[] = await tx('import_items')
    .where({ import_id: id })
    .whereNotNull('item')
    .orderBy('position')
    .limit(limit)
    .select('position', 'item');
  return rows.flatMap(({ position, item }) => (item ? [{ position, item }] : []));
}
