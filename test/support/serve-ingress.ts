import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Knex } from 'knex';
import { vi } from 'vitest';
import type { ChannelName, Mode } from '../../src/domain/channel.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { signPlatform } from '../../src/runtime/signature.ts';
import { openDatabase } from '../../src/store/database.ts';
import { recordIntegration } from '../../src/store/integrations.ts';
import { defaultTenantName, ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabaseUrl } from './database.ts';

/** An integration to be there before the server starts. */
export interface WantedIntegration {
  readonly id: string;
  readonly channel: ChannelName;
  readonly mode: Mode;
  readonly scheme?: string;
  readonly kind: string;
}

/** `src/main.ts server` in a process of its own, on a real PostgreSQL, without a Temporal. */
export interface ServedIngress {
  readonly port: number;
  readonly db: Knex;
  /** Of every integration. */
  readonly secret: string;
  /** The headers of the platform scheme for a body, now. */
  sign(body: Uint8Array): readonly string[];
  /** Whether the process that was started is still the one that runs. */
  isAlive(): boolean;
  /** Everything it wrote. */
  log(): string;
  /** Its memory in bytes, as the kernel counts it. */
  rssBytes(): number;
  /** Connections to it that are open; undefined where the kernel does not tell. */
  openSockets(): number | undefined;
  close(): Promise<void>;
}

export async function serveIngress(options: {
  readonly maxBodyBytes: number;
  readonly integrations: readonly WantedIntegration[];
}): Promise<ServedIngress> {
  const url = await freshDatabaseUrl();
  const db = openDatabase({ url, connectionsMax: 4 });
  const masterKey = randomBytes(32);
  const secret = `corpus-secret-${randomBytes(16).toString('hex')}`;
  for (const wanted of options.integrations) {
    await insertIntegration(db, wanted, { secret, masterKey });
  }
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'server'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      MASTER_KEY: masterKey.toString('base64'),
      MAX_BODY: String(options.maxBodyBytes),
      PORT: String(port),
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk) => (log += String(chunk)));
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  await vi.waitUntil(() => log.includes('Listening on') || !isAlive(), { timeout: 90_000 });
  if (!isAlive()) throw new Error(`The server did not start: ${log}`);
  return {
    port,
    db,
    secret,
    sign(body) {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = signPlatform(secret, timestamp, body);
      return [`X-Webhook-Timestamp: ${timestamp}`, `X-Webhook-Signature: ${signature}`];
    },
    isAlive,
    log: () => log,
    rssBytes: () => rssBytesOf(child),
    openSockets: () => countSockets(port),
    async close() {
      if (isAlive()) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await db.destroy();
    },
  };
}

async function insertIntegration(
  db: Knex,
  { id, channel, mode, scheme, kind }: WantedIntegration,
  { secret, masterKey }: { secret: string; masterKey: Buffer },
): Promise<void> {
  const tenant = await ensureTenant(db, defaultTenantName, makeId('ten'));
  const row = {
    id,
    tenant_id: tenant.id,
    channel,
    mode,
    scheme: scheme ?? null,
    username: null,
    receive_id: null,
    tolerance_s: null,
    dedupe: null,
    description: null,
  };
  const secretId = makeId('sec');
  const sealed = makeSealer(masterKey).seal(secretId, secret);
  await recordIntegration(db, row, [{ id: secretId, kind, sealed, expires_at: null }]);
}

/** The server says which port it was told, not which it got: it is told one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** From /proc where there is one: a test that starts `ps` ten times a second measures itself. */
function rssBytesOf({ pid }: ChildProcess): number {
  const status = `/proc/${pid}/status`;
  if (existsSync(status)) {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? [];
    return Number(kibibytes) * 1024;
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
}

/** Established (01) or waiting to be closed by the server (08), whose port is the local one. */
function countSockets(port: number): number | undefined {
  if (!existsSync('/proc/net/tcp')) return undefined;
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => address?.endsWith(local) && /^0[18]$/.test(state ?? ''))
    .length;
}
