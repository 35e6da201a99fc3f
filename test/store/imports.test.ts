import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportItem } from '../../src/domain/import.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { readAccounting } from '../../src/store/accounting.ts';
import {
  findImport,
  listImportErrors,
  recordImport,
  setImportCompleted,
  takeItems,
} from '../../src/store/imports.ts';
import type { SentItem } from '../../src/store/imports.ts';
import { recordIssues } from '../../src/store/issues.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
let tenantId: string;
beforeAll(async () => {
  db = await freshDatabase();
  tenantId = (await ensureTenant(db, 'own', makeId('ten'))).id;
});
afterAll(() => db.destroy());

function issue(number: number, over: Partial<ImportItem> = {}): ImportItem {
  const url = `https://example.com/${number}`;
  return { repository: 'acme/checkout', number, title: 'Slow', state: 'open', url, ...over };
}

function good(...items: readonly ImportItem[]): SentItem[] {
  return items.map((item) => ({ item, error: null }));
}

async function addImport(
  source: string,
  items: readonly SentItem[],
  created_at = new Date(),
): Promise<string> {
  const row = { id: makeId('imp', created_at), tenant_id: tenantId, source, created_at };
  await db.transaction((tx) => recordImport(tx, row, items));
  return row.id;
}

async function statesOf(source: string): Promise<unknown[]> {
  return db('issues').where({ source }).orderBy('number').pluck('state');
}

describe('takeItems()', () => {
  test('takes page by page until nothing is left, and counts each item once', async () => {
    const items = Array.from({ length: 5 }, (_, index) => issue(index + 1));
    const id = await addImport('pages', good(...items));
    expect(await takeItems(db, id, 2)).toBe(2);
    expect(await findImport(db, id)).toMatchObject({ item_count: 5, taken_count: 2 });
    expect(await takeItems(db, id, 2)).toBe(2);
    expect(await takeItems(db, id, 2)).toBe(1);
    expect(await takeItems(db, id, 2)).toBe(0);
    expect(await findImport(db, id)).toMatchObject({ taken_count: 5, error_count: 0 });
    expect(await statesOf('pages')).toHaveLength(5);
  });

  test('two that take at once share the items', async () => {
    const items = Array.from({ length: 60 }, (_, index) => issue(index + 1));
    const id = await addImport('shared', good(...items));
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeItems(db, id, 10)));
    expect(taken.filter((count) => count === 10)).toHaveLength(6);
    expect(taken.filter((count) => count === 0)).toHaveLength(2);
    expect(await findImport(db, id)).toMatchObject({ taken_count: 60 });
  });

  test('what could not be written leaves the items and the count as they were', async () => {
    const id = await addImport('broken', good(issue(1), issue(2, { number: 2 ** 40 })));
    await expect(takeItems(db, id, 10)).rejects.toThrow('out of range');
    expect(await findImport(db, id)).toMatchObject({ taken_count: 0 });
    expect(await statesOf('broken')).toEqual([]);
    expect(await db('import_items').where({ import_id: id })).toHaveLength(2);
  });

  test('of two items with one number the later wins, within a page and across', async () => {
    const [open, closed, merged] = ['open', 'closed', 'merged'].map((state) => issue(1, { state }));
    if (!open || !closed || !merged) throw new Error('Three are made');
    const id = await addImport('twice', good(open, closed, merged));
    await takeItems(db, id, 2);
    expect(await statesOf('twice')).toEqual(['closed']);
    await takeItems(db, id, 2);
    expect(await statesOf('twice')).toEqual(['merged']);
    expect(await findImport(db, id)).toMatchObject({ taken_count: 3 });
  });

  test('an import that comes late does not put back what is newer', async () => {
    const earlier = await addImport('late', good(issue(1)), new Date(Date.now() - 60_000));
    const later = await addImport('late', good(issue(1, { state: 'closed' })));
    await takeItems(db, later, 10);
    await takeItems(db, earlier, 10);
    expect(await statesOf('late')).toEqual(['closed']);
    const row = { ...issue(1, { state: 'reopened' }), tenant_id: tenantId, source: 'late' };
    await recordIssues(db, [{ ...row, updated_at: new Date(Date.now() + 1000) }]);
    expect(await statesOf('late')).toEqual(['reopened']);
  });
});

describe('recordImport()', () => {
  test('keeps what is wrong with an item at its place', async () => {
    const items = [
      { item: null, error: 'number: Wrong' },
      ...good(issue(1)),
      { item: null, error: 'url: Wrong' },
    ];
    const id = await addImport('errors', items);
    await takeItems(db, id, 10);
    expect(await findImport(db, id)).toMatchObject({ taken_count: 1, error_count: 2 });
    expect(await listImportErrors(db, id)).toEqual([
      { position: 0, error: 'number: Wrong' },
      { position: 2, error: 'url: Wrong' },
    ]);
  });
});

describe('readAccounting()', () => {
  test('finds an import whose items do not add up, and one that ended too early', async () => {
    const rest = (await readAccounting(db, tenantId)).imbalances;
    expect(rest).toEqual([]);
    const short = await addImport('short', good(issue(1), issue(2)));
    await db('import_items').where({ import_id: short, position: 0 }).delete();
    const early = await addImport('early', good(issue(1)));
    await setImportCompleted(db, early);
    expect((await readAccounting(db, tenantId)).imbalances).toEqual([
      { rule: expect.stringMatching(/^An import has items/) as string, count: 1, ids: [short] },
      { rule: expect.stringMatching(/^An import is completed/) as string, count: 1, ids: [early] },
    ]);
  });
});

test('of an import that was ended in Temporal nothing is taken any more', async () => {
  const id = await addImport('stopped', good(issue(1), issue(2)));
  expect(await takeItems(db, id, 1)).toBe(1);
  await db('imports').where({ id }).update({ state: 'cancelled', ended_at: new Date() });
  expect(await takeItems(db, id, 1)).toBe(0);
  expect(await findImport(db, id)).toMatchObject({ state: 'cancelled', taken_count: 1 });
  expect(await statesOf('stopped')).toHaveLength(1);
  await setImportCompleted(db, id);
  expect(await findImport(db, id)).toMatchObject({ state: 'cancelled' });
});

describe('setImportCompleted()', () => {
  test('notes the end once', async () => {
    const id = await addImport('ended', good(issue(1)));
    await setImportCompleted(db, id);
    const ended = await findImport(db, id);
    expect(ended).toMatchObject({ state: 'completed' });
    await setImportCompleted(db, id);
    expect(await findImport(db, id)).toEqual(ended);
  });
});
