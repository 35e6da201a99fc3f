import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import knex from 'knex';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { startPostgres } from '../src/embedded/postgres.ts';
import { startServer } from '../src/platform.ts';
import { makeApiKey } from '../src/runtime/api-key.ts';
import { readConfig } from '../src/runtime/config.ts';
import { makeId } from '../src/runtime/ids.ts';
import { table } from '../src/runtime/text-table.ts';
import { recordApiKey } from '../src/store/api-keys.ts';
import { migrate, openDatabase } from '../src/store/database.ts';
import { ensureTenant } from '../src/store/tenants.ts';
import { countPaths, listPaths, makeFillIn } from './list-paths.ts';
import { seed } from './seed.ts';

/**
 * How long the console waits for each of its lists, with many deliveries stored and with 2,000 in the
 * same minute: what does not grow with what is stored has a ratio near 1.
 *
 *     npm run bench:lists -- --rows 1000000
 */

const { values: options } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } });

const sizes = { small: 2000, large: Number(options.rows) };

/** Each list is asked for this often, in turns. */
const rounds = 15;

/** A server over a database of a size. */
interface Side {
  readonly ask: (path: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-bench-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: false });
  const sides: Side[] = [];
  try {
    const small = await openSide(postgres.url, sizes.small);
    sides.push(small);
    const large = await openSide(postgres.url, sizes.large);
    sides.push(large);
    process.stdout.write(`${await compare(small, large)}\n`);
  } finally {
    for (const side of sides) await side.close();
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openSide(serverUrl: string, deliveries: number): Promise<Side> {
  const url = new URL(serverUrl);
  const admin = knex({ client: 'pg', connection: serverUrl });
  await admin.raw(`create database bench_${deliveries}`);
  await admin.destroy();
  url.pathname = `/bench_${deliveries}`;
  const db = openDatabase({ url: url.href, connectionsMax: 1 }); // One: the seed's functions are its session's.
  await migrate(db, new Date());
  await db.raw('set statement_timeout = 0');
  const { key, fillIn } = await fill(db, deliveries);
  await db.destroy();
  const config = readConfig({
    DATABASE_URL: url.href,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    MASTER_KEY: randomBytes(32).toString('base64'),
    PORT: '0',
    LOG_LEVEL: 'silent',
  });
  const server = await startServer({ config, log: pino({ level: 'silent' }) });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    ask: (path) => timeOf(`${origin}${fillIn(path)}`, key),
    close: () => server.close(),
  };
}

async function fill(
  db: Knex,
  deliveries: number,
): Promise<{ key: string; fillIn: (path: string) => string }> {
  const { id: tenantId } = await ensureTenant(db, 'bench', makeId('ten'));
  const { key, ...kept } = makeApiKey();
  await recordApiKey(db, { ...kept, tenant_id: tenantId, name: 'bench', scopes: ['read'] });
  await seed(db, { tenantId, deliveries });
  return { key, fillIn: await makeFillIn(db) };
}

/** Milliseconds until the whole answer is here. */
async function timeOf(url: string, key: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return performance.now() - startedAt;
}

async function compare(small: Side, large: Side): Promise<string> {
  const rows: Record<string, unknown>[] = [];
  for (const list of [...listPaths, ...countPaths]) {
    const times = { small: [] as number[], large: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      times.small.push(await small.ask(list));
      times.large.push(await large.ask(list));
    }
    const [few, many] = [medianOf(times.small), medianOf(times.large)];
    rows.push({
      list,
      [`${sizes.small} ms`]: few.toFixed(1),
      [`${sizes.large} ms`]: many.toFixed(1),
      ratio: (many / few).toFixed(1),
      'slowest ms': Math.max(...times.large).toFixed(0),
    });
  }
  return table(Object.keys(rows[0] ?? {}), rows);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

await main();
