import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { startPostgres } from '../src/embedded/postgres.ts';
import { openIntegrations } from '../src/runtime/first-setup.ts';
import { makeId } from '../src/runtime/ids.ts';
import { readSample } from '../src/runtime/samples.ts';
import { makeSealer } from '../src/runtime/sealing.ts';
import { table } from '../src/runtime/text-table.ts';
import { migrate, openDatabase } from '../src/store/database.ts';
import { defaultTenantName, ensureTenant } from '../src/store/tenants.ts';
import { putLoad } from './load.ts';
import type { LoadResult } from './load.ts';

/**
 * How many signed requests a second are accepted, the commit included, beside what the same machine
 * makes in the same minute of a bare Koa with one HMAC, and of single INSERTs. Only the ratios say
 * something: absolute figures change with the machine.
 */

const connections = 128;
/** Short and many: the machine is not the same from one minute to the next. */
const roundSeconds = 2;
const rounds = 9;

/** A target in a process of its own. */
interface Target {
  readonly url: string;
  readonly child: ChildProcess;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-bench-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: true });
  const db = openDatabase({ url: postgres.url, connectionsMax: 10 });
  const targets: Target[] = [];
  try {
    const { id, secret, masterKey } = await prepare(db);
    const raw = await startTarget(['raw', secret], '/');
    targets.push(raw);
    const args = ['durahook', secret, postgres.url, masterKey];
    const durahook = await startTarget(args, `/v1/webhook/generic/${id}`);
    targets.push(durahook);
    await measure({ db, secret, raw, durahook });
  } finally {
    for (const { child } of targets) await stopTarget(child);
    await db.destroy();
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(db: Knex) {
  await migrate(db, new Date());
  const masterKey = randomBytes(32);
  const { id: tenantId } = await ensureTenant(db, defaultTenantName, makeId('ten'));
  const parts = { db, sealer: makeSealer(masterKey), earlierApiKey: undefined };
  const { generic } = await openIntegrations(parts, tenantId);
  await db.raw('create table bench_inserts (id text primary key, body bytea not null)');
  const secret = generic.secrets['platform'] ?? '';
  return { id: generic.id, secret, masterKey: masterKey.toString('base64') };
}

interface Measured {
  readonly db: Knex;
  readonly secret: string;
  readonly raw: Target;
  readonly durahook: Target;
}

/** A note of a script, and the event of a provider. */
const bodies = [
  { channel: 'generic', sample: 'order' },
  { channel: 'github', sample: 'push' },
] as const;

async function measure(parts: Measured): Promise<void> {
  for (const { channel, sample } of bodies) {
    const { body } = await readSample(channel, sample);
    process.stdout.write(`\n${channel} ${sample}, ${body.length} bytes\n`);
    await measureBody(parts, body);
  }
  const [{ count = 0 } = {}] = await parts.db('events').count({ count: '*' });
  const peak = await memoryOf(parts.durahook);
  process.stdout.write(`\nevents in the table: ${String(count)}; server ${peak} MiB at its peak\n`);
}

async function measureBody({ db, secret, raw, durahook }: Measured, body: Buffer): Promise<void> {
  const load = async (target: Target): Promise<LoadResult> =>
    putLoad({ url: target.url, secret, body, connections, seconds: roundSeconds });
  await load(raw);
  await load(durahook); // Both are compiled and connected before anything counts.
  const rows: Record<string, unknown>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const bare = await load(raw);
    const ours = await load(durahook);
    const inserts = await insertRate(db, body);
    rows.push({
      round,
      'raw koa+hmac/s': Math.round(bare.ratePerS),
      'single insert/s': Math.round(inserts),
      'durahook/s': Math.round(ours.ratePerS),
      'of raw': ratio(ours.ratePerS, bare.ratePerS),
      'of inserts': ratio(ours.ratePerS, inserts),
      'p50 ms': ours.p50Ms,
      'p99 ms': ours.p99Ms,
      refused: bare.others + ours.others,
    });
  }
  process.stdout.write(`${table(Object.keys(rows[0] ?? {}), rows)}\n`);
  process.stdout.write(`median: ${median(rows, 'of raw')} of raw, `);
  process.stdout.write(`${median(rows, 'of inserts')} of single inserts\n`);
}

function median(rows: readonly Readonly<Record<string, unknown>>[], field: string): number {
  const values = rows.map((row) => Number(row[field])).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}

function ratio(value: number, base: number): string {
  return (value / base).toFixed(2);
}

/** One INSERT and one commit per row, as many at once as there are connections. */
async function insertRate(db: Knex, body: Buffer): Promise<number> {
  const until = performance.now() + roundSeconds * 1000;
  let inserted = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        await db.raw('insert into bench_inserts values (?, ?)', [randomUUID(), body]);
        inserted += 1;
      }
    }),
  );
  return inserted / roundSeconds;
}

async function startTarget(args: readonly string[], path: string): Promise<Target> {
  const file = fileURLToPath(new URL('./targets.js', import.meta.url));
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${Number(line.toString())}${path}`, child };
}

async function stopTarget(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Peak resident memory (Linux). */
async function memoryOf({ child }: Target): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

await main();
