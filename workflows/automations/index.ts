/** Every automation, one a line. Its name is its name in Temporal: never rename one that may be running. */
export { importIssues } from './import-issues.ts';
export { reviewPullRequest } from './review-pull-request.ts';
