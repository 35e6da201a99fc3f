import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import {
  choosePort,
  commandOf,
  endProcess,
  startDetached,
  writePrivateFile,
} from './child-process.ts';

export interface TemporalOptions {
  /** The Temporal CLI. */
  readonly binary: string;
  /** Where the server keeps what it knows, between starts. Left out: a folder that goes with the server. */
  readonly dbFile?: string;
  /** Left out: a free one, kept between starts where that works. */
  readonly port?: number;
  /** Of the Web UI; left out: as above. */
  readonly uiPort?: number;
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
  const removeOwn = async (): Promise<void> => {
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  };
  try {
    const server = await startServer(
      options,
      resolve(options.dbFile ?? join(own ?? '', 'temporal.db')),
    );
    return { ...server, stop: () => server.stop().then(removeOwn) };
  } catch (error) {
    await removeOwn();
    throw error;
  }
}

async function startServer(options: TemporalOptions, dbFile: string): Promise<EmbeddedTemporal> {
  await mkdir(dirname(dbFile), { recursive: true });
  await stopOrphan(dbFile);
  const ports = await choosePorts(dbFile, options);
  const pid = await launch(options, dbFile, ports);
  await writePrivateFile(`${dbFile}.json`, JSON.stringify({ ...ports, pid }));
  const address = `127.0.0.1:${ports.port}`;
  if (!(await untilUp(pid, address))) {
    await stopServer(pid, dbFile);
    const log = await readFile(`${dbFile}.log`, 'utf8').catch(() => '');
    throw new Error(
      `Temporal did not start; the end of its log:\n${log.trim().split('\n').slice(-8).join('\n')}`,
    );
  }
  const uiUrl = `http://127.0.0.1:${ports.uiPort}`;
  return { address, uiUrl, pid, stop: () => stopServer(pid, dbFile) };
}

interface Ports {
  readonly port: number;
  readonly uiPort: number;
}

const noteSchema = z.object({ port: z.number(), uiPort: z.number(), pid: z.number() });

/** What the start before wrote beside the database; undefined when there is nothing to read. */
async function readNote(dbFile: string): Promise<z.infer<typeof noteSchema> | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(`${dbFile}.json`, 'utf8')));
  } catch {
    return undefined; // It only spares a change of ports, and a look for who was left behind.
  }
}

async function stopOrphan(dbFile: string): Promise<void> {
  const note = await readNote(dbFile);
  if (note) await stopServer(note.pid, dbFile);
}

/** Only a server of this database, as `launch` writes its command: ids of processes are used again. */
async function stopServer(pid: number, dbFile: string): Promise<void> {
  const own = ` --db-filename ${dbFile} --log-level `;
  await endProcess(pid, (command) => command.includes(own), [
    ['SIGTERM', 5000],
    ['SIGKILL', 2000],
  ]);
}

async function choosePorts(dbFile: string, wanted: TemporalOptions): Promise<Ports> {
  const earlier = await readNote(dbFile);
  const port = await choosePort('Temporal', wanted.port, earlier?.port);
  const uiPort = await choosePort('the Temporal Web UI', wanted.uiPort, earlier?.uiPort);
  return { port, uiPort };
}

function launch(
  { binary, searchAttributes }: TemporalOptions,
  dbFile: string,
  ports: Ports,
): Promise<number> {
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
  const database = ['--db-filename', dbFile, '--log-level', 'error'];
  return startDetached(resolve(binary), [...args, ...ui, ...database, ...tuning, ...attributes], {
    logFile: `${dbFile}.log`,
  });
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
