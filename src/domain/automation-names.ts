/**
 * The automations of this build, by their Temporal name; a trigger may name no other.
 * `workflows/automations/index.ts` exports the same.
 */
export const automationNames = [
  // One a line.
  'importIssues',
  'reviewPullRequest',
] as const;
