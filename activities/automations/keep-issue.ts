import type { Knex } from 'knex';
import { z } from 'zod';
import type { AutomationActivities } from '../../src/domain/automations.ts';
import { recordIssue } from '../../src/store/issues.ts';

const issueSchema = z.object({
  source: z.string().min(1),
  repository: z.string().min(1),
  number: z.number().int().positive(),
  title: z.string(),
  state: z.string().min(1),
  url: z.url(),
});

/** Write the issue; what is wrong with it is part of the result, for whoever watches imports. */
export async function keepIssue(
  db: Knex,
  { tenantId, issue }: Parameters<AutomationActivities['keepIssue']>[0],
): ReturnType<AutomationActivities['keepIssue']> {
  const parsed = issueSchema.safeParse(issue);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { count: 0, errors };
  }
  await recordIssue(db, { tenant_id: tenantId, ...parsed.data, updated_at: new Date() });
  return { count: 1, errors: [] };
}
