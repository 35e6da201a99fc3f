import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import type { Workflows } from '../domain/workflows.ts';

/** The workflows that work on a row, by their name in Temporal. */
export type WorkKind = Exclude<keyof Workflows, 'maintenance'>;

/** A row that says that its workflow works on it. */
export interface UnderWay {
  readonly kind: WorkKind;
  readonly id: string;
  readonly tenant_id: string;
  /** 1 where a thing has no cycles. */
  readonly cycle: number;
  readonly state: string;
  /** Whether an activity of its workflow may be under way that will record how it ended. */
  readonly can_linger: boolean;
}

/** Where a kind of work has its rows, and which of them are under way. */
interface WorkTable {
  readonly table: string;
  /** How a row's cycle is read: some things have but one. */
  readonly cycle: 'cycle' | '1';
  /** The condition of the index `<table>_under_way`, word for word. */
  readonly isUnderWay: string;
  /** Whether it should be further by now. */
  readonly isOverdue: string;
  /**
   * Whether an activity may be under way that ends the row, also when its workflow is no more: Temporal
   * stops workflows at once, and a process that is about its work as soon as it is done.
   */
  readonly canLinger: string;
  /** What is set beside `started_at` so that the sweeper starts it again. */
  readonly again: string;
}

/** Every kind of work that the reconciler looks after. */
export const workTables: Readonly<Record<WorkKind, WorkTable>> = {
  delivery: {
    table: 'deliveries',
    cycle: 'cycle',
    isUnderWay: `state in ('pending', 'retrying')`,
    isOverdue: `(next_attempt_at is null or next_attempt_at < now() - interval '1 minute')`,
    // A POST that is under way was due: one that waits for its time makes none.
    canLinger: `(next_attempt_at is null or next_attempt_at < now() + interval '5 seconds')`,
    again: `state = 'pending', next_attempt_at = null, `,
  },
  triggerRun: {
    table: 'trigger_runs',
    cycle: 'cycle',
    isUnderWay: `state in ('pending', 'running')`,
    isOverdue: 'true',
    canLinger: 'false', // Its workflow records its end, at the very last.
    again: `state = 'pending', `,
  },
  session: {
    table: 'sessions',
    cycle: '1',
    isUnderWay: `state <> 'archived'`,
    isOverdue: 'true',
    canLinger: 'false',
    again: '',
  },
  replay: {
    table: 'replays',
    cycle: '1',
    isUnderWay: `state in ('pending', 'running', 'paused')`,
    isOverdue: 'true',
    canLinger: 'false',
    again: '',
  },
  importItems: {
    table: 'imports',
    cycle: '1',
    isUnderWay: `state = 'pending'`,
    isOverdue: 'true',
    canLinger: 'true', // The last item is taken and told of by the activity that completes it.
    again: '',
  },
};

/** The names of those workflows. */
export const workKinds = Object.keys(workTables) as readonly WorkKind[];

/** Whether Temporal has workflows of this name that work on rows. */
export function isWorkKind(name: string): name is WorkKind {
  return Object.hasOwn(workTables, name);
}

/** How many rows one look reads, most of which wait for their next attempt. */
export const scannedMax = 5000;

/** Of those, how many workflows Temporal is asked for: some seconds. */
export const checkedMax = 500;

/**
 * Rows that Temporal took more than a minute ago and that should be further by now, by id; those
 * that only take long are among them.
 *
 * @param after - `next` of the look before; `''` begins anew
 * @returns with where the next look begins: `''` when this one came to the end
 */
export async function listOverdue(
  db: Knex,
  kind: WorkKind,
  after: string,
): Promise<{ readonly rows: readonly UnderWay[]; readonly next: string }> {
  const { table, cycle, isUnderWay, isOverdue, canLinger } = workTables[kind];
  const { rows: scanned } = await db.raw<{
    rows: (Omit<UnderWay, 'kind'> & { readonly is_due: boolean })[];
  }>(
    `select id, tenant_id, ${cycle} as cycle, state, ${canLinger} as can_linger,
            ${isOverdue} and started_at < now() - interval '1 minute' as is_due
     from ${table} where ${isUnderWay} and started_at is not null and id > ?
     order by id limit ${scannedMax}`,
    [after],
  );
  const due = scanned.filter(({ is_due }) => is_due);
  const rows = due
    .slice(0, checkedMax)
    .map(({ id, tenant_id, cycle: number, state, can_linger }) => ({
      kind,
      id,
      tenant_id,
      cycle: number,
      state,
      can_linger,
    }));
  if (due.length > checkedMax) return { rows, next: rows.at(-1)?.id ?? '' };
  return { rows, next: scanned.length < scannedMax ? '' : (scanned.at(-1)?.id ?? '') };
}

/** Those of the named cycles whose row says that they are under way. */
export async function listUnderWay(
  db: Knex,
  kind: WorkKind,
  cycles: readonly Pick<UnderWay, 'id' | 'cycle'>[],
): Promise<UnderWay[]> {
  if (cycles.length === 0) return [];
  const { table, cycle, isUnderWay, canLinger } = workTables[kind];
  const named = cycles.map(({ id, cycle: number }) => ({ id, number, at: instantOf(id) ?? null }));
  // The instant of a delivery is its partition.
  const key = table === 'deliveries' ? 'and created_at = named.at' : '';
  const { rows } = await db.raw<{ rows: Omit<UnderWay, 'kind'>[] }>(
    `select found.*
     from jsonb_to_recordset(?::jsonb) as named(id text, number integer, at timestamptz),
     lateral (
       select id, tenant_id, ${cycle} as cycle, state, ${canLinger} as can_linger from ${table} as t
       where t.id = named.id ${key} and ${isUnderWay}) as found
     where found.cycle = named.number`,
    [JSON.stringify(named)],
  );
  return rows.map((row) => ({ kind, ...row }));
}
