import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';

/** A folder as a person may have it: with a blank, and closed to everybody else. */
let folder: string;
let dev: ChildProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook dev '));
});
afterEach(async () => {
  await stop('SIGTERM');
});
afterAll(async () => {
  const note = await readFile(join(folder, '.durahook/postgres.is-elsewhere.txt'), 'utf8').catch(
    () => '',
  );
  if (note !== '') await rm(dirname(note.trim()), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const tsx = import.meta.resolve('tsx');

/** Nothing of the tests' own environment (`FORCE_COLOR`, say) reaches the commands. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  const TEMPORAL_CLI_PATH = inject('temporalBinary');
  return { PATH, HOME, TEMPORAL_CLI_PATH, TRIGGERS_DIR: resolve('triggers') };
}

/** @returns what it printed once it runs */
async function start(extra: NodeJS.ProcessEnv = {}): Promise<string> {
  const args = ['--import', tsx, resolve('src/dev.ts')];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...environment(), ...extra } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  dev = child;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await vi.waitUntil(() => output.includes('Start over') || hasEnded(), { timeout: 90_000 });
  return output;
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const child = dev;
  dev = undefined;
  if (!child || child.exitCode !== null || child.signalCode !== null)
    return child?.exitCode ?? null;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  await ended;
  return child.exitCode;
}

async function devFile(): Promise<{ url: string; api_key: string }> {
  const path = join(folder, '.durahook/dev.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  return JSON.parse(await readFile(path, 'utf8')) as { url: string; api_key: string };
}

async function durahook(...args: readonly string[]): Promise<string> {
  const command = ['--import', tsx, resolve('src/cli.ts'), ...args];
  const options = { cwd: folder, env: environment() };
  const { stdout } = await promisify(execFile)(process.execPath, command, options);
  return stdout;
}

test('one command tells the flow; the data survive kill -9; the command line finds it', async () => {
  expect(await start()).toMatch(/delivered {2}review\.completed .* both signatures verified/);
  const first = await devFile();
  expect(await durahook('send', 'github', 'issues')).toMatch(/^200 .*"status":"accepted"/);
  await stop('SIGKILL');

  expect(await start()).toContain('Durahook is running');
  const second = await devFile();
  expect(second.api_key).toBe(first.api_key);
  const headers = { authorization: `Bearer ${second.api_key}` };
  const answer = await fetch(`${second.url}/v1/events?type=issues`, { headers });
  expect(await answer.json()).toMatchObject({ data: [{ source: 'github', type: 'issues' }] });
  expect(await durahook('deliveries', '--state', 'delivered')).toContain('review.completed');
  expect(await durahook('replay', '--from', '-1h', '--dry-run')).toMatch(/"planned":[1-9]/);
  expect(await stop('SIGTERM')).toBe(0);
}, 120_000);

test('a taken port is one clear line', async () => {
  const port = Number(new URL(inject('databaseUrl')).port);
  expect(await start({ PORT: String(port) })).toContain(
    `Cannot start: Port ${port} is taken: set PORT to another, or leave it out`,
  );
});
