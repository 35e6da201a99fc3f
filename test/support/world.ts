import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { inject } from 'vitest';
import { startDemoAgent } from '../../src/embedded/demo-agent.ts';
import { openDemoTenant } from '../../src/embedded/demo-tenant.ts';
import type { DemoTenant } from '../../src/embedded/demo-tenant.ts';
import { choosePort } from '../../src/embedded/child-process.ts';
import { startTemporal } from '../../src/embedded/temporal-server.ts';
import type { EmbeddedTemporal } from '../../src/embedded/temporal-server.ts';
import { startServer } from '../../src/platform.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { searchAttributeTypes } from '../../src/runtime/search-attributes.ts';
import { openClient } from '../../src/runtime/temporal.ts';
import { openDatabase } from '../../src/store/database.ts';
import { startConsumer } from './consumer.ts';
import type { Consumer } from './consumer.ts';
import { freshDatabaseUrl } from './database.ts';

/** An answer of the platform. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The whole platform on real parts: a database, a Temporal server, a server, a worker process. */
export interface World {
  readonly db: Knex;
  readonly client: Client;
  readonly url: string;
  readonly temporalAddress: string;
  readonly tenant: DemoTenant;
  readonly consumer: Consumer;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A new endpoint at a path of the consumer. */
  addEndpoint(path: string, eventTypes: readonly string[]): Promise<{ id: string; secret: string }>;
  /** kill -9 of the worker process. */
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stopServer(): Promise<void>;
  /** On the same port. */
  startServer(): Promise<void>;
  /** kill -9 of the Temporal server. */
  killTemporal(): Promise<void>;
  restartTemporal(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** As `DELIVERY_SCHEDULE`; null = the product's own. */
  readonly schedule?: string | null;
  readonly hasWorker?: boolean;
  /** The product's own when absent. */
  readonly triggersDir?: string;
  /** Trigger files by name, which may forward to the consumer; instead of `triggersDir`. */
  readonly triggers?: (consumerUrl: string) => Readonly<Record<string, string>>;
  /** Settings of one's own, before all others. */
  readonly environment?: Readonly<Record<string, string>>;
}

const log = pino({ level: 'silent' });

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-world-'));
  const launch = (port?: number): Promise<EmbeddedTemporal> =>
    startTemporal({
      binary: inject('temporalBinary'),
      dbFile: join(folder, 'temporal.db'),
      searchAttributes: searchAttributeTypes(),
      ...(port !== undefined && { port }),
    });
  let temporal = await launch();
  const agent = await startDemoAgent();
  const consumer = await startConsumer();
  const triggersDir = options.triggers
    ? await writeTriggers(join(folder, 'triggers'), options.triggers(consumer.url))
    : options.triggersDir;
  const environment = {
    DATABASE_URL: await freshDatabaseUrl(),
    TEMPORAL_ADDRESS: temporal.address,
    MASTER_KEY: randomBytes(32).toString('base64'),
    EGRESS_ALLOW: '127.0.0.0/8',
    AGENT_URL: agent.url,
    TEMPORAL_UI_ORIGIN: temporal.uiUrl,
    PORT: String(await choosePort('the server', undefined, undefined)), // Known now: links of the product lead to it.
    LOG_LEVEL: 'error',
    ...(triggersDir !== undefined && { TRIGGERS_DIR: triggersDir }),
    ...(options.schedule !== null && {
      DELIVERY_SCHEDULE: options.schedule ?? '0s,1s,1s,1s,1s',
    }),
    ...options.environment,
  };
  const config = readConfig(environment);
  const db = openDatabase({ url: config.DATABASE_URL, connectionsMax: 4 });
  const sealer = makeSealer(config.MASTER_KEY);
  const receiverUrl = `${consumer.url}/demo`;
  const tenant = await openDemoTenant({ db, sealer, earlierApiKey: undefined, receiverUrl });
  let server = await startServer({ config, log });
  const url = `http://127.0.0.1:${server.port}`;
  const client = openClient({ address: temporal.address, namespace: 'default', apiKey: undefined });
  const call = makeCall(url, tenant.apiKey);
  let worker = options.hasWorker === false ? undefined : startWorkerProcess(environment);

  return {
    db,
    client,
    url,
    temporalAddress: temporal.address,
    tenant,
    consumer,
    call,
    async addEndpoint(path, event_types) {
      const { body } = await call('POST', '/v1/endpoints', {
        url: `${consumer.url}${path}`,
        event_types,
      });
      return { id: String(body['id']), secret: String(body['secret']) };
    },
    async killWorker() {
      await ended(worker, 'SIGKILL');
      worker = undefined;
    },
    async startWorker() {
      worker = startWorkerProcess(environment);
    },
    stopServer: () => server.close(),
    async startServer() {
      server = await startServer({ config, log });
    },
    async killTemporal() {
      process.kill(temporal.pid, 'SIGKILL');
    },
    async restartTemporal() {
      temporal = await launch(Number(temporal.address.split(':')[1]));
    },
    async close() {
      await ended(worker, 'SIGTERM');
      await server.close();
      await client.connection.close();
      await db.destroy();
      await temporal.stop();
      await agent.close();
      await consumer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeTriggers(
  dir: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(dir);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

function startWorkerProcess(environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'worker'], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

function makeCall(url: string, apiKey: string): World['call'] {
  return async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { status, headers } = answer;
    return {
      status,
      headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  };
}
