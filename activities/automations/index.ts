import type { Knex } from 'knex';
import type { AutomationActivities } from '../../src/domain/automations.ts';
import { askForReview } from './ask-for-review.ts';
import { keepIssue } from './keep-issue.ts';

/** What the activities of automations need from the process. */
export interface AutomationParts {
  readonly db: Knex;
  readonly agentUrl: string | undefined;
}

/** What automations ask of the outside world, one a line. */
export function makeAutomationActivities({ db, agentUrl }: AutomationParts): AutomationActivities {
  return {
    askForReview: (pullRequest) => askForReview(agentUrl, pullRequest),
    keepIssue: (input) => keepIssue(db, input),
  };
}
