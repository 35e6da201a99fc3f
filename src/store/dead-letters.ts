import type { Knex } from 'knex';
import { workflowIdOf } from '../domain/cycle.ts';
import { deliveryKey } from './deliveries.ts';
import type { DeadLetterRow, FailedCycleRow, TriggerRunRow } from './tables.ts';

/** A delivery's cycle is spent: the state and the dead letter, both or neither. Safe to repeat. */
export async function recordDeadDelivery(
  db: Knex,
  { id, cycle }: { id: string; cycle: number },
  reason: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx('deliveries')
      .where({ ...deliveryKey(id), cycle })
      .whereIn('state', ['pending', 'retrying'])
      .update({ state: 'dead', next_attempt_at: null, last_reason: reason, ended_at: tx.fn.now() })
      .returning('*');
    if (!row) return;
    await recordFailedCycle(tx, {
      id: workflowIdOf(id, cycle),
      tenant_id: row.tenant_id,
      kind: 'delivery',
      subject_id: id,
      cycle,
      event_id: row.event_id,
      event_type: row.event_type,
      endpoint_id: row.endpoint_id,
      trigger: null,
      reason,
      has_workflow: true,
    });
  });
}

/** A failed run's dead letter, beside its state. Safe to repeat. */
export async function recordFailedRun(db: Knex, run: TriggerRunRow): Promise<void> {
  await recordFailedCycle(db, { ...failedCycleOf(run), has_workflow: true });
}

/** The dead letter of a run that is born failed: it has no workflow. */
export function failedCycleOf(run: TriggerRunRow): FailedCycleRow {
  return {
    id: workflowIdOf(run.id, run.cycle),
    tenant_id: run.tenant_id,
    kind: 'trigger_run',
    subject_id: run.id,
    cycle: run.cycle,
    event_id: run.event_id,
    event_type: run.event_type,
    endpoint_id: null,
    trigger: run.trigger,
    reason: run.reason ?? 'unknown',
    died_at: new Date(),
    state: 'open',
    settled_at: null,
    settled_by: null,
    settled_reason: null,
    has_workflow: false,
  };
}

async function recordFailedCycle(
  db: Knex,
  row: Omit<FailedCycleRow, 'died_at' | 'state' | 'settled_at' | 'settled_by' | 'settled_reason'>,
): Promise<void> {
  await db('failed_cycles').insert(row).onConflict('id').ignore();
}

export interface DeadLetterFilter {
  readonly state?: DeadLetterRow['state'] | undefined;
  readonly kind?: DeadLetterRow['kind'] | undefined;
  readonly endpointId?: string | undefined;
  readonly trigger?: string | undefined;
  readonly reason?: string | undefined;
  readonly eventType?: string | undefined;
  /** Died at this instant or later. */
  readonly from?: Date | undefined;
  /** Died before it. */
  readonly to?: Date | undefined;
  /** Part of the id of the dead letter or of its event; of the characters of an id. */
  readonly text?: string | undefined;
}

/** Where a dead letter stands in a list: by death, then by id. */
export interface DeadLetterPlace {
  readonly id: string;
  /** `died_at` to the microsecond, as PostgreSQL keeps it: 2026-01-31T12:00:00.123456Z. */
  readonly died_at_exact: string;
}

/** A dead letter as it is shown. */
export interface ShownDeadLetter extends DeadLetterRow {
  /** As in `DeadLetterPlace`. */
  readonly died_at_exact: string;
  /** Null when it has no endpoint, or no longer. */
  readonly endpoint_url: string | null;
}

/** Newest death first. */
export async function listDeadLetters(
  db: Knex,
  tenantId: string,
  {
    filter,
    page: { limit, after },
  }: {
    filter: DeadLetterFilter;
    page: { readonly limit: number; readonly after?: DeadLetterPlace | undefined };
  },
): Promise<ShownDeadLetter[]> {
  const query = matchingDeadLetters(db('dead_letters'), tenantId, filter);
  if (after) {
    void query.whereRaw('(died_at, id) < (?::timestamptz, ?)', [after.died_at_exact, after.id]);
  }
  return query
    .select<ShownDeadLetter[]>(...shownColumns(db))
    .orderBy([
      { column: 'died_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit);
}

export async function findDeadLetter(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<ShownDeadLetter | undefined> {
  const [row] = await db('dead_letters')
    .where({ id, tenant_id: tenantId })
    .select<ShownDeadLetter[]>(...shownColumns(db));
  return row;
}

/** Those of the named ones that a tenant has, newest death first. */
export async function listNamedDeadLetters(
  db: Knex,
  tenantId: string,
  ids: readonly string[],
): Promise<ShownDeadLetter[]> {
  return db('dead_letters')
    .where({ tenant_id: tenantId })
    .whereIn('id', ids)
    .select<ShownDeadLetter[]>(...shownColumns(db))
    .orderBy('died_at', 'desc');
}

/** Dead letters that died of the same thing at the same place. */
export interface DeadLetterGroup extends Pick<
  ShownDeadLetter,
  'kind' | 'endpoint_id' | 'endpoint_url' | 'trigger' | 'reason'
> {
  readonly count: number;
  readonly first_died_at: Date;
  readonly last_died_at: Date;
}

/** The largest groups first. */
export async function listDeadLetterGroups(
  db: Knex,
  tenantId: string,
  { filter, limit }: { filter: DeadLetterFilter; limit: number },
): Promise<DeadLetterGroup[]> {
  const by = ['kind', 'endpoint_id', 'trigger', 'reason'] as const;
  const groups = matchingDeadLetters(db('dead_letters'), tenantId, filter)
    .groupBy(...by)
    .select(
      ...by,
      db.raw('count(*)::integer as count'),
      db.raw('min(died_at) as first_died_at'),
      db.raw('max(died_at) as last_died_at'),
    )
    .orderBy([{ column: 'count', order: 'desc' }, ...by])
    .limit(limit);
  return db
    .select('*', db.raw(endpointUrlOf('dead_letters')))
    .from<DeadLetterGroup>(groups.as('dead_letters'))
    .orderBy([{ column: 'count', order: 'desc' }, ...by]);
}

/** Narrow a query of dead letters to those of a tenant that match. */
export function matchingDeadLetters<Q extends Knex.QueryBuilder>(
  query: Q,
  tenantId: string,
  filter: DeadLetterFilter,
): Q {
  const { from, to, text } = filter;
  void query.where('tenant_id', tenantId);
  for (const [column, value] of equalities(filter)) {
    if (value !== undefined) void query.where(column, value);
  }
  if (from !== undefined) void query.where('died_at', '>=', from);
  if (to !== undefined) void query.where('died_at', '<', to);
  if (text !== undefined) void query.modify(whereText, text);
  return query;
}

function equalities(filter: DeadLetterFilter): (readonly [string, string | undefined])[] {
  const { state, kind, endpointId, trigger, reason, eventType } = filter;
  return [
    ['state', state],
    ['kind', kind],
    ['endpoint_id', endpointId],
    ['trigger', trigger],
    ['reason', reason],
    ['event_type', eventType],
  ];
}

/** A whole id is found by an index; a part of one by reading what the rest of the filter leaves. */
function whereText(query: Knex.QueryBuilder, text: string): void {
  if (/^evt_[0-9a-f]{32}$/.test(text)) void query.where('event_id', text);
  else if (/^(?:dlv|run)_[0-9a-f]{32}$/.test(text)) void query.where('subject_id', text);
  else {
    const part = `%${text.replaceAll('_', String.raw`\_`)}%`;
    void query.whereRaw('(id like ? or event_id like ?)', [part, part]);
  }
}

function shownColumns(db: Knex) {
  return [
    'dead_letters.*',
    db.raw(exactly('died_at', 'died_at_exact')),
    db.raw(endpointUrlOf('dead_letters')),
  ] as const;
}

function endpointUrlOf(table: string): string {
  return `(select url from endpoints e where e.id = ${table}.endpoint_id
           and e.deleted_at is null) as endpoint_url`;
}

/** An instant to the microsecond, which a `Date` would round. */
export function exactly(expression: 'died_at' | 'now()', name: string): string {
  return `to_char(${expression} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${name}`;
}
