import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { settleForgotten } from '../store/endpoint-resumes.ts';
import { forgetOldTurns, settleChangedLimits } from '../store/limit-changes.ts';
import { ensureCurrentPartitions } from '../store/partitions.ts';
import { claimUnstarted } from '../store/starts.ts';
import { makeLineSweep } from './delivery-lines.ts';
import type { Starter } from './starter.ts';

/** Between two looks: a row whose writer died waits for its lease and at most this. */
const sweepEveryMs = 2000;

/** Tomorrow's partitions are made long before tomorrow, and again should one pass fail. */
const partitionsEveryMs = 3_600_000;

/** Finds what was committed and not started or not told: Temporal was down, or a process died. */
export interface Sweeper {
  /** Look now: something was just committed that nobody starts otherwise. */
  wake(): void;
  close(): Promise<void>;
}

export interface SweeperParts {
  readonly db: Knex;
  readonly starter: Starter;
  /** Tells workflows what was noted for them. */
  readonly poke: () => Promise<void>;
  readonly log: Logger;
}

export function makeSweeper({ db, starter, poke, log }: SweeperParts): Sweeper {
  const warn = (what: string) => (error: unknown) => {
    log.warn({ err: error }, `Could not look for ${what}`);
  };
  const sweepLines = makeLineSweep({ db, starter });
  const starts = makePasses(() =>
    sweep(db, starter).then(sweepLines).catch(warn('what is not started')),
  );
  // Beside the starts: a thousand signals keep none of them waiting.
  const pokes = makePasses(() =>
    settleChangedLimits(db).then(poke).catch(warn('what is to be poked')),
  );

  function wake(): void {
    pokes.wake();
    starts.wake();
  }

  /** At the start and then rarely: it is needed only after a process died in the middle of something. */
  const rarely = makePasses(async () => {
    await settleForgotten(db).catch(warn('deliveries that nobody holds back any more'));
    await forgetOldTurns(db).catch(warn('turns that nobody waits for any more'));
  });

  rarely.wake();
  const sweeping = setInterval(wake, sweepEveryMs);
  const partitioning = setInterval(() => {
    rarely.wake();
    ensureCurrentPartitions(db, new Date()).catch((error: unknown) => {
      log.error({ err: error }, 'Could not make the partitions of the coming days');
    });
  }, partitionsEveryMs);
  return {
    wake,
    async close() {
      clearInterval(sweeping);
      clearInterval(partitioning);
      await Promise.all([starts.done(), pokes.done(), rarely.done()]);
    },
  };
}

/** Work that is done again and again, never twice at a time. */
interface Passes {
  /** Do it, or once more after the pass that is under way. */
  wake(): void;
  /** Resolves when what was begun is done. */
  done(): Promise<void>;
}

function makePasses(pass: () => Promise<void>): Passes {
  let last: Promise<void> = Promise.resolve();
  let isWaiting = false;
  return {
    wake() {
      if (isWaiting) return; // The pass that is about to begin sees it.
      isWaiting = true;
      last = last.then(() => {
        isWaiting = false;
        return pass();
      });
    },
    done: () => last,
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
