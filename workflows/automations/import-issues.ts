import { proxyActivities } from '@temporalio/workflow';
import type { AutomationActivities, TrackedIssue } from '../../src/domain/automations.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';
import { emit } from './emit.ts';

const { keepIssue } = proxyActivities<AutomationActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Keep the issue of an issue event in our table, then tell whoever listens to `import.completed`. */
export async function importIssues(input: AutomationInput<TrackedIssue>): Promise<string> {
  const { count, errors } = await keepIssue({ tenantId: input.tenantId, issue: input.with });
  return emit(input, 'import.completed', { source: input.with.source, count, errors });
}
