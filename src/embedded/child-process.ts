import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
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

/** The command line of a process, blanks between its words; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return (
      spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ??
      ''
    );
  }
}

/** Ask a process to end, ever more firmly. */
export async function endProcess(
  pid: number,
  signals: readonly (readonly [signal: NodeJS.Signals, waitMs: number])[],
): Promise<void> {
  for (const [signal, waitMs] of signals) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const giveUpAt = performance.now() + waitMs;
    while (isAlive(pid) && performance.now() < giveUpAt) await sleep(20);
  }
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
