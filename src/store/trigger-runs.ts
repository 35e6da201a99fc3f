import type { Knex } from 'knex';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { TriggerRunRow } from './tables.ts';

/** One run, whoever's it is. Only for activities, which act on ids that the platform made. */
export async function findTriggerRun(db: Knex, id: string): Promise<TriggerRunRow | undefined> {
  return db('trigger_runs').where({ id }).first();
}

/** Newest first. */
export async function listTriggerRuns(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: { eventId?: string | undefined }; page: Page },
): Promise<TriggerRunRow[]> {
  const query = db('trigger_runs').where({ tenant_id: tenantId });
  if (filter.eventId !== undefined) void query.where('event_id', filter.eventId);
  return query.modify(newestFirst, page);
}

/** From pending to running; a run that has ended stays as it is. */
export async function setRunning(db: Knex, id: string, cycle: number): Promise<void> {
  await db('trigger_runs').where({ id, cycle, state: 'pending' }).update({ state: 'running' });
}

/** The end of a run's cycle; the first word stands. */
export async function setRunEnded(
  db: Knex,
  { id, cycle }: { id: string; cycle: number },
  end: { state: 'succeeded' | 'failed' | 'cancelled'; reason: string | null },
): Promise<boolean> {
  const changed = await db('trigger_runs')
    .where({ id, cycle })
    .whereIn('state', ['pending', 'running'])
    .update({ ...end, ended_at: db.fn.now() });
  return changed > 0;
}
