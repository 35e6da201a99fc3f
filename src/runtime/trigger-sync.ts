import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { automationNames } from '../domain/workflows.ts';
import { recordTriggerFile, setTriggerProblem, setTriggersGone } from '../store/triggers.ts';
import { makeId } from './ids.ts';
import { formatProblem } from './trigger-problems.ts';
import { loadTriggerFolder } from './triggers.ts';

export interface TriggerFolder {
  readonly dir: string;
  readonly tenantId: string;
}

/**
 * Bring the triggers of a tenant in line with its folder: a changed file is a new revision, a
 * broken one is reported and leaves the revision before it active, a file that is gone fires no more.
 */
export async function syncTriggers(
  db: Knex,
  { dir, tenantId }: TriggerFolder,
  log: Logger,
): Promise<void> {
  const { loaded, problems } = await loadTriggerFolder(dir, automationNames);
  for (const { file, text, definition } of loaded) {
    const { name } = definition;
    await recordTriggerFile(db, { id: makeId('trg'), tenantId, name, file, text, definition });
  }
  const brokenFiles = new Set(problems.map(({ file }) => file));
  for (const file of brokenFiles) {
    const lines = problems.filter((problem) => problem.file === file).map(formatProblem);
    for (const line of lines) log.error(line);
    await setTriggerProblem(db, { id: makeId('trg'), tenantId, file }, lines.join('\n'));
  }
  await setTriggersGone(db, tenantId, [...loaded.map(({ file }) => file), ...brokenFiles]);
}
