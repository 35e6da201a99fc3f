import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import type { TriggerDefinition, TriggerScope } from '../src/domain/trigger.ts';
import { scopeOf } from '../src/runtime/trigger-scope.ts';
import { findEvent } from '../src/store/events.ts';
import { listJoinParts } from '../src/store/run-join.ts';
import type { EventRow, TriggerRunRow } from '../src/store/tables.ts';
import { findTriggerRun } from '../src/store/trigger-runs.ts';
import { findTriggerRevision } from '../src/store/triggers.ts';

/** A run with what it pins. */
export interface PinnedRun {
  readonly run: TriggerRunRow;
  readonly definition: TriggerDefinition;
}

/** @throws ApplicationFailure not retried: what is gone does not come back */
export async function readPinnedRun(db: Knex, runId: string): Promise<PinnedRun> {
  const run = await findTriggerRun(db, runId);
  if (!run) throw ApplicationFailure.nonRetryable(`There is no trigger run "${runId}"`);
  const revision = await findTriggerRevision(db, run.trigger_id, run.revision);
  if (!revision) throw gone(runId);
  return { run, definition: revision.definition as TriggerDefinition };
}

/**
 * What the expressions of a run see: its event, and in a join every part that has come.
 *
 * @throws ApplicationFailure not retried, when one of the events is gone
 */
export async function readScope(
  db: Knex,
  { run, definition }: PinnedRun,
  cycle: number,
): Promise<{ readonly event: EventRow; readonly scope: TriggerScope }> {
  const scopeOfEvent = async (id: string) => {
    const event = await findEvent(db, id, run.tenant_id);
    if (!event) throw gone(run.id);
    return { event, scope: scopeOf(event, { attempt: cycle, isReplay: cycle > 1 }) };
  };
  const first = await scopeOfEvent(run.event_id);
  if (definition.join === null) return first;
  const parts: Record<string, TriggerScope> = {};
  for (const { part, event_id } of await listJoinParts(db, run.id)) {
    parts[part] = (await scopeOfEvent(event_id)).scope;
  }
  return { event: first.event, scope: { ...first.scope, parts } };
}

/**
 * Evaluate expressions of a run.
 *
 * @throws ApplicationFailure `ExpressionFailed`, not retried: the event and the revision never change
 */
export function evaluating<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw ApplicationFailure.nonRetryable(message, 'ExpressionFailed');
  }
}

function gone(runId: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`The event or the revision of run "${runId}" is gone`);
}
