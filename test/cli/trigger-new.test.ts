import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { writeTrigger } from '../../src/trigger-scaffold.ts';
import { copyProject } from '../support/project-copy.ts';
import type { ProjectCopy } from '../support/project-copy.ts';

let copy: ProjectCopy;
beforeAll(async () => {
  copy = await copyProject();
});
afterAll(() => copy.remove());

const read = (file: string): Promise<string> => readFile(join(copy.folder, file), 'utf8');

/** A program of the packages, run in the copy; what it says, with its exit code on the last line. */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TEMPORAL_CLI_PATH: inject('temporalBinary') };
  const child = spawn(join('node_modules/.bin', program), args, { cwd: copy.folder, env });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = await text(child.stdout);
  return `${said}${await ended}`;
}

describe('writeTrigger()', () => {
  test('writes a trigger that passes all checks and runs at once', async () => {
    const { created, changed } = await writeTrigger(copy.folder, 'greet-author');
    expect(created).toEqual([
      'triggers/greet-author.yaml',
      'workflows/automations/greet-author.ts',
      'test/automations/greet-author.test.ts',
    ]);
    const files = [...created, ...changed];
    expect(await run('oxfmt', '--check', ...files)).toMatch(/0$/);
    const code = files.filter((file) => file.endsWith('.ts'));
    expect(await run('oxlint', '--type-aware', '--deny-warnings', ...code)).toMatch(/0$/);
    expect(await run('tsc', '--noEmit')).not.toContain('greet');
    expect(await run('tsc', '-p', 'workflows')).not.toContain('greet');
    expect(await run('knip', '--no-exit-code')).not.toContain('greet');
    const held = ['test/tidy.test.ts', 'test/workflows/contract.test.ts'];
    const said = await run('vitest', 'run', ...held, 'test/automations/greet-author.test.ts');
    expect(said).toMatch(/0$/);
  }, 180_000);

  test('lists the automation among the others by the alphabet', async () => {
    await writeTrigger(copy.folder, 'label');
    expect(await read('src/domain/automation-names.ts')).toMatch(
      /'importIssues',\n {2}'label',\n {2}'reviewPullRequest',/,
    );
    expect(await read('workflows/automations/index.ts')).toMatch(
      /import-issues\.ts';\nexport \{ label \} from '\.\/label\.ts';\n/,
    );
  });

  test('breaks the lines of a long name as the formatter does', async () => {
    const name = 'tell-everybody-who-ever-worked-here-that-there-is-something-new';
    const { created, changed } = await writeTrigger(copy.folder, name);
    expect(name).toHaveLength(63);
    expect(await run('oxfmt', '--check', ...created, ...changed)).toMatch(/0$/);
  });

  test.each([
    ['capitals', 'GreetAuthor', '"GreetAuthor" is no name for a trigger: write a-z'],
    ['a path', '../greet', 'is no name'],
    ['a digit at the beginning', '2nd', 'is no name'],
    ['two dashes', 'a--b', 'is no name'],
    ['nothing', '', 'is no name'],
    ['64 characters', 'a'.repeat(64), 'is no name'],
    ['a word of the language', 'import', 'A workflow cannot be called "import"'],
    ['another that only modules have', 'await', 'A workflow cannot be called "await"'],
    ['a workflow of the platform', 'trigger-run', 'A workflow cannot be called "triggerRun"'],
    ['a shipped automation', 'import-issues', '"importIssues" stands in "workflows/automations/'],
    ['a helper of automations', 'emit', 'There is a file "workflows/automations/emit.ts" already'],
  ])('refuses %s and writes nothing', async (_, name, words) => {
    const before = await read('src/domain/automation-names.ts');
    await expect(writeTrigger(copy.folder, name)).rejects.toThrow(words);
    expect(await read('src/domain/automation-names.ts')).toBe(before);
  });

  test.each([
    ['a trigger of its name', 'triggers/taken.yaml'],
    ['a test of its name', 'test/automations/taken.test.ts'],
  ])('never writes over %s', async (_, file) => {
    await mkdir(join(copy.folder, 'test/automations'), { recursive: true });
    await writeFile(join(copy.folder, file), 'mine');
    await expect(writeTrigger(copy.folder, 'taken')).rejects.toThrow(`a file "${file}" already`);
    expect(await read(file)).toBe('mine');
    await expect(read('workflows/automations/taken.ts')).rejects.toThrow('ENOENT');
    await rm(join(copy.folder, file));
  });

  test('says where to run it, elsewhere', async () => {
    await expect(writeTrigger(join(copy.folder, 'docs'), 'greet')).rejects.toThrow(
      'There is no "workflows/automations/index.ts" here: run this in the folder of the project',
    );
  });
});
