import { spawn } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { startConsumer } from './support/consumer.ts';
import type { Consumer } from './support/consumer.ts';
import { idsIn, stepsOf, withIds } from './support/page-blocks.ts';
import type { PageStep } from './support/page-blocks.ts';
import { copyProject } from './support/project-copy.ts';
import type { ProjectCopy } from './support/project-copy.ts';

/** Follows docs/writing-triggers.md to the letter, in a copy of the project. */

let copy: ProjectCopy;
let consumer: Consumer;
let platform: ReturnType<typeof start> | undefined;
beforeAll(async () => {
  copy = await copyProject();
  consumer = await startConsumer();
  await mkdir(join(copy.folder, '.bin'));
  await symlink(inject('temporalBinary'), join(copy.folder, '.bin/temporal'));
});
afterAll(async () => {
  await stopPlatform();
  await consumer.close();
  await copy.remove();
});

const page = await readFile('docs/writing-triggers.md', 'utf8');

/** What `evt_…` on the page stands for: the one that was printed last. */
const ids = new Map<string, string>();

test('a newcomer who follows the page gets what it promises', async () => {
  for (const step of stepsOf(page)) await follow(step);
  expect(consumer.at('/hooks/team').length).toBeGreaterThan(0);
}, 900_000);

async function follow(step: PageStep): Promise<void> {
  switch (step.kind) {
    case 'write':
      return write(step.file, ours(step.text));
    case 'insert':
      return insert(step);
    case 'run':
      return run(step);
  }
}

/** The page names a chat that is not there: ours is. */
function ours(text: string): string {
  return text.replaceAll('https://chat.example.com', consumer.url);
}

async function write(file: string, text: string): Promise<void> {
  const path = join(copy.folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function insert(step: Extract<PageStep, { kind: 'insert' }>): Promise<void> {
  const path = join(copy.folder, step.file);
  const lines = (await readFile(path, 'utf8')).split('\n');
  const at = lines.findIndex((line) => line.includes(step.anchor));
  expect(at, `"${step.anchor}" stands in ${step.file}`).toBeGreaterThan(-1);
  const text = step.text.trimEnd().split('\n');
  await writeFile(path, lines.toSpliced(step.isAbove ? at : at + 1, 0, ...text).join('\n'));
}

/** A command that begins within it is waited for, however slow the machine is. */
const patienceMs = 40_000;

/** What is promised may take a moment: until it is printed, the reader looks again. */
async function run({ script, prints }: Extract<PageStep, { kind: 'run' }>): Promise<void> {
  if (script === 'npm run dev\n') return startPlatform();
  const command = withIds(script, ids);
  if (prints === null) {
    const { code, output } = await shell(command);
    expect(code, `${command}${output}`).toBe(0);
    return;
  }
  const lookUntil = performance.now() + patienceMs;
  for (;;) {
    const { output } = await shell(command);
    const found = idsIn(output, prints);
    if (found) {
      for (const [kind, id] of found) ids.set(kind, id);
      return;
    }
    if (performance.now() > lookUntil) {
      throw new Error(`${command}printed\n${output}and not\n${prints}`);
    }
    await setTimeout(500);
  }
}

/** Nothing of the tests' own environment reaches the commands. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  const TEMPORAL_CLI_PATH = inject('temporalBinary');
  return { PATH: `${join(copy.folder, '.bin')}:${PATH}`, HOME, TEMPORAL_CLI_PATH };
}

function start(program: string, args: readonly string[], isDetached: boolean) {
  const options = { cwd: copy.folder, env: environment(), detached: isDetached };
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => said.push(bytes.toString('utf8')));
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => said.join('') };
}

async function shell(script: string): Promise<{ code: number | null; output: string }> {
  const { ended, output } = start('bash', ['-ec', script], false);
  return { code: await ended, output: output() };
}

async function startPlatform(): Promise<void> {
  await stopPlatform();
  platform = start('npm', ['run', 'dev'], true);
  const { child, output } = platform;
  await vi.waitUntil(() => output().includes('Start over') || child.exitCode !== null, {
    timeout: 240_000,
  });
  expect(output()).toContain('Durahook is running');
}

/** Ctrl-C: a terminal tells the whole group. */
async function stopPlatform(): Promise<void> {
  const running = platform;
  platform = undefined;
  if (running?.child.pid === undefined || running.child.exitCode !== null) return;
  process.kill(-running.child.pid, 'SIGINT');
  await running.ended;
}
