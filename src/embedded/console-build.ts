import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '../runtime/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the console is made of. */
const sources = ['console', 'src/client', 'package-lock.json'];

/**
 * Build the console unless it is up to date, so that no start needs a command of its own.
 *
 * @throws Error with what Vite said
 */
export async function buildConsole(say: (line: string) => void): Promise<void> {
  const builtAt = await changedAt('dist/console/index.html');
  const times = await Promise.all(sources.map(lastChange));
  if (builtAt > Math.max(...times)) return;
  say('Building the console (about 10 s, once) …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', 'console', '--logLevel', 'warn'], {
    cwd: root,
    env: { ...environment(), NODE_ENV: 'production' }, // In tests it is another, and React larger.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => said.push(bytes.toString('utf8')));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The console could not be built:\n${said.join('').trim()}`);
}

async function lastChange(path: string): Promise<number> {
  const info = await stat(join(root, path));
  if (!info.isDirectory()) return info.mtimeMs;
  const names = await readdir(join(root, path), { recursive: true });
  const times = await Promise.all(names.map((name) => changedAt(join(path, name))));
  return Math.max(info.mtimeMs, ...times);
}

/** 0 for what is not there. */
async function changedAt(path: string): Promise<number> {
  const info = await stat(join(root, path)).catch(() => undefined);
  return info?.mtimeMs ?? 0;
}
