import type { Knex } from 'knex';
import type { AutomationActivities } from '../../src/domain/automations.ts';
import { mistakesOf, trackedIssueSchema } from '../../src/domain/import.ts';
import { recordIssues } from '../../src/store/issues.ts';

/** Write the issue; what is wrong with it is part of the result, for whoever watches imports. */
export async function keepIssue(
  db: Knex,
  { tenantId, issue }: Parameters<AutomationActivities['keepIssue']>[0],
): ReturnType<AutomationActivities['keepIssue']> {
  const parsed = trackedIssueSchema.safeParse(issue);
  if (!parsed.success) return { count: 0, errors: mistakesOf(parsed.error) };
  await recordIssues(db, [{ tenant_id: tenantId, ...parsed.data, updated_at: new Date() }]);
  return { count: 1, errors: [] };
}
