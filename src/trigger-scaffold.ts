import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { taskQueues } from './domain/workflows.ts';

/** Where automations are listed, one a line. */
const exportsFile = 'workflows/automations/index.ts';
const namesFile = 'src/domain/automation-names.ts';

export interface WrittenTrigger {
  readonly created: readonly string[];
  readonly changed: readonly string[];
}

interface Names {
  /** The trigger's, and that of its files. */
  readonly name: string;
  /** The workflow's. */
  readonly automation: string;
}

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const nameMax = 63;

/** Names that a workflow has already, or that Temporal would take for one of ours. */
const takenNames: readonly string[] = Object.keys(taskQueues);

/**
 * Write a new trigger with its automation and its test into a checkout, and list the automation.
 *
 * @param root - the folder of the project
 * @param name - the trigger's; its automation has the same in camel case
 * @returns the files, from the root: of those that are new the trigger comes first
 * @throws Error when the name can't be used or something of it exists: nothing is written then
 */
export async function writeTrigger(root: string, name: string): Promise<WrittenTrigger> {
  const automation = automationOf(name);
  const tables = await addToTables(root, { name, automation });
  const created = await fillTemplates({ name, automation });
  const existing = [...created.keys()].find((file) => existsSync(join(root, file)));
  if (existing !== undefined) {
    throw new Error(`There is a file "${existing}" already: choose another name, or change that`);
  }
  for (const [file, text] of created) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text, { flag: 'wx' });
  }
  for (const [file, text] of tables) await writeFile(join(root, file), text);
  const written = { created: [...created.keys()], changed: [...tables.keys()] };
  await format(root, [...written.created, ...written.changed]);
  return written;
}

/** The text of each new file, by its place. */
async function fillTemplates({ name, automation }: Names): Promise<Map<string, string>> {
  const places = [
    [`triggers/${name}.yaml`, 'trigger.yaml'],
    [`workflows/automations/${name}.ts`, 'automation.ts'],
    [`test/automations/${name}.test.ts`, 'automation.test.ts'],
  ] as const;
  const filled = places.map(async ([file, template]) => {
    const url = new URL(`trigger-templates/${template}.txt`, import.meta.url);
    const text = await readFile(url, 'utf8');
    const named = text.replaceAll('{{name}}', name).replaceAll('{{automation}}', automation);
    return [file, named] as const;
  });
  return new Map(await Promise.all(filled));
}

/** @throws Error saying which names can be used */
function automationOf(name: string): string {
  if (!namePattern.test(name) || name.length > nameMax) {
    throw new Error(
      `"${name}" is no name for a trigger: write a-z, 0-9 and - between them, from a letter on, ` +
        `at most ${nameMax} characters, as greet-author`,
    );
  }
  const automation = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  if (!isIdentifier(automation) || takenNames.includes(automation)) {
    throw new Error(`A workflow cannot be called "${automation}": choose another name`);
  }
  return automation;
}

/** Whether a function of a module may have the name: `import` and `await` may not. */
function isIdentifier(name: string): boolean {
  try {
    return new Script(`async () => { 'use strict'; let ${name}; }`) instanceof Script;
  } catch {
    return false;
  }
}

async function addToTables(
  root: string,
  { name, automation }: Names,
): Promise<Map<string, string>> {
  const rows = [
    { file: exportsFile, row: `export { ${automation} } from './${name}.ts';`, begins: 'export {' },
    { file: namesFile, row: `  '${automation}',`, begins: `  '` },
  ];
  const tables = new Map<string, string>();
  for (const { file, row, begins } of rows) {
    const text = await readFile(join(root, file), 'utf8').catch(() => {
      throw new Error(`There is no "${file}" here: run this in the folder of the project`);
    });
    if (text.includes(row)) throw new Error(`"${automation}" stands in "${file}" already`);
    tables.set(file, withRow(text, row, begins));
  }
  return tables;
}

/** A table with one row more, by the alphabet. */
function withRow(text: string, row: string, begins: string): string {
  const lines = text.split('\n');
  const isRow = (line: string): boolean => line.startsWith(begins);
  const later = lines.findIndex((line) => isRow(line) && line > row);
  const at = later === -1 ? lines.findLastIndex(isRow) + 1 : later;
  if (at === 0) throw new Error(`There is no list of automations to add this to: ${row}`);
  return lines.toSpliced(at, 0, row).join('\n');
}

/** A long name needs other line breaks: the formatter of the project knows where. */
async function format(root: string, files: readonly string[]): Promise<void> {
  const program = join(root, 'node_modules/oxfmt/bin/oxfmt');
  if (!existsSync(program)) return; // Installed without what is for developers.
  await promisify(execFile)(process.execPath, [program, ...files], { cwd: root });
}
