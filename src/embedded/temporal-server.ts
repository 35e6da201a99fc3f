import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { commandOf, endProcess, findFreePort, isPortFree } from './child-process.ts';

export interface TemporalOptions {
  /** The Temporal CLI. */
  readonly binary: string;
  /** Where the server keeps what it knows, between starts. Left out: a folder that goes with the server. */
  readonly dbFile?: string;
  /** Left out: a free one, kept between starts where that works. */
  readonly port?: number;
  readonly searchAttributes: readonly { readonly name: string; readonly type: 'Keyword' | 'Int' }[];
}

export interface EmbeddedTemporal {
  readonly address: string;
  /** The Web UI's own origin; it has no login, so it listens on loopback only. */
  readonly uiUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Ready 0.2 to 0.7 s after the start (measured); a busy machine takes longer. */
const startMs = 30_000;

/**
 * The dev server's defaults hold each dispatch back for up to 50 ms and sync each write; measured in
 * docs/performance.md.
 */
const tuning = [
  ['--sqlite-pragma', 'journal_mode=WAL'],
  ['--sqlite-pragma', 'synchronous=NORMAL'],
  ['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'history.visibilityProcessorMaxPollRPS=2000'],
  ['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
].flat();

/**
 * Start Temporal's dev server with its Web UI on loopback, for development and tests. One that a
 * killed supervisor left behind is stopped first.
 *
 * @throws Error with the end of the server's log when it does not start
 */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const own =
    options.dbFile === undefined ? await mkdtemp(join(tmpdir(), 'durahook-temporal-')) : undefined;
  const dbFile = options.dbFile ?? join(own ?? '', 'temporal.db');
  await stopOrphan(dbFile);
  const ports = await choosePorts(dbFile, options.port);
  const pid = launch(options, dbFile, ports);
  await writeFile(`${dbFile}.json`, JSON.stringify({ ...ports, pid }));
  const address = `127.0.0.1:${ports.port}`;
  const stop = async (): Promise<void> => {
    await stopServer(pid);
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  };
  if (!(await untilUp(pid, address))) {
    const log = await readFile(`${dbFile}.log`, 'utf8').catch(() => '');
    await stop();
    throw new Error(
      `Temporal did not start; the end of its log:\n${log.trim().split('\n').slice(-8).join('\n')}`,
    );
  }
  return { address, uiUrl: `http://127.0.0.1:${ports.uiPort}`, pid, stop };
}

interface Ports {
  readonly port: number;
  readonly uiPort: number;
}

async function readNote(dbFile: string): Promise<Partial<Ports & { pid: number }>> {
  const text = await readFile(`${dbFile}.json`, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Partial<Ports & { pid: number }>;
}

async function stopOrphan(dbFile: string): Promise<void> {
  const { pid } = await readNote(dbFile);
  if (pid !== undefined && commandOf(pid).includes(dbFile)) await stopServer(pid);
}

async function stopServer(pid: number): Promise<void> {
  await endProcess(pid, [
    ['SIGTERM', 5000],
    ['SIGKILL', 2000],
  ]);
}

async function choosePorts(dbFile: string, port: number | undefined): Promise<Ports> {
  if (port !== undefined && !(await isPortFree(port))) {
    throw new Error(`Port ${port} for Temporal is taken: name another, or leave it out`);
  }
  const earlier = await readNote(dbFile);
  return {
    port: port ?? (await findFreePort(earlier.port)),
    uiPort: await findFreePort(earlier.uiPort),
  };
}

function launch(
  { binary, searchAttributes }: TemporalOptions,
  dbFile: string,
  ports: Ports,
): number {
  const attributes = searchAttributes.flatMap(({ name, type }) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.port)];
  const ui = [
    '--ui-ip',
    '127.0.0.1',
    '--ui-port',
    String(ports.uiPort),
    '--ui-public-path',
    '/temporal',
  ];
  const log = openSync(`${dbFile}.log`, 'w', 0o600);
  const child = spawn(
    binary,
    [...args, ...ui, '--db-filename', dbFile, '--log-level', 'error', ...tuning, ...attributes],
    { detached: true, stdio: ['ignore', log, log] }, // Ctrl-C is ours to hand on.
  );
  closeSync(log);
  child.on('error', () => undefined); // Seen as an ended process, with its log.
  child.unref();
  return child.pid ?? -1;
}

/** Up is what answers a call. */
async function untilUp(pid: number, address: string): Promise<boolean> {
  const giveUpAt = performance.now() + startMs;
  while (performance.now() < giveUpAt && commandOf(pid) !== '') {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1 second' });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return true;
      } finally {
        await connection.close();
      }
    } catch {
      await sleep(100); // Not yet.
    }
  }
  return false;
}
