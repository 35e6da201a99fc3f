import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  cp,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environment } from '../runtime/config.ts';
import { isAlive } from './child-process.ts';

export interface TemporalBinaryOptions {
  /** `TEMPORAL_CLI_PATH`: this program and no other. */
  readonly temporalCliPath: string | undefined;
  /** The folders in which programs are searched. */
  readonly path: string;
  /** Where built programs are kept, outside the checkout. */
  readonly cacheDir: string;
  /** Lines for a person who waits. */
  readonly report: (line: string) => void;
}

/** The module that pins the Temporal CLI, with the sums of everything it is built from. */
const moduleFolder = fileURLToPath(new URL('./temporal-cli/', import.meta.url));

const pinnedVersion = '1.5.1';

const reportEveryMs = 10_000;

/** How often a start that waits for another's build looks again. */
const lookEveryMs = 500;

/**
 * The Temporal CLI, whose dev server we run: `TEMPORAL_CLI_PATH`, a `temporal` on PATH, our cache,
 * or built from source (about five minutes, once).
 *
 * @throws Error listing what was tried and what to do
 */
export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<string> {
  const { temporalCliPath, path, cacheDir } = options;
  if (temporalCliPath !== undefined && temporalCliPath !== '') {
    if (await isProgram(temporalCliPath)) return temporalCliPath;
    throw new Error(`TEMPORAL_CLI_PATH is no program: "${temporalCliPath}"`);
  }
  const onPath = await findOnPath('temporal', path);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDir, `temporal-${pinnedVersion}-${platform()}-${arch()}`);
  if (await isProgram(cached)) return cached;
  const go = await findOnPath('go', path);
  if (go === undefined) {
    throw new Error(nothingFound(cached, 'needs Go 1.25 or newer on PATH, and there is none'));
  }
  await mkdir(cacheDir, { recursive: true });
  try {
    await buildOnce({ go, target: cached, report: options.report });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(nothingFound(cached, reason), { cause });
  }
  return cached;
}

function nothingFound(cached: string, build: string): string {
  return [
    'There is no Temporal dev server on this machine. Tried:',
    '  TEMPORAL_CLI_PATH: not set',
    '  a program "temporal" on PATH: none',
    `  the cache: nothing at ${cached}`,
    `  building it from source: ${build}`,
    'Install Go 1.25 or newer or the Temporal CLI, or set TEMPORAL_CLI_PATH to that program or TEMPORAL_ADDRESS to a Temporal server of yours',
  ].join('\n');
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile(); // One may "execute" a folder, too.
  } catch {
    return false;
  }
}

async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((item) => item !== '')) {
    if (await isProgram(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

interface Build {
  readonly go: string;
  readonly target: string;
  readonly report: (line: string) => void;
}

/** Two starts at once build once: the second waits for the first, or takes over when that dies. */
async function buildOnce(build: Build): Promise<void> {
  const lock = `${build.target}.lock`;
  let reportAt = performance.now();
  while (!(await takeLock(lock))) {
    if (await isProgram(build.target)) return;
    if (performance.now() >= reportAt) {
      build.report(`Another start is building the Temporal dev server; waiting for it (${lock}) …`);
      reportAt += reportEveryMs;
    }
    await sleep(lookEveryMs);
  }
  try {
    if (!(await isProgram(build.target))) await compile(build);
  } finally {
    await rm(lock, { force: true });
  }
}

/** The lock appears with its holder's id in it. A dead holder's is removed, for the next look. */
async function takeLock(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (Number.isInteger(holder) && !isAlive(holder)) await rm(path, { force: true });
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

async function compile({ go, target, report }: Build): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-temporal-'));
  const draft = `${target}.${process.pid}`;
  try {
    await cp(moduleFolder, folder, { recursive: true });
    report('Building the Temporal dev server from source: about five minutes, once …');
    await runGo(go, { folder, report });
    await cp(join(folder, 'temporal'), draft);
    await rename(draft, target);
    report(`Built ${target}`);
  } finally {
    await rm(draft, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

async function runGo(
  go: string,
  { folder, report }: { folder: string; report: (line: string) => void },
): Promise<void> {
  const args = ['build', '-v', '-trimpath', '-ldflags', '-s -w', '-o', 'temporal'];
  const child = spawn(go, [...args, 'github.com/temporalio/cli/cmd/temporal'], {
    cwd: folder,
    env: { ...environment(), CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const startedAt = performance.now();
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => void lines.push(line));
  const reporting = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    report(
      `  ${seconds} s: ${lines.length} modules and packages done, now ${lines.at(-1) ?? 'starting'}`,
    );
  }, reportEveryMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(reporting));
  if (code !== 0) {
    throw new Error(`${go} build ended with ${code}:\n${lines.slice(-8).join('\n')}`);
  }
}
