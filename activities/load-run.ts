import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import type { LoadedRun } from '../src/domain/activities.ts';
import type { TriggerRunInput } from '../src/domain/workflows.ts';
import { renderAction } from '../src/runtime/triggers.ts';
import { scopeOf } from '../src/runtime/trigger-scope.ts';
import { findEvent } from '../src/store/events.ts';
import { findTriggerRun, setRunning } from '../src/store/trigger-runs.ts';
import { findTriggerRevision } from '../src/store/triggers.ts';

/**
 * Read what a run must do, with the revision it pinned, and mark it as running.
 *
 * @throws ApplicationFailure `ExpressionFailed`, not retried: the event and the revision never change
 */
export async function loadRun(db: Knex, { runId, cycle }: TriggerRunInput): Promise<LoadedRun> {
  const run = await findTriggerRun(db, runId);
  if (!run) throw ApplicationFailure.nonRetryable(`There is no trigger run "${runId}"`);
  const revision = await findTriggerRevision(db, run.trigger_id, run.revision);
  const event = await findEvent(db, run.event_id, run.tenant_id);
  if (!revision || !event) {
    throw ApplicationFailure.nonRetryable(`The event or the revision of run "${runId}" is gone`);
  }
  const action = render(revision.definition, () =>
    scopeOf(event, { attempt: cycle, isReplay: cycle > 1 }),
  );
  await setRunning(db, runId, cycle);
  return {
    runId,
    cycle,
    trigger: run.trigger,
    tenantId: run.tenant_id,
    eventId: run.event_id,
    eventType: event.type,
    action,
  };
}

function render(...[definition, scope]: Parameters<typeof renderAction>): LoadedRun['action'] {
  try {
    return renderAction(definition, scope);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw ApplicationFailure.nonRetryable(message, 'ExpressionFailed');
  }
}
