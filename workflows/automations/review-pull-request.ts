import { proxyActivities } from '@temporalio/workflow';
import type { AutomationActivities, PullRequest } from '../../src/domain/automations.ts';
import type { AutomationInput } from '../../src/domain/workflows.ts';
import { emit } from './emit.ts';

const { askForReview } = proxyActivities<AutomationActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '2 seconds', maximumAttempts: 5 },
});

/** Let the agent review a pull request, then tell whoever listens to `review.completed`. */
export async function reviewPullRequest(input: AutomationInput<PullRequest>): Promise<string> {
  const review = await askForReview(input.with);
  return emit(input, 'review.completed', {
    pr_url: input.with.pr_url,
    report_url: review.report_url,
    issues_found: review.issues_found,
  });
}
