import type { Knex } from 'knex';
import { deliveryKey } from './deliveries.ts';

/** States from which the next cycle may be opened: the one before has ended. */
const endedDelivery = ['delivered', 'dead', 'cancelled', 'skipped'] as const;
const endedRun = ['succeeded', 'failed', 'cancelled', 'skipped'] as const;

/**
 * Open the next cycle of a delivery or trigger run whose cycle has ended; its open dead letter
 * counts as redriven. It is not started yet: `started_at` is null, so the sweeper takes it.
 *
 * @param from - the cycle that must have ended: a second call finds the next one open and does nothing
 * @param leaseMs - how long the sweeper leaves it to the caller
 * @returns the new cycle, or `undefined` when it has not ended or is further already
 */
export async function openNextCycle(
  db: Knex,
  subject: { readonly id: string; readonly from: number },
  leaseMs = 0,
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const open = subject.id.startsWith('dlv_') ? openDelivery : openRun;
    const cycle = await open(tx, subject, leaseMs);
    if (cycle === undefined) return undefined;
    await tx('failed_cycles')
      .where({ subject_id: subject.id, state: 'open' })
      .update({ state: 'redriven', settled_at: tx.fn.now() });
    return cycle;
  });
}

async function openDelivery(
  tx: Knex,
  { id, from }: { id: string; from: number },
  leaseMs: number,
): Promise<number | undefined> {
  const [row] = await tx('deliveries')
    .where({ ...deliveryKey(id), cycle: from })
    .whereIn('state', endedDelivery)
    .update({ ...opened(tx, leaseMs), attempt_count: 0, next_attempt_at: null })
    .returning('cycle');
  return row?.cycle;
}

async function openRun(
  tx: Knex,
  { id, from }: { id: string; from: number },
  leaseMs: number,
): Promise<number | undefined> {
  const [row] = await tx('trigger_runs')
    .where({ id, cycle: from })
    .whereIn('state', endedRun)
    .update({ ...opened(tx, leaseMs), reason: null })
    .returning('cycle');
  return row?.cycle;
}

function opened(tx: Knex, leaseMs: number) {
  return {
    state: 'pending' as const,
    cycle: tx.raw('cycle + 1'),
    start_after: tx.raw(`now() + ? * interval '1 millisecond'`, [leaseMs]),
    started_at: null,
    ended_at: null,
  };
}
