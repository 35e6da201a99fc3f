import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { DeliveryRow, EndpointRow } from '../src/store/delivery-tables.ts';
import { findDelivery } from '../src/store/deliveries.ts';
import { askTurns, shortMs } from '../src/store/delivery-turns.ts';
import type { TurnAnswer } from '../src/store/delivery-turns.ts';
import { makeGroupCommit } from '../src/store/group-commit.ts';
import { leaveTurns } from '../src/store/turn-queue.ts';
import type { TurnCycle } from '../src/store/turn-queue.ts';
import { setWaitingForTurn } from '../src/store/turn-waits.ts';
import type { Waiting } from '../src/store/turn-waits.ts';

/** Whether an attempt may be made now. */
export interface Turn {
  /** 0 = now; else it is to be asked for again then, or when poked. */
  readonly waitMs: number;
  /** To be called when the POST has ended. Does not fail: a place that is not left expires. */
  leave(): Promise<void>;
}

/** The limits of endpoints: how many POSTs per second, and how many at one time. */
export interface Turns {
  /** Take a delivery's turn. Without a limit it costs nothing. */
  take(target: TurnTarget): Promise<Turn>;
  /** A cycle that waited for its turn has ended without it. Does not fail. */
  leave(cycle: TurnCycle): Promise<void>;
}

export interface TurnTarget {
  readonly delivery: Pick<DeliveryRow, 'id' | 'cycle'>;
  readonly endpoint: Pick<EndpointRow, 'id' | 'rate_limit' | 'in_flight_max' | 'timeout_ms'>;
}

export interface TurnParts {
  readonly db: Knex;
  /** Milliseconds a consumer has to answer, where its endpoint does not say. */
  readonly timeoutMs: number;
  /** Tell a delivery that it has a place. One that is not told asks by itself, later. */
  readonly poke: (cycle: TurnCycle) => Promise<unknown>;
}

/** Beside the POST, what is read before and recorded after it; after that the place is another's. */
const graceMs = 10_000;

export function makeTurns({ db, timeoutMs, poke }: TurnParts): Turns {
  function tell(called: readonly TurnCycle[]): void {
    for (const cycle of called) poke(cycle).catch(() => undefined);
  }

  const ask = makeAsks(async (items) => {
    const endpoint = items.at(-1)?.endpoint; // As it was read last.
    if (!endpoint) return [];
    const placeMs = (endpoint.timeout_ms ?? timeoutMs) + graceMs;
    const deliveries = items.map(({ delivery }) => delivery);
    const { answers, called } = await askTurns(db, { deliveries, endpoint, placeMs });
    tell(called);
    await setWaitingForTurn(db, waitingOf(deliveries, answers));
    return answers;
  });

  /** Those that end at the same time share what it takes, and hold one connection. */
  const leaveOne = makeGroupCommit(async (cycles: readonly TurnCycle[]) => {
    tell(await leaveTurns(db, cycles));
    return cycles.map(() => undefined);
  });

  async function leave(cycle: TurnCycle): Promise<void> {
    await leaveOne(cycle).catch(() => undefined);
  }

  return {
    leave,
    async take({ delivery: { id, cycle }, endpoint }) {
      if (endpoint.rate_limit === null && endpoint.in_flight_max === null) return free;
      const delivery = { id, cycle };
      const { waitMs, reason } = await ask({ endpoint, delivery });
      if (reason !== null) return { ...free, waitMs: Math.ceil(waitMs) };
      if (waitMs > 0) await sleep(waitMs);
      if (waitMs > shortMs && !(await isUnderWay(db, delivery))) {
        await leave(delivery);
        return { ...free, waitMs: 1 }; // To look at its row again: it was cancelled, say.
      }
      return endpoint.in_flight_max === null ? free : { waitMs: 0, leave: () => leave(delivery) };
    },
  };
}

/** Whether a cycle still goes on. */
async function isUnderWay(db: Knex, { id, cycle }: TurnCycle): Promise<boolean> {
  const delivery = await findDelivery(db, id);
  return delivery?.cycle === cycle && ['pending', 'retrying'].includes(delivery.state);
}

function waitingOf(
  deliveries: readonly TurnCycle[],
  answers: readonly TurnAnswer[],
): readonly Waiting[] {
  return deliveries.flatMap((delivery, index) => {
    const { reason = null, waitMs = 0 } = answers[index] ?? {};
    return reason === null ? [] : [{ ...delivery, reason, waitMs }];
  });
}

const free: Turn = { waitMs: 0, leave: async () => undefined };

/** Those of one endpoint share a transaction: a thousand of them hold one connection, not all. */
function makeAsks(
  askAll: (items: readonly TurnTarget[]) => Promise<readonly TurnAnswer[]>,
): (target: TurnTarget) => Promise<TurnAnswer> {
  const asks = new Map<string, Asks>();
  return async (target) => {
    const { id } = target.endpoint;
    const of = asks.get(id) ?? { commit: makeGroupCommit(askAll), count: 0 };
    asks.set(id, of);
    of.count += 1;
    try {
      return await of.commit(target);
    } finally {
      of.count -= 1;
      if (of.count === 0) asks.delete(id);
    }
  };
}

/** Of one endpoint, those that ask at this moment. */
interface Asks {
  readonly commit: (target: TurnTarget) => Promise<TurnAnswer>;
  count: number;
}
