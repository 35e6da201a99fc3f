/** How many rows may share a transaction: more makes a failing batch expensive to split. */
const rowsMax = 500;

/** How often a batch is tried that PostgreSQL ends because of a deadlock. */
const triesMax = 5;

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (outcome: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collect concurrent writes into one transaction; each caller waits for its own outcome.
 *
 * A batch is taken as soon as the one before it is committed, so a lone write waits for nothing
 * and a burst pays for one commit instead of hundreds. A failing batch is split until the bad row
 * fails alone; one that a deadlock has undone is written again.
 *
 * @param commit - writes all items in one transaction; answers one outcome per item, in order
 */
export function makeGroupCommit<I, O>(
  commit: (items: readonly I[]) => Promise<readonly O[]>,
): (item: I) => Promise<O> {
  const queue: Waiting<I, O>[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    isRunning = true;
    // Everything that arrived in this turn of the event loop joins the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (queue.length > 0) await settle(queue.splice(0, rowsMax), commit);
    isRunning = false;
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (!isRunning) void drain();
    });
}

async function settle<I, O>(
  batch: readonly Waiting<I, O>[],
  commit: (items: readonly I[]) => Promise<readonly O[]>,
): Promise<void> {
  try {
    const outcomes = await undeadlocked(() => commit(batch.map(({ item }) => item)));
    for (const [index, { resolve, reject }] of batch.entries()) {
      if (index in outcomes) resolve(outcomes[index] as O);
      else reject(new Error(`The batch of ${batch.length} answered ${outcomes.length} outcomes`));
    }
  } catch (error) {
    if (batch.length === 1 || !isOfARow(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await settle(batch.slice(0, middle), commit);
    await settle(batch.slice(middle), commit);
  }
}

/** Of two that wait for each other PostgreSQL undoes one as a whole; the other goes on. */
async function undeadlocked<T>(commit: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await commit();
    } catch (error) {
      if (codeOf(error) !== '40P01' || tried === triesMax) throw error;
    }
  }
}

/**
 * Whether a row may be to blame: PostgreSQL's classes 22 (data) and 23 (constraint). Anything else,
 * a lost connection say, would fail the same way once per row.
 */
function isOfARow(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
