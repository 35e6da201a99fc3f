/** The name of an export is the workflow's name in Temporal: never rename one that may be running. */
export { delivery } from './delivery.ts';
export { replay } from './replay.ts';
export { triggerRun } from './trigger-run.ts';
export { importIssues } from './automations/import-issues.ts';
export { reviewPullRequest } from './automations/review-pull-request.ts';
