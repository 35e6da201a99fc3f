import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import {
  choosePort,
  commandOf,
  endProcess,
  startDetached,
  writePrivateFile,
} from './child-process.ts';
import { findPostgres, findSystemUser, isReachableByAll } from './postgres-programs.ts';
import type { SystemUser } from './postgres-programs.ts';

export interface PostgresOptions {
  /** Where the data are wished; `dataDir` of the result says where they are. */
  readonly dataDir: string;
  /** Left out: a free one, kept between starts where that works. */
  readonly port?: number;
  /** False only for data that nobody misses: no fsync. */
  readonly isDurable: boolean;
  /** Lines for a person: what was done that was not asked for. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With user and password; the database is `durahook`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  stop(): Promise<void>;
  /** Stop, and delete the data with everything that was kept beside them. */
  remove(): Promise<void>;
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
  const { log = () => undefined } = options;
  const user = findSystemUser();
  const native = await findPostgres(user);
  const wished = resolve(options.dataDir);
  const dataDir = await placeData(wished, user);
  if (dataDir !== wished) log(`The data of PostgreSQL are in ${dataDir}`);
  await stopOrphan(dataDir, log);
  const place = { native, dataDir, user };
  const settings = await openSettings(place, options.port);
  const pid = await launch(place, { isDurable: options.isDurable, ...settings });
  const url = `postgres://durahook:${settings.password}@127.0.0.1:${settings.port}/durahook`;
  const stop = (): Promise<void> => stopPostmaster(pid, dataDir);
  return {
    url,
    port: settings.port,
    pid,
    dataDir,
    stop,
    async remove() {
      await stop();
      await removeData(dataDir, wished);
    },
  };
}

/** A folder elsewhere was made for these data alone. */
async function removeData(dataDir: string, wished: string): Promise<void> {
  const paths =
    dataDir === wished
      ? ['', '.json', '.log'].map((end) => `${dataDir}${end}`)
      : [dirname(dataDir)];
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

interface Place {
  readonly native: string;
  readonly dataDir: string;
  readonly user: SystemUser | undefined;
}

async function hasData(folder: string): Promise<boolean> {
  return access(join(folder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/** Where the data can lie so that PostgreSQL's user reaches them; a note says so at the wished place. */
async function placeData(wished: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(dirname(wished), { recursive: true });
  if (!user) return wished;
  const hash = createHash('sha256').update(wished).digest('hex').slice(0, 16);
  const elsewhere = join(rootDataFolder, hash, basename(wished));
  const isThere = await hasData(wished);
  const isReachable = await isReachableByAll(wished);
  // Data stay where they were begun, also when somebody opens or closes a folder above them later.
  if (isReachable && (isThere || !(await hasData(elsewhere)))) return wished;
  if (isThere && !(await hasData(elsewhere))) {
    throw new Error(
      `PostgreSQL's user cannot reach the data in "${wished}": let others pass through the folders above (chmod o+x)`,
    );
  }
  await mkdir(dirname(elsewhere), { recursive: true, mode: 0o755 });
  await writeFile(`${wished}.is-elsewhere.txt`, `${elsewhere}\n`);
  return elsewhere;
}

/** A postmaster of these data that outlived its supervisor is stopped; a stale note of one is removed. */
async function stopOrphan(dataDir: string, log: (line: string) => void): Promise<void> {
  const noteOfPid = join(dataDir, 'postmaster.pid');
  const text = await readFile(noteOfPid, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid)) return;
  if (!isPostmasterOf(dataDir, commandOf(pid))) return rm(noteOfPid, { force: true });
  log(`Stopping the PostgreSQL that an earlier start left behind (process ${pid})`);
  await stopPostmaster(pid, dataDir);
}

/** As `spawnPostmaster` writes it: a folder whose name only begins the same does not match. */
function isPostmasterOf(dataDir: string, command: string): boolean {
  return command.includes(`/bin/postgres -D ${dataDir} -c `);
}

/** Fast shutdown; then immediate; then by force. */
async function stopPostmaster(pid: number, dataDir: string): Promise<void> {
  await endProcess(pid, (command) => isPostmasterOf(dataDir, command), [
    ['SIGINT', 10_000],
    ['SIGQUIT', 3000],
    ['SIGKILL', 2000],
  ]);
}

type Settings = z.infer<typeof settingsSchema>;

/** Password and port of this data folder; a new folder is initialised. */
async function openSettings(place: Place, port: number | undefined): Promise<Settings> {
  const path = `${place.dataDir}.json`;
  const isNew = !(await hasData(place.dataDir));
  const earlier = await readSettings(path);
  if (!earlier && !isNew) {
    throw new Error(
      `The password for the data in "${place.dataDir}" is missing: put "${path}" back, or delete the folder to start over`,
    );
  }
  const password = earlier?.password ?? randomBytes(18).toString('base64url');
  const settings = { password, port: await choosePort('PostgreSQL', port, earlier?.port) };
  await writePrivateFile(path, JSON.stringify(settings)); // Before the data: they are lost without it.
  if (isNew) await initialise(place, password);
  return settings;
}

async function readSettings(path: string): Promise<Settings | undefined> {
  try {
    return settingsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // Not there, or damaged: both mean that the password is not known.
  }
}

async function initialise({ native, dataDir, user }: Place, password: string): Promise<void> {
  const draft = `${dataDir}.draft`; // Complete before it gets its name: a crash leaves no half of it.
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(tmpdir(), 'durahook-init-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [draft, folder, passwordFile]) await chown(path, user.uid, user.gid);
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
    ['-D', draft, '-U', 'durahook', `--pwfile=${passwordFile}`, ...options],
    { ...user, cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, encoding: 'utf8' },
  );
  await rm(folder, { recursive: true, force: true });
  if (init.status === 0) return rename(draft, dataDir);
  await rm(draft, { recursive: true, force: true });
  throw new Error(`PostgreSQL could not be set up: ${init.error?.message ?? init.stderr}`);
}

/** @returns the id of the postmaster, once it takes connections and has the database */
async function launch(
  place: Place,
  options: Settings & { readonly isDurable: boolean },
): Promise<number> {
  const giveUpAt = performance.now() + startMs;
  for (;;) {
    const pid = await spawnPostmaster(place, options);
    const isUp = await untilUp(pid, options, giveUpAt);
    if (isUp) return pid;
    const log = await endOfLog(place.dataDir);
    await stopPostmaster(pid, place.dataDir);
    // The children of a killed postmaster need a moment to go.
    const isPassing = /already exists|still in use|pre-existing shared memory/.test(log);
    if (!isPassing || performance.now() > giveUpAt) {
      throw new Error(`PostgreSQL did not start; the end of its log:\n${log}`);
    }
    await sleep(250);
  }
}

async function spawnPostmaster(
  { native, dataDir, user }: Place,
  { port, isDurable }: { port: number; isDurable: boolean },
): Promise<number> {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    ...(!isDurable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startDetached(join(native, 'bin/postgres'), ['-D', dataDir, ...flags], {
    logFile: `${dataDir}.log`,
    user,
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
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
    connectionTimeoutMillis: 2000, // Something else may have taken the port and stay silent.
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
