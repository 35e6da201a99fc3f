import type { Knex } from 'knex';
import type { IssueRow } from './tables.ts';

/** Keep the newest state of an issue. Safe to repeat. */
export async function recordIssue(db: Knex, issue: IssueRow): Promise<void> {
  await db('issues')
    .insert(issue)
    .onConflict(['tenant_id', 'source', 'repository', 'number'])
    .merge(['title', 'state', 'url', 'updated_at']);
}
