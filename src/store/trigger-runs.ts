import type { Knex } from 'knex';
import { idBound } from '../domain/id.ts';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { RunGuardsRow } from './automation-tables.ts';
import type { TriggerRunRow } from './tables.ts';

/** One run, whoever's it is. Only for activities, which act on ids that the platform made. */
export async function findTriggerRun(db: Knex, id: string): Promise<TriggerRunRow | undefined> {
  return db('trigger_runs').where({ id }).first();
}

export interface TriggerRunFilter {
  readonly eventId?: string | undefined;
  readonly triggerId?: string | undefined;
  readonly state?: TriggerRunRow['state'] | undefined;
  /** Planned at or after this. */
  readonly from?: Date | undefined;
  /** Planned before this. */
  readonly to?: Date | undefined;
  /** A run's id or its beginning (`run_` and at least 4 hex digits), an event's id, or a trigger's name. */
  readonly text?: string | undefined;
}

/** Newest first. */
export async function listTriggerRuns(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: TriggerRunFilter; page: Page },
): Promise<TriggerRunRow[]> {
  const { eventId, triggerId, state, from, to, text } = filter;
  const query = db('trigger_runs').where({ tenant_id: tenantId });
  if (eventId !== undefined) void query.where('event_id', eventId);
  if (triggerId !== undefined) void query.where('trigger_id', triggerId);
  if (state !== undefined) void query.where({ state });
  if (from) void query.where('id', '>=', idBound('run', from));
  if (to) void query.where('id', '<', idBound('run', to));
  if (text !== undefined) narrowToText(db, query, { tenantId, text });
  return query.modify(newestFirst, page);
}

function narrowToText(
  db: Knex,
  query: Knex.QueryBuilder,
  { tenantId, text }: { readonly tenantId: string; readonly text: string },
): void {
  if (/^run_[0-9a-f]{4,32}$/.test(text)) {
    void query.where('id', '>=', text).where('id', '<', `${text}g`); // After f, the last digit.
  } else if (text.startsWith('evt_')) {
    void query.where('event_id', text);
  } else {
    const named = db('triggers').where({ tenant_id: tenantId, name: text }).select('id');
    void query.where('trigger_id', named); // As a value, which the index takes: a name is unique.
  }
}

/** The runs of a trigger on some events: at most one each. */
export async function listRunsOfEvents(
  db: Knex,
  tenantId: string,
  { triggerId, eventIds }: { readonly triggerId: string; readonly eventIds: readonly string[] },
): Promise<TriggerRunRow[]> {
  if (eventIds.length === 0) return [];
  return db('trigger_runs')
    .where({ tenant_id: tenantId, trigger_id: triggerId })
    .whereIn('event_id', eventIds);
}

/** What holds a run back, and when its throttle lets its current cycle begin. */
export type GuardsOfRun = RunGuardsRow & { readonly go_at: Date | null };

/** What holds a run back; undefined = nothing does. */
export async function findGuards(
  db: Knex,
  { id, cycle }: Pick<TriggerRunRow, 'id' | 'cycle'>,
): Promise<GuardsOfRun | undefined> {
  const guards = await db('run_guards').where({ run_id: id }).first();
  const slot = guards && (await db('throttle_slots').where({ run_id: id, cycle }).first('go_at'));
  return guards && { ...guards, go_at: slot?.go_at ?? null };
}

/** What the runs of a trigger of late tell. */
export interface RunCounts {
  readonly runs: number;
  readonly failures: number;
  readonly lastRunAt: Date | null;
}

/** Beyond it runs are not counted: a list must not read what ten busy triggers did in a day. */
export const countedRunsMax = 10_000;

/** Runs since an instant and the last of all, by trigger; one that never ran is there too. */
export async function countRunsOf(
  db: Knex,
  tenantId: string,
  { triggerIds, since }: { readonly triggerIds: readonly string[]; readonly since: Date },
): Promise<ReadonlyMap<string, RunCounts>> {
  const { rows } = await db.raw<{ rows: (RunCounts & { readonly id: string })[] }>(
    `select t.id, c.runs, c.failures, last.created_at as "lastRunAt"
     from unnest(:triggerIds::text[]) as t(id),
     lateral (
       select count(*)::integer as runs,
              (count(*) filter (where state = 'failed'))::integer as failures
       from (select state from trigger_runs
             where tenant_id = :tenantId and trigger_id = t.id and id >= :bound
             order by id desc limit :max) as counted) as c
     left join lateral (
       select created_at from trigger_runs where tenant_id = :tenantId and trigger_id = t.id
       order by id desc limit 1) as last on true`,
    {
      tenantId,
      triggerIds: [...triggerIds],
      bound: idBound('run', since),
      max: countedRunsMax,
    },
  );
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

/**
 * From pending to running; a run that has ended stays as it is. `started_at` is set because the
 * workflow was started, whether that has been noted or not.
 */
export async function setRunning(db: Knex, id: string, cycle: number): Promise<void> {
  await db('trigger_runs')
    .where({ id, cycle, state: 'pending' })
    .update({ state: 'running', started_at: db.raw('coalesce(started_at, now())') });
}

/**
 * The end of a run's cycle; the first word stands. Its guards let the next ones through, and one
 * that never began gives back what it had claimed.
 *
 * @returns whether it is this call that ended it
 */
export async function setRunEnded(
  db: Knex,
  { id, cycle }: { readonly id: string; readonly cycle: number },
  end: {
    readonly state: 'succeeded' | 'failed' | 'cancelled' | 'skipped';
    readonly reason: string | null;
  },
): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `with ended as (
       update trigger_runs set state = :state, reason = :reason, ended_at = now()
       where id = :id and cycle = :cycle and state in ('pending', 'running')
       returning id),
     leaving as (
       update run_guards as g set ended_at = now() from ended where g.run_id = ended.id
       returning g.run_id, g.admitted_at),
     dedupes as (
       delete from run_dedupes as d using leaving as l
       where d.run_id = l.run_id and l.admitted_at is null),
     slots as (
       delete from throttle_slots as s using leaving as l
       where s.run_id = l.run_id and s.cycle = :cycle and not s.has_begun)
     select id from ended`,
    { id, cycle, ...end },
  );
  return rows.length > 0;
}
