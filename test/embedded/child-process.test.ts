import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandOf, endProcess, startDetached } from '../../src/embedded/child-process.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook-child-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('startDetached()', () => {
  test('says which program cannot be run', async () => {
    const program = join(folder, 'no-program');
    await writeFile(program, 'text');
    await expect(startDetached(program, [], { logFile: join(folder, 'log') })).rejects.toThrow(
      `Cannot run "${program}": spawn`,
    );
  });

  test('gives the id of a process that runs', async () => {
    const pid = await startDetached('sleep', ['60'], { logFile: join(folder, 'log') });
    expect(commandOf(pid)).toContain('sleep 60');
    await endProcess(pid, (command) => command.endsWith('sleep 60'), [['SIGTERM', 2000]]);
    expect(commandOf(pid)).toBe('');
  });
});

describe('endProcess()', () => {
  // To the system -1 is every process there is, and 0 is our own group.
  test.each([-1, 0])('sends nothing to %i', async (pid) => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    await endProcess(pid, (command) => command !== '', [['SIGTERM', 10]]);
    expect(kill).not.toHaveBeenCalled();
  });

  test('sends nothing to a process that is not ours', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    await endProcess(other.pid ?? 0, (command) => command.endsWith('sleep 61'), [['SIGTERM', 10]]);
    expect(other.signalCode).toBeNull();
    other.kill();
    await once(other, 'exit');
  });
});
