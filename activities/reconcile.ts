import type { Logger } from 'pino';
import { cycleOfWorkflow, workflowIdOf } from '../src/domain/cycle.ts';
import type { Reconciled } from '../src/domain/maintenance-activities.ts';
import { makeId } from '../src/runtime/ids.ts';
import { findWorkflowEnd, listUnhappyEnds } from '../src/runtime/workflow-ends.ts';
import type { ClosedWorkflow, DatedEnd } from '../src/runtime/workflow-ends.ts';
import { findPosition, setPosition } from '../src/store/maintenance-positions.ts';
import { reconcileRow } from '../src/store/reconcile.ts';
import { findAskingRun } from '../src/store/run-guards.ts';
import { isWorkKind, listOverdue, listUnderWay, workKinds } from '../src/store/under-way.ts';
import type { UnderWay, WorkKind } from '../src/store/under-way.ts';
import { leaveForOthers } from './cycle-end.ts';
import type { CycleEndParts } from './cycle-end.ts';
import { pokeNextInLane } from './run-neighbours.ts';
import { sessionRound } from './session-round.ts';
import type { SessionRoundParts } from './session-round.ts';

/** Workflows asked for at once: some seconds for the most rows, and no burden for Temporal. */
const atOnce = 8;

/**
 * So long after its workflow was stopped an activity may still record what became of a row: a POST
 * has up to 30 s, then its record, and clocks differ. What is sooner made to be cancelled may have
 * been delivered; later would only keep a person waiting for the truth.
 */
const lingerMs = 60_000;

/** Clocks differ, and Temporal's list lags behind: so much of it is read again, as what lingered is. */
const overlapMs = lingerMs + 120_000;

/** A pass notes how far it has come after so much of the list: a day that was missed is no one piece. */
const spanMs = 3_600_000;

export interface ReconcileParts extends SessionRoundParts, CycleEndParts {
  readonly log: Logger;
}

/** A pass that is under way. */
interface Pass extends ReconcileParts {
  readonly counts: { -readonly [K in keyof Reconciled]: Reconciled[K] };
  readonly now: Date;
  /** Called often: it may take minutes. */
  readonly beat: () => void;
}

/**
 * Hold what says that it is under way against Temporal: the workflows that closed since the last
 * pass, then the rows that should be further by now, some at a time. Safe to repeat.
 *
 * @param time - `beat` is called between rows
 */
export async function reconcile(
  parts: ReconcileParts,
  time: { readonly now: Date; readonly beat: () => void },
): Promise<Reconciled> {
  const counts = { checked: 0, ended: 0, restarted: 0, left: 0 };
  const pass = { ...parts, ...time, counts };
  await checkClosed(pass);
  for (const kind of workKinds) await checkOverdue(pass, kind);
  return counts;
}

/** What closed long before the first pass is found among the overdue. */
async function checkClosed(pass: Pass): Promise<void> {
  const { db, client, now } = pass;
  const task = 'reconcile/closed';
  const noted = await findPosition(db, task);
  let doneMs = noted === undefined ? now.getTime() - spanMs : Date.parse(noted);
  while (doneMs < now.getTime()) {
    const span = {
      from: new Date(doneMs - overlapMs),
      to: new Date(Math.min(doneMs + spanMs, now.getTime())),
    };
    for await (const page of listUnhappyEnds(client, workKinds, span)) {
      pass.beat();
      for (const kind of workKinds) {
        // One that is gone may wait for its next attempt: it is started again when that is due.
        await check(pass, await listRowsOf(pass, kind, page), { restarts: false });
      }
    }
    await setPosition(db, task, span.to.toISOString());
    doneMs = span.to.getTime();
  }
}

/** The rows of closed workflows that do not know it: for all others nothing is asked. */
async function listRowsOf(
  { db }: Pass,
  kind: WorkKind,
  page: readonly ClosedWorkflow[],
): Promise<UnderWay[]> {
  const cycles = page.flatMap(({ workflowId, type }) => {
    const cycle = isWorkKind(type) && type === kind ? cycleOfWorkflow(workflowId) : undefined;
    return cycle ? [cycle] : [];
  });
  return listUnderWay(db, kind, cycles);
}

async function checkOverdue(pass: Pass, kind: WorkKind): Promise<void> {
  const { db } = pass;
  const task = `reconcile/${kind}`;
  const { rows, next } = await listOverdue(db, kind, (await findPosition(db, task)) ?? '');
  await check(pass, rows, { restarts: true });
  await setPosition(db, task, next);
}

interface Permission {
  /** Whether one whose workflow is gone is started again. */
  readonly restarts: boolean;
}

async function check(pass: Pass, rows: readonly UnderWay[], permission: Permission): Promise<void> {
  for (let index = 0; index < rows.length; index += atOnce) {
    pass.beat();
    await Promise.all(
      rows.slice(index, index + atOnce).map(async (row) => {
        pass.counts.checked += 1;
        await checkRow(pass, row, permission).catch((error: unknown) => {
          pass.counts.left += 1; // One bad row must not keep the others from their state.
          pass.log.warn({ err: error, id: row.id }, 'Could not hold a row against its workflow');
        });
      }),
    );
  }
}

async function checkRow(pass: Pass, row: UnderWay, { restarts }: Permission): Promise<void> {
  const { db, client, counts, log } = pass;
  const { kind, id, cycle, state: from } = row;
  const end = await findWorkflowEnd(client, workflowIdOf(id, cycle));
  if (!end || (end.kind === 'gone' && !restarts)) return;
  if (row.can_linger && isRecent(end, pass.now)) return; // What is still recorded is what is true.
  const done = await reconcileRow(db, row, { end, auditId: makeId('aud') });
  if (done.kind === 'moved') return;
  counts[done.kind] += 1;
  // Ids and states only: a reason may quote what a consumer answered.
  const facts = { id, cycle, from, to: done.kind === 'left' ? from : done.to, workflow: end.kind };
  log.warn(facts, `Reconciled a ${kind} with its workflow: ${done.kind}`);
  if (done.kind === 'ended') await tellOthers(pass, row);
}

function isRecent({ closedAt }: DatedEnd, now: Date): boolean {
  return closedAt !== null && now.getTime() - closedAt.getTime() < lingerMs;
}

/** What the workflow would have done after its row had its end. */
async function tellOthers(pass: Pass, { kind, id, cycle }: UnderWay): Promise<void> {
  if (kind === 'delivery') await leaveForOthers(pass, { deliveryId: id, cycle });
  if (kind === 'session') await sessionRound(pass, id);
  const guards = kind === 'triggerRun' ? await findAskingRun(pass.db, id) : undefined;
  if (guards) await pokeNextInLane(pass, guards);
}
