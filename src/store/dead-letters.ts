import type { Knex } from 'knex';
import { workflowIdOf } from '../domain/cycle.ts';
import { deliveryKey } from './deliveries.ts';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { DeadLetterRow, FailedCycleRow, TriggerRunRow } from './tables.ts';

/** A delivery's cycle is spent: the state and the dead letter, both or neither. Safe to repeat. */
export async function recordDeadDelivery(
  db: Knex,
  { id, cycle }: { id: string; cycle: number },
  reason: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx('deliveries')
      .where({ ...deliveryKey(id), cycle })
      .whereIn('state', ['pending', 'retrying'])
      .update({ state: 'dead', next_attempt_at: null, last_reason: reason, ended_at: tx.fn.now() })
      .returning('*');
    if (!row) return;
    await recordFailedCycle(tx, {
      id: workflowIdOf(id, cycle),
      tenant_id: row.tenant_id,
      kind: 'delivery',
      subject_id: id,
      cycle,
      event_id: row.event_id,
      event_type: row.event_type,
      endpoint_id: row.endpoint_id,
      trigger: null,
      reason,
    });
  });
}

/** A failed run's dead letter, beside its state. Safe to repeat. */
export async function recordFailedRun(db: Knex, run: TriggerRunRow): Promise<void> {
  await recordFailedCycle(db, failedCycleOf(run));
}

/** The dead letter of a failed run, as it dies now: also of one that is born failed. */
export function failedCycleOf(run: TriggerRunRow): FailedCycleRow {
  return {
    id: workflowIdOf(run.id, run.cycle),
    tenant_id: run.tenant_id,
    kind: 'trigger_run',
    subject_id: run.id,
    cycle: run.cycle,
    event_id: run.event_id,
    event_type: run.event_type,
    endpoint_id: null,
    trigger: run.trigger,
    reason: run.reason ?? 'unknown',
    died_at: new Date(),
    state: 'open',
    settled_at: null,
  };
}

async function recordFailedCycle(
  db: Knex,
  row: Omit<FailedCycleRow, 'died_at' | 'state' | 'settled_at'>,
): Promise<void> {
  await db('failed_cycles').insert(row).onConflict('id').ignore();
}

/** Newest first. */
export async function listDeadLetters(
  db: Knex,
  tenantId: string,
  {
    filter,
    page,
  }: { filter: Partial<Pick<DeadLetterRow, 'state' | 'kind' | 'endpoint_id'>>; page: Page },
): Promise<DeadLetterRow[]> {
  return db('dead_letters')
    .where({ tenant_id: tenantId, ...filter })
    .modify(newestFirst, page);
}

export async function findDeadLetter(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<DeadLetterRow | undefined> {
  return db('dead_letters').where({ id, tenant_id: tenantId }).first();
}
