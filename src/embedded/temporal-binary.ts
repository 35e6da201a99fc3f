import { spawn } from 'node:child_process';
import {
  access,
  constants,
  cp,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
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

/**
 * The Temporal CLI, whose dev server we run: `TEMPORAL_CLI_PATH`, a `temporal` on PATH, our cache,
 * or built from source (about five minutes, once).
 *
 * @throws Error listing what was tried and what to do
 */
export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<string> {
  const { temporalCliPath, path, cacheDir } = options;
  if (temporalCliPath !== undefined) {
    if (await isProgram(temporalCliPath)) return temporalCliPath;
    throw new Error(`TEMPORAL_CLI_PATH is no program: "${temporalCliPath}"`);
  }
  const onPath = await findOnPath('temporal', path);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDir, `temporal-${pinnedVersion}-${platform()}-${arch()}`);
  if (await isProgram(cached)) return cached;
  const go = await findOnPath('go', path);
  if (go === undefined) throw new Error(nothingFound(cached));
  await mkdir(cacheDir, { recursive: true });
  await buildOnce({ go, target: cached, report: options.report });
  return cached;
}

function nothingFound(cached: string): string {
  return [
    'There is no Temporal dev server on this machine. Tried:',
    '  TEMPORAL_CLI_PATH: not set',
    '  a program "temporal" on PATH: none',
    `  the cache: nothing at ${cached}`,
    '  building it from source: needs Go 1.25 or newer on PATH, and there is none',
    'Install Go or the Temporal CLI, or set TEMPORAL_ADDRESS to a Temporal server of yours',
  ].join('\n');
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
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
  while (!(await takeLock(lock))) {
    if (await isProgram(build.target)) return;
    build.report('Another start is building the Temporal dev server; waiting for it …');
    await sleep(reportEveryMs);
  }
  try {
    if (!(await isProgram(build.target))) await compile(build);
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (Number.isInteger(holder) && !isAlive(holder)) await rm(path, { force: true });
    return false;
  }
}

async function compile({ go, target, report }: Build): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'durahook-temporal-'));
  try {
    await cp(moduleFolder, folder, { recursive: true });
    report('Building the Temporal dev server from source: about five minutes, once …');
    await runGo(go, { folder, report });
    const draft = `${target}.${process.pid}`;
    await cp(join(folder, 'temporal'), draft);
    await rename(draft, target);
    report(`Built ${target}`);
  } finally {
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
    throw new Error(
      `The Temporal dev server could not be built (go ended with ${code}):\n${lines.slice(-8).join('\n')}`,
    );
  }
}
