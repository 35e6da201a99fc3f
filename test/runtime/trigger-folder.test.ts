import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadTriggerFolder, stampFolder } from '../../src/runtime/trigger-folder.ts';
import type { ReadFiles } from '../../src/runtime/trigger-folder.ts';

const known = { automations: ['x'], refuseUrl: () => undefined };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trigger-folder-'));
});
afterEach(() => rm(dir, { recursive: true }));

function textOf(name: string): string {
  return `trigger: ${name}\non: { source: github, events: [push] }\ndo: { workflow: x }\n`;
}

describe('loadTriggerFolder()', () => {
  test('reads the files by name and leaves others alone', async () => {
    await writeFile(join(dir, 'b.yml'), textOf('second'));
    await writeFile(join(dir, 'a.yaml'), textOf('first'));
    await writeFile(join(dir, 'README.md'), '# Triggers');
    await symlink('somebody@host', join(dir, '.#a.yaml')); // As an editor marks what is open in it.
    const { loaded, problems } = await loadTriggerFolder(dir, known);
    expect(problems).toEqual([]);
    expect(loaded.map(({ file, text }) => [file, text])).toEqual([
      ['a.yaml', textOf('first')],
      ['b.yml', textOf('second')],
    ]);
  });

  test('a broken file and an unreadable one do not stop the others', async () => {
    await writeFile(join(dir, 'a.yaml'), 'trigger: [');
    await mkdir(join(dir, 'b.yaml'));
    await writeFile(join(dir, 'c.yaml'), textOf('good'));
    const { loaded, problems } = await loadTriggerFolder(dir, known);
    expect(loaded.map(({ file }) => file)).toEqual(['c.yaml']);
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(['a.yaml', 'b.yaml']));
  });

  test('a pipe is not waited for, nor a device read to its end', async () => {
    execFileSync('mkfifo', [join(dir, 'a.yaml')]);
    await symlink('/dev/zero', join(dir, 'b.yaml'));
    await symlink('c.yaml', join(dir, 'c.yaml')); // A loop.
    const { problems } = await loadTriggerFolder(dir, known);
    expect(problems.map(({ file, message }) => [file, message])).toEqual(
      ['a.yaml', 'b.yaml', 'c.yaml'].map((file) => [file, 'The file cannot be read']),
    );
  });

  test('a file that is too large is told to be so', async () => {
    await writeFile(join(dir, 'a.yaml'), Buffer.alloc(300_000, '#'));
    const { problems } = await loadTriggerFolder(dir, known);
    expect(problems).toMatchObject([{ message: 'The file is larger than 262144 bytes' }]);
  });

  test('the second file with a name is the problem', async () => {
    await writeFile(join(dir, 'a.yaml'), textOf('same'));
    await writeFile(join(dir, 'b.yaml'), textOf('same'));
    const { loaded, problems } = await loadTriggerFolder(dir, known);
    expect(loaded.map(({ file }) => file)).toEqual(['a.yaml']);
    expect(problems).toMatchObject([{ file: 'b.yaml', path: 'trigger' }]);
  });

  test('a folder that is not there says which setting names it', async () => {
    const load = loadTriggerFolder(join(dir, 'none'), known);
    await expect(load).rejects.toThrow(/none.*TRIGGERS_DIR/);
  });

  test('the stamp of a file tells also that its mode is another', async () => {
    const file = join(dir, 'a.yaml');
    await writeFile(file, textOf('one'), { mode: 0o200 });
    const before = await stampFolder(dir);
    await setTimeout(2);
    await chmod(file, 0o600);
    expect(await stampFolder(dir)).not.toEqual(before);
  });

  test('reads again only what was written since, and forgets what is gone', async () => {
    const files: ReadFiles = new Map();
    const [a, b] = [join(dir, 'a.yaml'), join(dir, 'b.yaml')];
    await writeFile(a, textOf('one'));
    await writeFile(b, textOf('two'));
    await loadTriggerFolder(dir, known, files);
    const before = files.get('a.yaml');
    await writeFile(b, textOf('three'));
    const { loaded } = await loadTriggerFolder(dir, known, files);
    expect(loaded.map(({ definition }) => definition.name)).toEqual(['one', 'three']);
    expect(files.get('a.yaml')).toBe(before);
    await rm(b);
    await loadTriggerFolder(dir, known, files);
    expect([...files.keys()]).toEqual(['a.yaml']);
  });
});
