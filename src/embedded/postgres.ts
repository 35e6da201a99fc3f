import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { commandOf, endProcess, findFreePort, isPortFree } from './child-process.ts';
import { findPostgres, findSystemUser, isReachableByAll } from './postgres-programs.ts';
import type { SystemUser } from './postgres-programs.ts';

export interface PostgresOptions {
  /** Where the data are wished; `dataDir` of the result says where they are. */
  readonly dataDir: string;
  /** Left out: a free one, kept between starts where that works. */
  readonly port?: number;
  /** False only for data that nobody misses: no fsync. */
  readonly isDurable: boolean;
}

export interface EmbeddedPostgres {
  /** With user and password; the database is `durahook`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** How long a start may take: recovery after a crash replays what was not yet written. */
const startMs = 30_000;

/** Where root keeps data that lie too deep for PostgreSQL's user: under a home that only root may enter. */
const rootDataFolder = '/var/lib/durahook';

const settingsSchema = z.object({ password: z.string(), port: z.number() });

/**
 * Start PostgreSQL on loopback, for development and tests.
 *
 * One that a killed supervisor left behind is stopped first. Our own launcher, because the usual
 * wrapper crashes as root under a folder that only root may enter.
 *
 * @throws Error with the end of PostgreSQL's log when it does not start
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const user = findSystemUser();
  const native = await findPostgres(user);
  const dataDir = await placeData(resolve(options.dataDir), user);
  await stopOrphan(dataDir);
  const settings = await openSettings({ native, dataDir, user }, options.port);
  const child = await launch({ native, dataDir, user }, { ...options, ...settings });
  const url = `postgres://durahook:${settings.password}@127.0.0.1:${settings.port}/durahook`;
  return {
    url,
    port: settings.port,
    pid: child,
    dataDir,
    stop: () => stopPostmaster(child),
  };
}

interface Place {
  readonly native: string;
  readonly dataDir: string;
  readonly user: SystemUser | undefined;
}

/** Where the data can lie so that PostgreSQL's user reaches them; a note says so at the wished place. */
async function placeData(wished: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(dirname(wished), { recursive: true });
  if (!user || (await isReachableByAll(wished))) return wished;
  const hash = createHash('sha256').update(wished).digest('hex').slice(0, 16);
  const folder = join(rootDataFolder, hash);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(`${wished}.is-elsewhere.txt`, `${join(folder, basename(wished))}\n`);
  return join(folder, basename(wished));
}

/** A postmaster of these data that outlived its supervisor is stopped; a stale note of one is removed. */
async function stopOrphan(dataDir: string): Promise<void> {
  const noteOfPid = join(dataDir, 'postmaster.pid');
  const text = await readFile(noteOfPid, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid)) return;
  if (commandOf(pid).includes(dataDir)) await stopPostmaster(pid);
  else await rm(noteOfPid, { force: true });
}

/** Fast shutdown; then immediate; then by force. */
async function stopPostmaster(pid: number): Promise<void> {
  await endProcess(pid, [
    ['SIGINT', 10_000],
    ['SIGQUIT', 3000],
    ['SIGKILL', 2000],
  ]);
}

/** Password and port of this data folder; a new folder is initialised. */
async function openSettings(
  place: Place,
  port: number | undefined,
): Promise<z.infer<typeof settingsSchema>> {
  const path = `${place.dataDir}.json`;
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const earlier = text === undefined ? undefined : settingsSchema.parse(JSON.parse(text));
  if (port !== undefined && !(await isPortFree(port))) {
    throw new Error(`Port ${port} for PostgreSQL is taken: name another, or leave it out`);
  }
  const password = earlier?.password ?? randomBytes(18).toString('base64url');
  const settings = { password, port: port ?? (await findFreePort(earlier?.port)) };
  if (!earlier) await initialise(place, password);
  await writeFile(path, JSON.stringify(settings), { mode: 0o600 });
  return settings;
}

async function initialise({ native, dataDir, user }: Place, password: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true }); // Half of an earlier try.
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(tmpdir(), 'durahook-init-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user)
    for (const path of [dataDir, folder, passwordFile]) await chown(path, user.uid, user.gid);
  const options = [
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
  const init = spawnSync(
    join(native, 'bin/initdb'),
    ['-D', dataDir, '-U', 'durahook', `--pwfile=${passwordFile}`, ...options],
    { ...user, cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, encoding: 'utf8' },
  );
  await rm(folder, { recursive: true, force: true });
  if (init.status === 0) return;
  await rm(dataDir, { recursive: true, force: true });
  throw new Error(`PostgreSQL could not be set up: ${init.error?.message ?? init.stderr}`);
}

/** @returns the id of the postmaster, once it takes connections and has the database */
async function launch(
  place: Place,
  options: PostgresOptions & z.infer<typeof settingsSchema>,
): Promise<number> {
  const giveUpAt = performance.now() + startMs;
  for (;;) {
    const pid = spawnPostmaster(place, options);
    const isUp = await untilUp(pid, options, giveUpAt);
    if (isUp) return pid;
    const log = await endOfLog(place.dataDir);
    await stopPostmaster(pid);
    // The children of a killed postmaster need a moment to go.
    const isPassing = /already exists|still in use|pre-existing shared memory/.test(log);
    if (!isPassing || performance.now() > giveUpAt) {
      throw new Error(`PostgreSQL did not start; the end of its log:\n${log}`);
    }
    await sleep(250);
  }
}

function spawnPostmaster(
  { native, dataDir, user }: Place,
  { port, isDurable }: { port: number; isDurable: boolean },
): number {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    ...(!isDurable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(`${dataDir}.log`, 'w', 0o600);
  const child = spawn(join(native, 'bin/postgres'), ['-D', dataDir, ...flags], {
    ...user,
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    detached: true, // Ctrl-C is ours to hand on, after those who use it have closed.
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined); // Seen as an ended process, with its log.
  child.unref();
  return child.pid ?? -1;
}

async function untilUp(
  pid: number,
  { port, password }: { port: number; password: string },
  giveUpAt: number,
): Promise<boolean> {
  while (performance.now() < giveUpAt) {
    if (await hasDatabase(port, password)) return true;
    if (commandOf(pid) === '') return false;
    await sleep(50);
  }
  return false;
}

/** Connects, which is the only proof that it is up, and makes the database if it is not there. */
async function hasDatabase(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'durahook',
    password,
    database: 'postgres',
  });
  client.on('error', () => undefined); // The query that is under way reports it.
  try {
    await client.connect();
    const { rowCount } = await client.query(`select from pg_database where datname = 'durahook'`);
    if (rowCount === 0) await client.query('create database durahook');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function endOfLog(dataDir: string): Promise<string> {
  const text = await readFile(`${dataDir}.log`, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-8).join('\n');
}
