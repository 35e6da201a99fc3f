import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { listPaths, makeFillIn } from '../../bench/list-paths.ts';
import { seed } from '../../bench/seed.ts';
import { openDatabase } from '../../src/store/database.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

/** How many deliveries are stored: `LIST_ROWS=1000000` for as many as the benchmark has. */
const rows = Number(process.env['LIST_ROWS'] ?? 60_000);

/** A page, and the few rows around it that an index makes one look at. */
const readMax = 3000;

/** Rows of a table that is rightly read from end to end: just after midnight, that of today is small. */
const smallMax = 1000;

let api: ServedApi;
let db: Knex;
let fillIn: (path: string) => string;
let small: readonly string[];
beforeAll(async () => {
  const url = await freshDatabaseUrl();
  db = openDatabase({ url, connectionsMax: 1 }); // One: the seed's functions are its session's.
  await db.raw('set statement_timeout = 0');
  api = await serveApi({ db });
  await seed(db, { tenantId: api.tenantId, deliveries: rows });
  await db.raw('set statement_timeout = 0'); // Plans of the lists are made on this connection too.
  fillIn = await makeFillIn(db);
  small = await db('pg_class').whereBetween('reltuples', [0, smallMax]).pluck('relname');
}, 600_000);
afterAll(() => api.close());

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number | undefined;
  readonly Plans?: readonly Node[] | undefined;
}

const node: z.ZodType<Node> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  get Plans() {
    return z.array(node).optional();
  },
});

const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: node })]) })]);

/** Every node of the plans of the queries that a request makes. */
async function nodesOf(path: string): Promise<Node[]> {
  const queries: { readonly sql: string; readonly bindings: readonly Knex.Value[] }[] = [];
  const note = (query: (typeof queries)[number]): void => void queries.push(query);
  db.on('query', note);
  const answer = await api.call('GET', path);
  db.removeListener('query', note);
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  const nodes: Node[] = [];
  for (const { sql, bindings } of queries.filter((query) => /^(select|with)\b/.test(query.sql))) {
    const asked = sql.replaceAll(/\$\d+/g, '?');
    const plan = await db.raw<{ rows: unknown }>(`explain (analyze, format json) ${asked}`, [
      ...bindings,
    ]);
    nodes.push(...flat(explained.parse(plan.rows)[0]['QUERY PLAN'][0].Plan));
  }
  return nodes;
}

function flat(top: Node): Node[] {
  return [top, ...(top.Plans ?? []).flatMap(flat)];
}

/** Nodes that read a table that isn't small, and more of it than a page. */
function heavy(nodes: readonly Node[]): string[] {
  return nodes
    .map((each) => ({
      name: `${each['Node Type']} of ${each['Relation Name']}`,
      isScan: each['Relation Name'] !== undefined && !small.includes(each['Relation Name']),
      read: (each['Actual Rows'] + (each['Rows Removed by Filter'] ?? 0)) * each['Actual Loops'],
    }))
    .filter(({ isScan, read }) => isScan && read > readMax)
    .map(({ name, read }) => `${name} reads ${read} rows`);
}

test.each(listPaths)('the first page of %s is read by an index', async (path) => {
  expect(heavy(await nodesOf(fillIn(path)))).toEqual([]);
});
