import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { TriggerDefinition } from '../domain/trigger.ts';
import { checkTriggerFile } from './trigger-file.ts';
import type { CheckedTriggerFile, TriggerKnowledge } from './trigger-file.ts';
import type { TriggerProblem } from './trigger-problems.ts';
import { textMaxBytes } from './trigger-yaml.ts';

export interface LoadedTrigger {
  readonly file: string;
  readonly text: string;
  readonly definition: TriggerDefinition;
}

export interface LoadedFolder {
  readonly loaded: readonly LoadedTrigger[];
  readonly problems: readonly TriggerProblem[];
}

/** What was read of each file before, and its stamp then; a load keeps it up to date. */
export type ReadFiles = Map<string, ReadFile>;

interface ReadFile {
  readonly stamp: string;
  readonly text: string;
  readonly checked: CheckedTriggerFile;
}

/**
 * Read every trigger file of a folder. A broken or unreadable one does not stop the others.
 *
 * @param readBefore - what has the stamp of then is not read again
 * @throws Error when the folder can't be read
 */
export async function loadTriggerFolder(
  dir: string,
  known: TriggerKnowledge,
  readBefore: ReadFiles = new Map(),
): Promise<LoadedFolder> {
  const stamps = await stampFolder(dir);
  for (const file of readBefore.keys()) if (!stamps.has(file)) readBefore.delete(file);
  const loaded: LoadedTrigger[] = [];
  const problems: TriggerProblem[] = [];
  for (const [file, stamp] of stamps) {
    const before = readBefore.get(file);
    const read = before?.stamp === stamp ? before : await readTrigger(dir, file, { known, stamp });
    readBefore.set(file, read);
    const { text, checked } = read;
    if ('problems' in checked) {
      problems.push(...checked.problems);
      continue;
    }
    const { definition } = checked;
    const first = loaded.find((other) => other.definition.name === definition.name);
    if (first) {
      problems.push(
        nameProblem(file, `The trigger "${definition.name}" is in ${first.file} already`),
      );
    } else loaded.push({ file, text, definition });
  }
  return { loaded, problems };
}

/** Whether a name is that of a trigger file: what begins with a dot is an editor's or the system's. */
export function isTriggerFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/.test(name);
}

/** What is wrong with a file whose trigger has a name that another one has. */
export function nameProblem(file: string, message: string): TriggerProblem {
  return { file, line: 1, column: 1, path: 'trigger', message };
}

/**
 * The trigger files of a folder in order, each with a stamp that changes when it is written, replaced
 * or made readable.
 *
 * @throws Error when the folder can't be read
 */
export async function stampFolder(dir: string): Promise<ReadonlyMap<string, string>> {
  const files = (await listFolder(dir)).filter(isTriggerFile).toSorted();
  const stamps = await Promise.all(files.map(async (file) => stampOf(join(dir, file))));
  return new Map(files.map((file, index) => [file, stamps[index] ?? '']));
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return 'It cannot be read';
  }
}

async function readTrigger(
  dir: string,
  file: string,
  { known, stamp }: { readonly known: TriggerKnowledge; readonly stamp: string },
): Promise<ReadFile> {
  const bytes = await readBytes(join(dir, file)).catch(() => undefined);
  if (bytes) {
    return { stamp, text: bytes.toString('utf8'), checked: checkTriggerFile(file, bytes, known) };
  }
  const problem = { file, line: 1, column: 1, path: '', message: 'The file cannot be read' };
  return { stamp, text: '', checked: { problems: [problem] } };
}

/**
 * The bytes of a file: of one that is too large, so many that this shows.
 *
 * @returns undefined for what is no file: a pipe would be waited for, and a device has no end
 */
async function readBytes(path: string): Promise<Buffer | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  return buffer(createReadStream(path, { end: textMaxBytes }));
}

async function listFolder(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    throw new Error(`Cannot read the triggers in "${dir}": set TRIGGERS_DIR to a folder`, {
      cause,
    });
  }
}
