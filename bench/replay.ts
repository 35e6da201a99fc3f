import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { startPostgres } from '../src/embedded/postgres.ts';
import { findTemporalBinary } from '../src/embedded/temporal-binary.ts';
import { startTemporal } from '../src/embedded/temporal-server.ts';
import { startServer } from '../src/platform.ts';
import { makeApiKey } from '../src/runtime/api-key.ts';
import { readConfig, readDevEnvironment } from '../src/runtime/config.ts';
import { makeId } from '../src/runtime/ids.ts';
import { searchAttributeTypes } from '../src/runtime/search-attributes.ts';
import { table } from '../src/runtime/text-table.ts';
import { recordApiKey } from '../src/store/api-keys.ts';
import { migrate, openDatabase } from '../src/store/database.ts';
import { ensureTenant } from '../src/store/tenants.ts';
import { checkReplay, repeatedPosts } from './replay-checks.ts';
import { seedDead } from './replay-seed.ts';

/**
 * Replay many dead deliveries while the worker is killed again and again, and count: none left out,
 * none twice. Ends with 1 when anything is not as it must be.
 *
 *     npm run bench:replay -- --items 20000 --kills 3
 */

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '3' },
    rate: { type: 'string', default: '500' },
  },
});
const items = Number(options.items);
const kills = Number(options.kills);

/** Nothing happens for so long only when something hangs. */
const stallMs = 300_000;

/** What runs, to be closed in the opposite order. */
type Closing = (() => Promise<unknown>)[];

/** The platform, but for its worker. */
interface Stage {
  readonly db: Knex;
  readonly environment: Readonly<Record<string, string>>;
  readonly tenantId: string;
  readonly arrivals: ReadonlyMap<string, number[]>;
  readonly consumerUrl: string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<Json>;
}

type Json = Record<string, unknown>;

async function main(): Promise<void> {
  const closing: Closing = [];
  try {
    const isHeld = await drill(await setStage(closing), closing);
    if (!isHeld) process.exitCode = 1;
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

async function setStage(closing: Closing): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-bench-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), isDurable: false });
  closing.push(() => postgres.remove());
  const binary = await findTemporalBinary({ ...readDevEnvironment(), report: say });
  const dbFile = join(folder, 'temporal.db');
  const searchAttributes = searchAttributeTypes();
  const temporal = await startTemporal({ binary, dbFile, searchAttributes });
  closing.push(() => temporal.stop());
  const { url: consumerUrl, arrivals } = await startConsumer(closing);
  const environment = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    MASTER_KEY: randomBytes(32).toString('base64'),
    EGRESS_ALLOW: '127.0.0.0/8',
    PORT: '0',
    LOG_LEVEL: 'error',
  };
  const db = openDatabase({ url: postgres.url, connectionsMax: 4 });
  closing.push(() => db.destroy());
  await migrate(db, new Date());
  const { id: tenantId } = await ensureTenant(db, 'bench', makeId('ten'));
  const { key, ...kept } = makeApiKey();
  await recordApiKey(db, {
    ...kept,
    tenant_id: tenantId,
    name: 'bench',
    scopes: ['read', 'write'],
  });
  const log = pino({ level: 'error' });
  const server = await startServer({ config: readConfig(environment), log });
  closing.push(() => server.close());
  const call = makeCall(`http://127.0.0.1:${server.port}`, key);
  return { db, environment, tenantId, arrivals, consumerUrl, call };
}

/** Answers everything with 200, and notes when which delivery came. */
async function startConsumer(closing: Closing) {
  const arrivals = new Map<string, number[]>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    arrivals.set(id, [...(arrivals.get(id) ?? []), performance.now()]);
    request.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals };
}

function makeCall(url: string, key: string): Stage['call'] {
  return async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as Json;
    if (answer.ok) return json;
    throw new Error(`${method} ${path}: ${JSON.stringify(json)}`);
  };
}

/** @returns whether everything is as it must be */
async function drill(stage: Stage, closing: Closing): Promise<boolean> {
  const { db, tenantId, call, consumerUrl, arrivals } = stage;
  const subscription = { url: `${consumerUrl}/`, event_types: ['session.archived'] };
  const endpointId = String((await call('POST', '/v1/endpoints', subscription))['id']);
  await seedDead(db, { tenantId, endpointId, count: items });
  let worker = startWorker(stage);
  closing.push(() => ended(worker));
  const begunAt = performance.now();
  const replayId = await startReplay(stage, endpointId);
  const killed: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    await until(stage, replayId, ({ done }) => Number(done) >= (items * kill) / (kills + 1));
    killed.push(performance.now());
    await ended(worker);
    say(`Worker killed at ${String((await read(stage, replayId))['done'])} of ${items}`);
    worker = startWorker(stage);
  }
  await until(stage, replayId, ({ state }) => state === 'completed');
  say(`Through after ${secondsSince(begunAt)} s`);
  await until(stage, replayId, ({ outcomes }) => (outcomes as Json)['under_way'] === 0);
  say(`All delivered after ${secondsSince(begunAt)} s`);
  const drilled = { replayId, endpointId, items, arrivals, kills: killed };
  const checks = await checkReplay(db, drilled);
  const rows = checks.map((each) => ({ ...each, '': each.found === each.wanted ? 'ok' : 'WRONG' }));
  say(table(['check', 'wanted', 'found', ''], rows));
  say(`POSTs repeated because of ${kills} kills: ${repeatedPosts(drilled)}`);
  return checks.every(({ wanted, found }) => wanted === found);
}

async function startReplay({ call }: Stage, endpoint_id: string): Promise<string> {
  const request = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date().toISOString(),
    direction: 'outbound',
    endpoint_id,
    state: 'failed',
    rate: Number(options.rate),
    confirm: items,
  };
  return String((await call('POST', '/v1/replays', request))['id']);
}

function read({ call }: Stage, replayId: string): Promise<Json> {
  return call('GET', `/v1/replays/${replayId}`);
}

/** @throws Error when nothing changes for five minutes */
async function until(
  stage: Stage,
  replayId: string,
  isSo: (replay: Json) => boolean,
): Promise<void> {
  let seen = '';
  let changedAt = performance.now();
  for (;;) {
    const replay = await read(stage, replayId);
    if (isSo(replay)) return;
    const now = JSON.stringify([replay['state'], replay['done'], replay['outcomes']]);
    if (now !== seen) changedAt = performance.now();
    if (performance.now() - changedAt > stallMs) throw new Error(`Nothing goes on: ${now}`);
    seen = now;
    await sleep(100);
  }
}

function startWorker({ environment }: Stage): ChildProcess {
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
  return spawn(process.execPath, [main, 'worker'], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** kill -9, until it is gone. */
async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

function secondsSince(instant: number): string {
  return ((performance.now() - instant) / 1000).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
