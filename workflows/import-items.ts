import { proxyActivities } from '@temporalio/workflow';
import type { ImportActivities } from '../src/domain/import-activities.ts';
import type { ImportInput, ImportResult } from '../src/domain/workflows.ts';

const { takeImport } = proxyActivities<ImportActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Take the items of an import, and tell whoever listens to `import.completed`. */
export async function importItems({ importId }: ImportInput): Promise<ImportResult> {
  return takeImport({ importId });
}
