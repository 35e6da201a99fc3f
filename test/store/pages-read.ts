import type { Knex } from 'knex';
import { z } from 'zod';

const explained = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({
        Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }),
      }),
    ]),
  }),
]);

/** How many pages the statements of some work touch; nothing that it writes stays. */
export async function pagesReadBy(db: Knex, work: (tx: Knex) => Promise<unknown>): Promise<number> {
  const queries: { readonly sql: string; readonly bindings: readonly string[] }[] = [];
  const note = (query: (typeof queries)[number]): void => void queries.push(query);
  const first = await db.transaction();
  db.on('query', note);
  await work(first);
  db.removeListener('query', note);
  await first.rollback();
  let pages = 0;
  for (const { sql, bindings } of queries.filter((query) => query.sql.includes('deliveries'))) {
    const tx = await db.transaction();
    const asked = sql.replaceAll(/\$\d+/g, '?');
    const { rows } = await tx.raw<{ rows: unknown }>(
      `explain (analyze, buffers, format json) ${asked}`,
      [...bindings],
    );
    await tx.rollback();
    const plan = explained.parse(rows)[0]['QUERY PLAN'][0].Plan;
    pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  return pages;
}
