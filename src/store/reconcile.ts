import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import { outcomeOf, trueEndOf } from '../domain/workflow-end.ts';
import type { TrueEnd, WorkflowEnd } from '../domain/workflow-end.ts';
import { recordAudit } from './audit-log.ts';
import { openNextCycles } from './cycles.ts';
import { recordDeadDelivery } from './dead-letters.ts';
import { deliveryKey, setCancelled } from './deliveries.ts';
import { setImportCompleted } from './imports.ts';
import { setReplayCompleted } from './replays.ts';
import { recordRunEnd } from './run-ends.ts';
import { setArchived } from './session-ends.ts';
import { workTables } from './under-way.ts';
import type { UnderWay, WorkKind } from './under-way.ts';

/** A row as it was when it was looked at. */
type ReconciledRow = Omit<UnderWay, 'can_linger'>;

/** What became of a row that was held against Temporal. */
export type Reconciliation =
  | { readonly kind: 'ended' | 'restarted'; readonly to: string; readonly reason: string }
  /** The end of its workflow tells nothing of it. */
  | { readonly kind: 'left' }
  /** It went on, or somebody else was first: nothing was changed. */
  | { readonly kind: 'moved' };

/** The actor of the audit log for what maintenance does. */
export const maintenanceActor = 'maintenance';

/**
 * Give a row the state that its workflow's end makes true, or have it started again when Temporal
 * knows no such workflow: with the entry of the audit log, both or neither. Safe to repeat.
 *
 * @param auditId - of the entry
 */
export async function reconcileRow(
  db: Knex,
  row: ReconciledRow,
  { end, auditId }: { readonly end: WorkflowEnd; readonly auditId: string },
): Promise<Reconciliation> {
  return db.transaction(async (tx) => {
    if (!(await lock(tx, row))) return { kind: 'moved' };
    const done = await settle(tx, row, end);
    if (done.kind !== 'ended' && done.kind !== 'restarted') return done;
    await recordAudit(tx, {
      id: auditId,
      tenant_id: row.tenant_id,
      actor: maintenanceActor,
      action: actions[row.kind],
      subject: row.id,
      detail: { cycle: row.cycle, from: row.state, to: done.to, reason: done.reason },
      at: new Date(),
    });
    return done;
  });
}

/** What the audit log calls it. */
const actions: Readonly<Record<WorkKind, string>> = {
  delivery: 'delivery.reconcile',
  triggerRun: 'trigger_run.reconcile',
  session: 'session.reconcile',
  replay: 'replay.reconcile',
  importItems: 'import.reconcile',
};

/** All of them. */
export const reconcileActions: readonly string[] = Object.values(actions);

/** @returns whether it is still under way, in this cycle; it stays so until the transaction ends */
async function lock(tx: Knex, { kind, id, cycle }: ReconciledRow): Promise<boolean> {
  const { table, isUnderWay, cycle: number } = workTables[kind];
  const { rows } = await tx.raw<{ rows: unknown[] }>(
    `select from ${table} where ${keyOf(kind)} and ${isUnderWay} and ${number} = :cycle for update`,
    { ...keyBindings(id), cycle },
  );
  return rows.length > 0;
}

async function settle(tx: Knex, row: ReconciledRow, end: WorkflowEnd): Promise<Reconciliation> {
  const known = trueEndOf(end);
  if (!known) return restart(tx, row);
  const result = end.kind === 'completed' ? end.result : undefined;
  const to = await settlers[row.kind](tx, row, { ...known, result });
  return to === undefined ? { kind: 'left' } : { kind: 'ended', to, reason: known.reason };
}

/** The sweeper finds it: same id, so a workflow that is there after all is not doubled. */
async function restart(tx: Knex, { kind, id, state }: ReconciledRow): Promise<Reconciliation> {
  const { table, again } = workTables[kind];
  const { rows } = await tx.raw<{ rows: { state: string }[] }>(
    `update ${table} set ${again} started_at = null, start_after = now()
     where ${keyOf(kind)} and started_at is not null returning state`,
    keyBindings(id),
  );
  if (rows.length === 0) return { kind: 'moved' }; // The sweeper has it already.
  return { kind: 'restarted', to: rows[0]?.state ?? state, reason: 'its workflow is gone' };
}

type KnownEnd = TrueEnd & { readonly result: unknown };

/** Write the end of a row that is locked; `undefined` = what became of it can't be told. */
type Settler = (tx: Knex, row: ReconciledRow, end: KnownEnd) => Promise<string | undefined>;

const settlers: Readonly<Record<WorkKind, Settler>> = {
  async delivery(tx, { id, cycle }, { state, reason, result }) {
    if (state === 'failed') {
      await recordDeadDelivery(tx, { id, cycle }, reason);
      return 'dead';
    }
    const outcome = state === 'completed' ? outcomeOf(result) : state;
    if (outcome === 'delivered') return setDelivered(tx, id);
    if (outcome !== 'cancelled' && outcome !== 'parked') return undefined;
    await setCancelled(tx, { id, cycle }, reason);
    // Its row is held back by nobody, so nobody would let it go: that is done here.
    if (outcome === 'parked') await openNextCycles(tx, [{ id, from: cycle }]);
    return outcome === 'parked' ? 'pending' : 'cancelled';
  },

  async triggerRun(tx, { id, cycle }, { state, reason, result }) {
    const outcome = state === 'completed' ? outcomeOf(result) : state;
    if (!isRunEnd(outcome)) return undefined;
    const said = outcome === 'succeeded' ? null : reason;
    await recordRunEnd(tx, { id, cycle }, { state: outcome, reason: said });
    return outcome;
  },

  async session(tx, { id }) {
    await setArchived(tx, { id });
    return 'archived';
  },

  async replay(tx, { id }, { state }) {
    if (state === 'completed') await setReplayCompleted(tx, id);
    else
      await tx('replays').where({ id }).update({ state, ended_at: tx.fn.now(), paused_at: null });
    return state;
  },

  async importItems(tx, { id }, { state }) {
    if (state === 'completed') await setImportCompleted(tx, id);
    else await tx('imports').where({ id }).update({ state, ended_at: tx.fn.now() });
    return state;
  },
};

const runEnds = ['succeeded', 'failed', 'cancelled', 'skipped'] as const;

function isRunEnd(outcome: string | undefined): outcome is (typeof runEnds)[number] {
  return runEnds.some((end) => end === outcome);
}

async function setDelivered(tx: Knex, id: string): Promise<string> {
  await tx('deliveries').where(deliveryKey(id)).update({
    state: 'delivered',
    last_reason: null,
    next_attempt_at: null,
    ended_at: tx.fn.now(),
  });
  return 'delivered';
}

/** The instant of a delivery is its partition. */
function keyOf(kind: WorkKind): string {
  return kind === 'delivery' ? 'id = :id and created_at = :at' : 'id = :id';
}

function keyBindings(id: string): { readonly id: string; readonly at: Date } {
  return { id, at: instantOf(id) ?? new Date(0) };
}
