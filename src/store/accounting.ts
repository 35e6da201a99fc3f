import type { Knex } from 'knex';
import { maintenanceActor, reconcileActions } from './reconcile.ts';

/** How many there are in each state. */
export type StateCounts = Readonly<Record<string, number>>;

/** Something that should not be there. */
export interface Imbalance {
  /** What is wrong with them. */
  readonly rule: string;
  readonly count: number;
  /** The first few. */
  readonly ids: readonly string[];
}

/** Everything of a tenant, counted, and what does not add up. */
export interface Accounting {
  readonly events: StateCounts;
  readonly deliveries: StateCounts;
  readonly trigger_runs: StateCounts;
  readonly dead_letters: StateCounts;
  /** What the events of the last day were accepted for: older ones may be dropped bit by bit. */
  readonly last_day: {
    readonly events: number;
    /** Runs and deliveries, as noted with each event. */
    readonly planned: number;
    /** How many of those there are, in whatever state. */
    readonly found: number;
  };
  /** What maintenance has put right, by action of the audit log. */
  readonly corrections: StateCounts;
  readonly imbalances: readonly Imbalance[];
}

/**
 * Count everything of a tenant and hold the counts against each other, as of one instant: work that
 * goes on meanwhile makes no false alarm. Reads whole tables.
 */
export async function readAccounting(db: Knex, tenantId: string): Promise<Accounting> {
  return db.transaction(
    async (tx) => {
      const imbalances: Imbalance[] = [];
      for (const [rule, query] of rules) {
        const { rows } = (await tx.raw(
          `select count(*)::integer as count, (array_agg(id order by id))[1:5] as ids from (${query}) as found`,
          { tenantId },
        )) as { rows: { count: number; ids: string[] | null }[] };
        const [{ count, ids } = { count: 0, ids: null }] = rows;
        if (count > 0) imbalances.push({ rule, count, ids: ids ?? [] });
      }
      return {
        events: await countBy(tx, tenantId, { table: 'events', column: 'direction' }),
        deliveries: await countBy(tx, tenantId, { table: 'deliveries', column: 'state' }),
        trigger_runs: await countBy(tx, tenantId, { table: 'trigger_runs', column: 'state' }),
        dead_letters: await countBy(tx, tenantId, { table: 'failed_cycles', column: 'state' }),
        last_day: await countPlanned(tx, tenantId),
        corrections: await countCorrections(tx, tenantId),
        imbalances,
      };
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

/** Dead letters that are failed workflows, in whatever state. */
export interface LetterCounts {
  readonly deliveries: number;
  readonly runs: number;
}

/** Count the dead letters of a tenant that died at an instant or later and have a workflow. */
export async function countLettersOfWorkflows(
  db: Knex,
  tenantId: string,
  since: Date,
): Promise<LetterCounts> {
  const rows = await db('failed_cycles')
    .where({ tenant_id: tenantId, has_workflow: true })
    .where('died_at', '>=', since)
    .groupBy('kind')
    .select<{ kind: string; letters: number }[]>('kind', db.raw('count(*)::integer as letters'));
  const of = new Map(rows.map(({ kind, letters }) => [kind, letters]));
  return { deliveries: of.get('delivery') ?? 0, runs: of.get('trigger_run') ?? 0 };
}

/** The events of the last day, each with what was planned for it and what there is. */
const plannedOfLastDay = `
  select e.id, e.planned_count as planned,
         (select count(*) from deliveries d
          where d.event_id = e.id and d.created_at > now() - interval '2 days') +
         (select count(*) from trigger_runs r where r.event_id = e.id) as found
  from events e
  where e.tenant_id = :tenantId and e.received_at > now() - interval '1 day'
    and e.planned_count is not null`;

/** What must never be found. A cycle has one dead letter at most: its id is made of the cycle's. */
const rules = [
  [
    'An event of the last day has fewer runs and deliveries than were planned for it',
    `select id from (${plannedOfLastDay}) as planned where found < planned`,
  ],
  [
    'A dead delivery has no dead letter of its cycle that is open or discarded',
    withoutLetter('deliveries', 'dead'),
  ],
  [
    'A failed trigger run has no dead letter of its cycle that is open or discarded',
    withoutLetter('trigger_runs', 'failed'),
  ],
  ['An open dead letter is of no dead delivery', withoutSubject('deliveries', 'dead')],
  ['An open dead letter is of no failed trigger run', withoutSubject('trigger_runs', 'failed')],
  [
    'A delivery waits although it has ended',
    `select id from deliveries
     where tenant_id = :tenantId and state in ('pending', 'retrying') and ended_at is not null`,
  ],
  [
    'An import has items that were neither taken, nor wait, nor have an error',
    `select i.id from imports i
     where i.tenant_id = :tenantId and i.item_count <> i.taken_count +
       (select count(*) from import_items t where t.import_id = i.id)`,
  ],
  [
    'An import is completed although items wait',
    `select i.id from imports i
     where i.tenant_id = :tenantId and i.state = 'completed'
       and exists (select from import_items t where t.import_id = i.id and t.error is null)`,
  ],
  [
    'What is spent in a period is not the sum of its costs',
    `select concat_ws(' ', currency, period_key) as id from (
       select currency, period_key, amount from spending where tenant_id = :tenantId
       union all
       select currency, to_char(at at time zone 'UTC', form), -amount
       from costs, (values ('YYYY-MM'), ('YYYY-MM-DD')) as forms (form)
       where tenant_id = :tenantId) as amounts
     group by currency, period_key having sum(amount) <> 0`,
  ],
] as const;

function withoutLetter(table: string, state: string): string {
  return `
    select s.id from ${table} s
    where s.tenant_id = :tenantId and s.state = '${state}' and not exists (
      select from failed_cycles f
      where f.subject_id = s.id and f.cycle = s.cycle and f.tenant_id = s.tenant_id
        and f.state in ('open', 'discarded'))`;
}

function withoutSubject(table: string, state: string): string {
  const kind = table === 'deliveries' ? 'delivery' : 'trigger_run';
  return `
    select f.id from failed_cycles f
    where f.tenant_id = :tenantId and f.state = 'open' and f.kind = '${kind}' and not exists (
      select from ${table} s
      where s.id = f.subject_id and s.cycle = f.cycle and s.tenant_id = f.tenant_id
        and s.state = '${state}')`;
}

async function countPlanned(db: Knex, tenantId: string): Promise<Accounting['last_day']> {
  const { rows } = (await db.raw(
    `select count(*)::integer as events, coalesce(sum(planned), 0)::integer as planned,
            coalesce(sum(least(planned, found)), 0)::integer as found
     from (${plannedOfLastDay}) as planned`,
    { tenantId },
  )) as { rows: Accounting['last_day'][] };
  const [row] = rows;
  if (!row) throw new Error('A query of counts has no row');
  return row;
}

async function countCorrections(db: Knex, tenantId: string): Promise<StateCounts> {
  const { rows } = (await db.raw(
    `select action as name, count(*)::integer as count from audit_log
     where tenant_id = :tenantId and action = any(:actions) and actor = :actor
     group by 1 order by 1`,
    { tenantId, actions: [...reconcileActions], actor: maintenanceActor },
  )) as { rows: { name: string; count: number }[] };
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

async function countBy(
  db: Knex,
  tenantId: string,
  { table, column }: { table: string; column: string },
): Promise<StateCounts> {
  const { rows } = (await db.raw(
    `select ?? as name, count(*)::integer as count from ?? where tenant_id = ? group by 1 order by 1`,
    [column, table, tenantId],
  )) as { rows: { name: string; count: number }[] };
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}
