import type { Logger } from 'pino';
import { stampFolder } from './trigger-folder.ts';

/** A look costs a `stat` for each file; a change is acted on at the second look that sees it. */
const lookEveryMs = 1000;

/** Acts on each change of a folder of trigger files. */
export interface TriggerFolderWatch {
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface TriggerFolderWatchParts {
  readonly dir: string;
  readonly log: Logger;
  /** Called after each change; when it fails it is called again at the next look. */
  readonly onChange: () => Promise<void>;
  readonly everyMs?: number;
}

/**
 * Call `onChange` now, and from then on within two looks of each change of the folder.
 *
 * Looked at by name, time and size: what tells of changes in a folder by itself does not on mounted
 * ones. A change counts once two looks see the same, so that a file that is being written or replaced
 * is not taken for broken or gone. A failure is logged once, until something else happens.
 *
 * @throws Error when the folder can't be read, or the first call fails
 */
export async function watchTriggerFolder({
  dir,
  log,
  onChange,
  everyMs = lookEveryMs,
}: TriggerFolderWatchParts): Promise<TriggerFolderWatch> {
  let acted = await look();
  let seen = acted;
  let failure: string | undefined;
  await onChange();

  async function look(): Promise<string> {
    return JSON.stringify([...(await stampFolder(dir))]);
  }

  async function pass(): Promise<void> {
    const now = await look();
    const isSettled = now === seen;
    seen = now;
    if (!isSettled || now === acted) return;
    await onChange();
    acted = now;
  }

  async function guardedPass(): Promise<void> {
    try {
      await pass();
      failure = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== failure) log.error({ err: error }, 'Could not follow the trigger files');
      failure = message;
    }
  }

  let underWay: Promise<void> | undefined;
  const looking = setInterval(() => {
    underWay ??= guardedPass().finally(() => {
      underWay = undefined;
    });
  }, everyMs);
  return {
    async close() {
      clearInterval(looking);
      await underWay;
    },
  };
}
