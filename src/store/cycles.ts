import type { Knex } from 'knex';
import { endedDeliveryStates, endedRunStates } from '../domain/cycle.ts';
import { datedIds, instantOf } from '../domain/id.ts';

/** States from which the next cycle may be opened: the one before has ended. */
const endedStates = { deliveries: endedDeliveryStates, trigger_runs: endedRunStates } as const;

/** A delivery or trigger run whose next cycle is wanted. */
export interface EndedCycle {
  readonly id: string;
  /** The cycle that must have ended: a second call finds the next one open and does nothing. */
  readonly from: number;
}

/**
 * Open the next cycle of a delivery or trigger run whose cycle has ended; its open dead letter
 * counts as redriven. It is not started yet: `started_at` is null, so the sweeper takes it. A delivery
 * that goes in an order is in line again: nobody starts it before its turn.
 *
 * @param subject - `by` is who does it, when a person or key does, and `reason` why, when it is said
 * @param leaseMs - how long the sweeper leaves it to the caller
 * @returns the new cycle, or `undefined` when it has not ended or is further already
 */
export async function openNextCycle(
  db: Knex,
  subject: EndedCycle & { readonly by?: string; readonly reason?: string | undefined },
  leaseMs = 0,
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const letter = { subject_id: subject.id, state: 'open' } as const;
    // Letters are locked before what they are of, here as in a bulk redrive: else the two deadlock.
    await tx('failed_cycles').where(letter).select('id').forUpdate();
    const opened = await openNextCycles(tx, [subject], leaseMs);
    if (!opened.has(subject.id)) return undefined;
    await tx('failed_cycles')
      .where(letter)
      .update({
        state: 'redriven',
        settled_at: tx.fn.now(),
        settled_by: subject.by ?? null,
        settled_reason: subject.reason ?? null,
      });
    return subject.from + 1;
  });
}

/**
 * The same for many at once, without their dead letters: the caller has locked those, and settles
 * them in the same transaction.
 *
 * @returns the ids of those that were opened
 */
export async function openNextCycles(
  tx: Knex,
  subjects: readonly EndedCycle[],
  leaseMs = 0,
): Promise<ReadonlySet<string>> {
  const deliveries = subjects.filter(({ id }) => id.startsWith('dlv_'));
  const runs = subjects.filter(({ id }) => !id.startsWith('dlv_'));
  const openedDeliveries = await open(tx, { table: 'deliveries', subjects: deliveries, leaseMs });
  const openedRuns = await open(tx, { table: 'trigger_runs', subjects: runs, leaseMs });
  await forgetGuards(tx, openedRuns);
  return new Set([...openedDeliveries, ...openedRuns]);
}

/** The guards of a run are asked anew in its next cycle; what a join has gathered is kept. */
async function forgetGuards(tx: Knex, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  await tx('run_guards')
    .whereIn('run_id', runIds)
    .update({
      cycle: tx.raw('cycle + 1'),
      join_until: null,
      passed_at: null,
      lane_at: null,
      admitted_at: null,
      ended_at: null,
      replaced_by: null,
      seen_at: null,
    });
}

/** What a cycle that begins forgets of the one before. */
const forgotten = {
  deliveries: `attempt_count = 0, next_attempt_at = null, is_in_line = row.order_key is not null,
    schedule_ms = (select schedule_ms from endpoints where endpoints.id = row.endpoint_id)`,
  trigger_runs: 'reason = null, is_guarded = true', // One that was born ended was not, yet.
} as const;

/** The key of a row. The instant of a delivery is its partition; a run's lies in no partition. */
const keys = {
  deliveries: `row.id = ended.id and row.created_at = ended.created_at
    and row.created_at between :first and :last`,
  trigger_runs: 'row.id = ended.id',
} as const;

async function open(
  tx: Knex,
  {
    table,
    subjects,
    leaseMs,
  }: { table: keyof typeof endedStates; subjects: readonly EndedCycle[]; leaseMs: number },
): Promise<string[]> {
  if (subjects.length === 0) return [];
  const ended = subjects.map(({ id, from }) => ({
    id,
    cycle: from,
    created_at: instantOf(id) ?? new Date(0),
  }));
  const { rows } = (await tx.raw(
    `update ${table} as row
     set state = 'pending', cycle = row.cycle + 1, started_at = null, ended_at = null,
         start_after = now() + :leaseMs * interval '1 millisecond', ${forgotten[table]}
     from jsonb_to_recordset(:ended::jsonb) as ended(id text, cycle integer, created_at timestamptz)
     where ${keys[table]} and row.cycle = ended.cycle and row.state = any(:states)
     returning row.id`,
    {
      leaseMs,
      ended: JSON.stringify(ended),
      states: [...endedStates[table]],
      ...datedIds(subjects.map(({ id }) => id)),
    },
  )) as { rows: { id: string }[] };
  return rows.map(({ id }) => id);
}
