import type { Knex } from 'knex';
import type { IssueRow } from './import-tables.ts';

/** Keep the newest state of each issue; of two with one number the later in the list. Safe to repeat. */
export async function recordIssues(db: Knex, issues: readonly IssueRow[]): Promise<void> {
  if (issues.length === 0) return;
  // One statement can't write a row twice.
  const newest = new Map(
    issues.map((issue) => [
      JSON.stringify([issue.tenant_id, issue.source, issue.repository, issue.number]),
      issue,
    ]),
  );
  await db('issues')
    .insert([...newest.values()])
    .onConflict(['tenant_id', 'source', 'repository', 'number'])
    .merge(['title', 'state', 'url', 'updated_at'])
    .whereRaw('issues.updated_at <= excluded.updated_at');
}
