import { Problem } from '../../src/domain/problem.ts';

/** Waits for its turn, then works. */
type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * One work at a time; the others wait in the order in which they came.
 *
 * @param waitingMax - beyond it there is a Problem `unavailable` at once
 */
export function makeTurns(waitingMax: number): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return async (work) => {
    if (count > waitingMax) {
      const detail = `${waitingMax} diagnoses are waiting already: ask again in some seconds, or use the command \`doctor signature\` offline`;
      throw new Problem('unavailable', detail);
    }
    count += 1;
    const done = last.then(work);
    last = done.catch(() => undefined); // Whoever asked for it is told; the next one does not care.
    try {
      return await done;
    } finally {
      count -= 1;
    }
  };
}
