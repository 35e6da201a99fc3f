import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchTriggerFolder } from '../../src/runtime/trigger-folder-watch.ts';
import type { TriggerFolderWatch } from '../../src/runtime/trigger-folder-watch.ts';

let dir: string;
let watch: TriggerFolderWatch;
let changes: number;
let logged: string[];
let failWith: string | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trigger-folder-watch-'));
  changes = 0;
  logged = [];
  failWith = undefined;
  const log = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  const onChange = async (): Promise<void> => {
    changes += 1;
    if (failWith !== undefined) throw new Error(failWith);
  };
  watch = await watchTriggerFolder({ dir, log, onChange, everyMs: 20 });
});

afterEach(async () => {
  await watch.close();
  await rm(dir, { recursive: true, force: true });
});

async function looks(count: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20 * count + 10));
}

describe('watchTriggerFolder()', () => {
  test('calls at once, then once for each change: new, written, gone', async () => {
    expect(changes).toBe(1);
    const file = join(dir, 'a.yaml');
    await writeFile(file, 'one');
    await vi.waitFor(() => expect(changes).toBe(2), 30_000);
    await writeFile(file, 'other');
    await vi.waitFor(() => expect(changes).toBe(3), 30_000);
    await rm(file);
    await vi.waitFor(() => expect(changes).toBe(4), 30_000);
    await looks(5);
    expect(changes).toBe(4);
  });

  test('leaves other files alone', async () => {
    await writeFile(join(dir, 'README.md'), 'one');
    await looks(5);
    expect(changes).toBe(1);
  });

  test('a failure is logged once and tried again, until it works', async () => {
    failWith = 'The database is away';
    await writeFile(join(dir, 'a.yaml'), 'one');
    await vi.waitFor(() => expect(changes).toBeGreaterThan(4), 30_000);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('The database is away');
    failWith = undefined;
    const before = changes;
    await vi.waitFor(() => expect(changes).toBeGreaterThan(before), 30_000);
    await looks(3);
    const after = changes;
    await looks(3);
    expect(changes).toBe(after);
  });

  test('a folder that is away changes nothing, and is followed when it is there again', async () => {
    await rename(dir, `${dir}-away`);
    await vi.waitFor(() => expect(logged).toHaveLength(1), 30_000);
    await looks(5);
    expect([logged.length, changes]).toEqual([1, 1]);
    await rename(`${dir}-away`, dir);
    await writeFile(join(dir, 'a.yaml'), 'one');
    await vi.waitFor(() => expect(changes).toBe(2), 30_000);
  });

  test('looks no more once it is closed', async () => {
    await watch.close();
    await writeFile(join(dir, 'a.yaml'), 'one');
    await looks(5);
    expect(changes).toBe(1);
  });
});
