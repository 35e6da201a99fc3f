import type { Knex } from 'knex';
import type { LoadedRun } from '../src/domain/activities.ts';
import type { TriggerRunInput } from '../src/domain/workflows.ts';
import { renderAction } from '../src/runtime/triggers.ts';
import { setRunning } from '../src/store/trigger-runs.ts';
import { evaluating, readPinnedRun, readScope } from './run-scope.ts';

/**
 * Read what a run must do, with the revision it pinned, and mark it as running.
 *
 * @throws ApplicationFailure `ExpressionFailed`, not retried: the event and the revision never change
 */
export async function loadRun(db: Knex, { runId, cycle }: TriggerRunInput): Promise<LoadedRun> {
  const pinned = await readPinnedRun(db, runId);
  const { run, definition } = pinned;
  const { event, scope } = await readScope(db, pinned, cycle);
  const action = evaluating(() => renderAction(definition, scope));
  await setRunning(db, runId, cycle);
  return {
    runId,
    cycle,
    trigger: run.trigger,
    tenantId: run.tenant_id,
    eventId: run.event_id,
    eventType: event.type,
    action,
    timeoutMs: definition.timeoutMs,
    retry: definition.retry,
  };
}
