/** A share of the budget. */
export interface Reservation {
  /** Give back all but so many bytes; to keep more than is held changes nothing. */
  shrinkTo(sizeBytes: number): void;
  /** Give back what is left; a second call does nothing. */
  release(): void;
}

/** The bytes of large request bodies that a process holds at once. */
export interface BodyBudget {
  /**
   * Wait for room, in the order of asking.
   *
   * @param signal - aborted when the sender has gone: it leaves the queue
   * @returns `undefined` when no turn came in time, or the sender has gone
   */
  reserve(sizeBytes: number, signal: AbortSignal): Promise<Reservation | undefined>;
  /** What is reserved now. */
  readonly heldBytes: number;
}

export interface BodyBudgetOptions {
  /** Whoever asks for more takes it alone. */
  readonly capacityBytes: number;
  /** Whoever waits longer is turned away. */
  readonly waitMaxMs: number;
}

/**
 * Make a budget.
 *
 * It cannot deadlock: whoever holds a share never asks for another, so a holder waits for nobody in
 * the queue and ends by its own time limits. The queue is strict: a large body at its head holds up
 * the smaller ones behind it, or under load it would never get its turn.
 */
export function makeBodyBudget({ capacityBytes, waitMaxMs }: BodyBudgetOptions): BodyBudget {
  const queue = new Set<Waiting>();
  let heldBytes = 0;

  function hold(sizeBytes: number): Reservation {
    let ownBytes = sizeBytes;
    heldBytes += sizeBytes;
    const shrinkTo = (keptBytes: number): void => {
      const returnedBytes = Math.max(0, ownBytes - keptBytes);
      ownBytes -= returnedBytes;
      heldBytes -= returnedBytes;
      if (returnedBytes > 0) admit();
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  }

  /** From the head of the queue, as long as each fits. */
  function admit(): void {
    for (const waiting of queue) {
      if (heldBytes + waiting.sizeBytes > capacityBytes) return;
      queue.delete(waiting);
      waiting.settle(hold(waiting.sizeBytes));
    }
  }

  return {
    async reserve(askedBytes, signal) {
      if (signal.aborted) return undefined;
      const sizeBytes = Math.min(askedBytes, capacityBytes);
      const fits = heldBytes + sizeBytes <= capacityBytes;
      if (fits && queue.size === 0) return hold(sizeBytes);
      const share = await waitForTurn(queue, { sizeBytes, waitMaxMs, signal });
      if (!share) admit(); // Whoever leaves the head held up those behind it.
      return share;
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}

interface Waiting {
  readonly sizeBytes: number;
  readonly settle: (share: Reservation | undefined) => void;
}

interface Turn {
  readonly sizeBytes: number;
  readonly waitMaxMs: number;
  readonly signal: AbortSignal;
}

function waitForTurn(
  queue: Set<Waiting>,
  { sizeBytes, waitMaxMs, signal }: Turn,
): Promise<Reservation | undefined> {
  return new Promise((resolve) => {
    const leave = (): void => {
      queue.delete(waiting);
      waiting.settle(undefined);
    };
    const timer = setTimeout(leave, waitMaxMs);
    signal.addEventListener('abort', leave, { once: true });
    const waiting: Waiting = {
      sizeBytes,
      settle(share) {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        resolve(share);
      },
    };
    queue.add(waiting);
  });
}
