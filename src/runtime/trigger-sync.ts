import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { automationNames } from '../domain/automation-names.ts';
import { recordTriggerFile, setTriggerProblem, setTriggersGone } from '../store/triggers.ts';
import { makeId } from './ids.ts';
import { loadTriggerFolder, nameProblem } from './trigger-folder.ts';
import type { LoadedTrigger, ReadFiles } from './trigger-folder.ts';
import { formatProblem } from './trigger-problems.ts';
import type { TriggerProblem } from './trigger-problems.ts';

export interface TriggerFolder {
  readonly dir: string;
  readonly tenantId: string;
  /** Why an address can't be forwarded to, or `undefined`. */
  readonly refuseUrl: (raw: string) => string | undefined;
}

/**
 * Make the call that brings the triggers of a tenant in line with its folder: a changed file is a
 * new revision, a broken one is reported and leaves the revision before it active, a file that is
 * gone fires no more. Triggers that are saved through the API are left alone.
 *
 * Called again it reads only what has changed, and logs only what is newly wrong. It may be repeated.
 */
export function makeTriggerSync(
  db: Knex,
  { dir, tenantId, refuseUrl }: TriggerFolder,
  log: Logger,
): () => Promise<void> {
  const readBefore: ReadFiles = new Map();
  let told: ReadonlySet<string> = new Set();

  async function record({ file, text, definition }: LoadedTrigger): Promise<TriggerProblem[]> {
    const { name } = definition;
    const trigger = { id: makeId('trg'), tenantId, name, file, text, definition };
    if (await recordTriggerFile(db, trigger)) return [];
    const message = `The trigger "${name}" is saved through the API: give this one another name`;
    return [nameProblem(file, message)];
  }

  function tell(lines: readonly string[]): void {
    for (const line of lines) if (!told.has(line)) log.error(line);
    told = new Set(lines);
  }

  return async () => {
    const known = { automations: automationNames, refuseUrl };
    const { loaded, problems } = await loadTriggerFolder(dir, known, readBefore);
    const all = [...problems];
    for (const trigger of loaded) all.push(...(await record(trigger)));
    tell(all.map(formatProblem));
    const broken = new Set(all.map(({ file }) => file));
    for (const file of broken) {
      const own = all.filter((problem) => problem.file === file).map(formatProblem);
      await setTriggerProblem(db, { id: makeId('trg'), tenantId, file }, own.join('\n'));
    }
    await setTriggersGone(db, tenantId, [...loaded.map(({ file }) => file), ...broken]);
  };
}
