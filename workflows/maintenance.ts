import { log, proxyActivities } from '@temporalio/workflow';
import type { MaintenanceActivities } from '../src/domain/maintenance-activities.ts';
import type { MaintenanceResult } from '../src/domain/workflows.ts';

const { reconcile, retain } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '10 seconds', maximumAttempts: 3 },
});

/**
 * What is done for the platform itself, again and again: a schedule starts it.
 *
 * One task after another; one that fails holds the others up for its attempts and no longer. Fails
 * in the end when one did, so that it is seen in the Web UI.
 */
export async function maintenance(): Promise<MaintenanceResult> {
  const failures: unknown[] = [];
  const trying = <T>(name: string, task: () => Promise<T>): Promise<T | null> =>
    task().catch((error: unknown) => {
      log.warn(`The task ${name} failed`);
      failures.push(error);
      return null;
    });
  const reconciled = await trying('reconcile', reconcile);
  await trying('retain', retain);
  if (failures.length > 0) throw failures[0];
  return { reconciled };
}
