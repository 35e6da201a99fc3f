import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { automationNames } from './domain/automation-names.ts';
import { readTriggerSettings } from './runtime/config.ts';
import { makeEgress } from './runtime/egress.ts';
import { checkTriggerFile } from './runtime/trigger-file.ts';
import type { CheckedTriggerFile } from './runtime/trigger-file.ts';
import { isTriggerFile, nameProblem } from './runtime/trigger-folder.ts';

/** A trigger file as somebody works on it: its path, its text, and what it says or what is wrong. */
export interface WorkedTriggerFile {
  readonly file: string;
  readonly text: string;
  readonly checked: CheckedTriggerFile;
}

/**
 * Read and check trigger files; without any named, all of `TRIGGERS_DIR`.
 *
 * @throws Error naming the file or folder that can't be read
 */
export async function readTriggerFiles(named: readonly string[]): Promise<WorkedTriggerFile[]> {
  const files = named.length > 0 ? named : await listTriggerFiles();
  const read = await Promise.all(files.map(readTriggerFile));
  return read.map((file, index) => withUniqueName(file, read.slice(0, index)));
}

/**
 * The file of a trigger: `name` is its path, or the trigger's name.
 *
 * @returns undefined when there is no file of that name here
 */
export async function findTriggerFile(name: string): Promise<WorkedTriggerFile | undefined> {
  if (/\.ya?ml$/.test(name)) return readTriggerFile(name);
  const files = await listTriggerFiles().catch(() => []);
  const read = await Promise.all(files.map(readTriggerFile));
  const byName = ({ checked }: WorkedTriggerFile): boolean =>
    'definition' in checked && checked.definition.name === name;
  // One that is broken is told to be so, if its file is called as the trigger.
  const byFile = ({ file }: WorkedTriggerFile): boolean =>
    file === join(readTriggerSettings().TRIGGERS_DIR, `${name}.yaml`);
  return read.find(byName) ?? read.find(byFile);
}

async function listTriggerFiles(): Promise<string[]> {
  const { TRIGGERS_DIR: dir } = readTriggerSettings();
  const names = await readdir(dir).catch((cause: unknown) => {
    const message = `Cannot read the folder "${dir}": name files, or set TRIGGERS_DIR`;
    throw new Error(message, { cause });
  });
  return names
    .filter(isTriggerFile)
    .toSorted()
    .map((name) => join(dir, name));
}

async function readTriggerFile(file: string): Promise<WorkedTriggerFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Error(`Cannot read "${file}"`, { cause });
  });
  const { refuseTarget: refuseUrl } = makeEgress(readTriggerSettings().EGRESS_ALLOW);
  const checked = checkTriggerFile(file, bytes, { automations: automationNames, refuseUrl });
  return { file, text: bytes.toString('utf8'), checked };
}

/** Two files may not hold one trigger. */
function withUniqueName(
  read: WorkedTriggerFile,
  earlier: readonly WorkedTriggerFile[],
): WorkedTriggerFile {
  const name = nameOf(read);
  const first = earlier.find((other) => name !== undefined && nameOf(other) === name);
  if (!first) return read;
  const problem = nameProblem(read.file, `The trigger "${name}" is in ${first.file} already`);
  return { ...read, checked: { problems: [problem] } };
}

function nameOf({ checked }: WorkedTriggerFile): string | undefined {
  return 'definition' in checked ? checked.definition.name : undefined;
}
