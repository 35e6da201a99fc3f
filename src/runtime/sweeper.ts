import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { settleForgotten } from '../store/parked-deliveries.ts';
import { ensurePartitions } from '../store/partitions.ts';
import { claimUnstarted } from '../store/starts.ts';
import type { Starter } from './starter.ts';

/** Between two looks: a row whose writer died waits for its lease and at most this. */
const sweepEveryMs = 2000;

/** Tomorrow's partitions are made long before tomorrow, and again should one pass fail. */
const partitionsEveryMs = 3_600_000;

/** Finds what was committed and not started: Temporal was down, or a process died. */
export interface Sweeper {
  /** Look now: something was just committed that nobody starts otherwise. */
  wake(): void;
  close(): Promise<void>;
}

export interface SweeperParts {
  readonly db: Knex;
  readonly starter: Starter;
  readonly log: Logger;
}

export function makeSweeper({ db, starter, log }: SweeperParts): Sweeper {
  let passes: Promise<void> = Promise.resolve();
  let isWaiting = false;

  function wake(): void {
    if (isWaiting) return; // The pass that is about to begin sees it.
    isWaiting = true;
    passes = passes.then(async () => {
      isWaiting = false;
      await sweep(db, starter).catch((error: unknown) => {
        log.warn({ err: error }, 'Could not look for what is not started');
      });
    });
  }

  /** At the start and then rarely: it is needed only after a process died in the middle of a resume. */
  function settle(): void {
    passes = passes.then(() =>
      settleForgotten(db).catch((error: unknown) => {
        log.warn({ err: error }, 'Could not look for deliveries that nobody holds back any more');
      }),
    );
  }

  settle();
  const sweeping = setInterval(wake, sweepEveryMs);
  const partitioning = setInterval(() => {
    settle();
    ensurePartitions(db, new Date()).catch((error: unknown) => {
      log.error({ err: error }, 'Could not make the partitions of the coming days');
    });
  }, partitionsEveryMs);
  return {
    wake,
    async close() {
      clearInterval(sweeping);
      clearInterval(partitioning);
      await passes;
    },
  };
}

/** Until nothing is left or Temporal can't take it. */
async function sweep(db: Knex, starter: Starter): Promise<void> {
  for (;;) {
    const work = await claimUnstarted(db);
    const taken = Object.values<readonly unknown[]>({ ...work }).flat();
    if (taken.length === 0) return;
    if (!(await starter.start(work))) return;
  }
}
