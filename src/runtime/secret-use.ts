import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { recordSecretUses } from '../store/secret-uses.ts';
import type { SecretUse } from '../store/secret-uses.ts';

/** Counted in memory for this long: a write per request would cost as much as the event itself. */
const writeEveryMs = 1000;

/** Counts what secrets verify, so that a person sees which one is still in use. */
export interface SecretUseCounter {
  count(secretIds: readonly string[], now: Date): void;
  /** Writes what is still in memory. A process that is killed loses its last second. */
  close(): Promise<void>;
}

export function makeSecretUseCounter(db: Knex, log: Logger): SecretUseCounter {
  let uses = new Map<string, SecretUse>();
  let writing: Promise<void> = Promise.resolve();

  function count(secretIds: readonly string[], now: Date): void {
    for (const id of secretIds) {
      uses.set(id, { id, count: (uses.get(id)?.count ?? 0) + 1, lastUsedAt: now });
    }
  }

  function write(): void {
    if (uses.size === 0) return;
    const taken = [...uses.values()];
    uses = new Map();
    writing = writing.then(() =>
      recordSecretUses(db, taken).catch((error: unknown) => {
        log.warn({ err: error, secrets: taken.length }, 'Could not count the use of secrets');
      }),
    );
  }

  const timer = setInterval(write, writeEveryMs);
  return {
    count,
    async close() {
      clearInterval(timer);
      write();
      await writing;
    },
  };
}
