import type { Knex } from 'knex';
import { z } from 'zod';

interface Node {
  readonly rows: number;
  readonly Plans: readonly Node[];
}

const node: z.ZodType<Node> = z
  .object({
    'Actual Rows': z.number(),
    'Actual Loops': z.number(),
    'Rows Removed by Filter': z.number().default(0),
    get Plans() {
      return z.array(node).default([]);
    },
  })
  .transform(({ Plans, ...own }) => ({
    rows: (own['Actual Rows'] + own['Rows Removed by Filter']) * own['Actual Loops'],
    Plans,
  }));

const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: node })]) })]);

/** How many rows the queries of some work read that read, as PostgreSQL explains them afterwards. */
export async function rowsReadBy(db: Knex, work: () => Promise<unknown>): Promise<number> {
  const queries: { readonly sql: string; readonly bindings: readonly string[] }[] = [];
  const note = (query: (typeof queries)[number]): void => void queries.push(query);
  db.on('query', note);
  await work();
  db.removeListener('query', note);
  let read = 0;
  for (const { sql, bindings } of queries.filter((query) => query.sql.startsWith('select'))) {
    const asked = sql.replaceAll(/\$\d+/g, '?');
    const { rows } = await db.raw<{ rows: unknown }>(`explain (analyze, format json) ${asked}`, [
      ...bindings,
    ]);
    read += sumOf(explained.parse(rows)[0]['QUERY PLAN'][0].Plan);
  }
  return read;
}

function sumOf({ rows, Plans }: Node): number {
  return Plans.reduce((sum, plan) => sum + sumOf(plan), rows);
}
