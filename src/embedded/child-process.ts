import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of that id is there, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The command line of a process, blanks between its words; empty when there is none or it has ended. */
export function commandOf(pid: number): string {
  if (pid <= 0) return ''; // To the system those mean groups of processes.
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return (
      spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ??
      ''
    );
  }
}

export interface DetachedOptions {
  /** Takes both outputs; emptied first, readable by its owner only. */
  readonly logFile: string;
  /** Left out: whoever we are. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Left out: ours. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Start a program in a process group of its own: Ctrl-C reaches only us, who hand it on in order.
 *
 * @returns the id of the process
 * @throws Error when the program cannot be run
 */
export async function startDetached(
  program: string,
  args: readonly string[],
  { logFile, user, env }: DetachedOptions,
): Promise<number> {
  const log = openSync(logFile, 'w', 0o600);
  try {
    const child = spawn(program, args, {
      ...user,
      ...(env && { env }),
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('it has no process id');
    return child.pid;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot run "${program}": ${reason}`, { cause });
  } finally {
    closeSync(log);
  }
}

/**
 * Ask a process to end, ever more firmly. May be repeated.
 *
 * @param isOurs - asked before each signal: an id may belong to another process by now
 */
export async function endProcess(
  pid: number,
  isOurs: (command: string) => boolean,
  signals: readonly (readonly [signal: NodeJS.Signals, waitMs: number])[],
): Promise<void> {
  const isThere = (): boolean => isOurs(commandOf(pid));
  for (const [signal, waitMs] of signals) {
    if (!isThere()) return;
    try {
      process.kill(pid, signal);
    } catch (cause) {
      if (!isThere()) return; // It ended between the look and the signal.
      throw new Error(`Cannot stop process ${pid}`, { cause });
    }
    const giveUpAt = performance.now() + waitMs;
    while (isThere() && performance.now() < giveUpAt) await sleep(20);
  }
}

/** Write a file that only its owner may read. A reader never sees half of it, nor does a crash leave half. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Whether nothing listens on a loopback port. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A loopback port that nothing listens on at this moment: `preferred` if that is so. */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The port of a service of ours: the one that was asked for, else the earlier one or a free one.
 *
 * @param name - of the service, for the message
 * @throws Error when the port that was asked for is taken
 */
export async function choosePort(
  name: string,
  wanted: number | undefined,
  earlier: number | undefined,
): Promise<number> {
  if (wanted === undefined) return findFreePort(earlier);
  if (await isPortFree(wanted)) return wanted;
  throw new Error(`Port ${wanted} for ${name} is taken: name another, or leave it out`);
}

/** Where the platform is looked for first. */
const firstPort = 8080;

/** How many neighbours are tried: as many checkouts may run side by side. */
const neighbours = 20;

/**
 * The port for the platform: the one that was asked for, else 8080 or the next that is free.
 *
 * @throws Error when the port that was asked for is taken
 */
export async function choosePlatformPort(wanted: string | undefined): Promise<number> {
  if (wanted !== undefined && wanted !== '') {
    if (await isPortFree(Number(wanted))) return Number(wanted);
    throw new Error(`Port ${wanted} is taken: set PORT to another, or leave it out`);
  }
  for (let port = firstPort; port < firstPort + neighbours; port += 1) {
    if (await isPortFree(port)) return port;
  }
  const last = firstPort + neighbours - 1;
  throw new Error(`Ports ${firstPort} to ${last} are all taken: set PORT to a free one`);
}
