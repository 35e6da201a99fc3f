import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTemporalBinary } from '../../src/embedded/temporal-binary.ts';

let folder: string;
let cacheDir: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durahook-binary-'));
  cacheDir = join(folder, 'missing', 'cache');
  said = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function find(given: { temporalCliPath?: string; path?: string }): Promise<string> {
  return findTemporalBinary({
    temporalCliPath: given.temporalCliPath,
    path: given.path ?? '',
    cacheDir,
    report: (line) => void said.push(line),
  });
}

async function writeProgram(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
  return path;
}

describe('findTemporalBinary()', () => {
  test('lists what was tried, and what to do', async () => {
    const failure = find({});
    await expect(failure).rejects.toThrow(
      `Tried:\n  TEMPORAL_CLI_PATH: not set\n  a program "temporal" on PATH: none\n  the cache: nothing at ${cacheDir}`,
    );
    await expect(failure).rejects.toThrow(/from source: needs Go 1\.25.*\n.*set TEMPORAL_CLI_PATH/);
  });

  test('takes TEMPORAL_CLI_PATH before PATH', async () => {
    const onPath = await writeProgram('temporal', []);
    const named = await writeProgram('other', []);
    expect(await find({ temporalCliPath: named, path: folder })).toBe(named);
    expect(await find({ path: folder })).toBe(onPath);
  });

  test('refuses a TEMPORAL_CLI_PATH that is a folder', async () => {
    await expect(find({ temporalCliPath: folder })).rejects.toThrow(
      `TEMPORAL_CLI_PATH is no program: "${folder}"`,
    );
  });

  test('passes over a folder named temporal on PATH', async () => {
    await mkdir(join(folder, 'temporal'));
    await expect(find({ path: folder })).rejects.toThrow('a program "temporal" on PATH: none');
  });

  test('builds once for two starts at once, and leaves only the program', async () => {
    await writeProgram('go', [
      `echo built >> '${folder}/builds'`,
      'sleep 1',
      'printf "#!/bin/sh\\n" > temporal; chmod +x temporal',
    ]);
    const found = await Promise.all([find({ path: folder }), find({ path: folder })]);
    const name = `temporal-1.5.1-${platform()}-${arch()}`;
    expect(found).toEqual([join(cacheDir, name), join(cacheDir, name)]);
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('built\n');
    expect(await readdir(cacheDir)).toEqual([name]);
    expect(said.filter((line) => line.includes('Another start'))).toHaveLength(1);
  });

  test('takes over from a start that died while it built', async () => {
    await writeProgram('go', ['printf "#!/bin/sh\\n" > temporal; chmod +x temporal']);
    await mkdir(cacheDir, { recursive: true });
    const name = `temporal-1.5.1-${platform()}-${arch()}`;
    await writeFile(join(cacheDir, `${name}.lock`), '4194303'); // The highest id there is.
    expect(await find({ path: folder })).toBe(join(cacheDir, name));
  });

  test('shows why the build failed, and lets the next start try again', async () => {
    await writeProgram('go', ['echo "no such module" >&2', 'exit 1']);
    await expect(find({ path: folder })).rejects.toThrow(/build ended with 1:\nno such module/);
    expect(await readdir(cacheDir)).toEqual([]);
  });
});
