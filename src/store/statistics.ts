import type { Knex } from 'knex';

/** A stretch of time in equal steps; the first begins at `from`. */
export interface StatisticsFrame {
  readonly from: Date;
  /** Not in it. */
  readonly to: Date;
  readonly stepMs: number;
}

/** What is counted over time. */
type Counted = 'accepted' | 'published' | 'delivered' | 'dead' | 'rejected';

/** How often each thing happened in one step. */
export type StatisticsBucket = Readonly<Record<Counted, number>> & {
  /** The beginning of the step. */
  readonly at: Date;
};

/** One bucket per step, oldest first, also where nothing happened. */
export async function listStatistics(
  db: Knex,
  tenantId: string,
  { from, to, stepMs }: StatisticsFrame,
): Promise<StatisticsBucket[]> {
  const { rows } = (await db.raw(counted, {
    tenantId,
    from,
    to,
    step: `${stepMs} milliseconds`,
  })) as { rows: { name: Counted; at: Date; count: number }[] };
  const counts = new Map(rows.map(({ name, at, count }) => [`${name} ${at.getTime()}`, count]));
  const steps = Math.ceil((to.getTime() - from.getTime()) / stepMs);
  return Array.from({ length: steps }, (_, step) => {
    const at = new Date(from.getTime() + step * stepMs);
    const of = (name: string): number => counts.get(`${name} ${at.getTime()}`) ?? 0;
    return {
      at,
      accepted: of('accepted'),
      published: of('published'),
      delivered: of('delivered'),
      dead: of('dead'),
      rejected: of('rejected'),
    };
  });
}

// Each part reads an index that holds all it needs: bodies stay where they are.
const counted = `
  select case direction when 'inbound' then 'accepted' else 'published' end as name,
         date_bin(:step::interval, received_at, :from::timestamptz) as at, count(*)::integer as count
  from events
  where tenant_id = :tenantId and received_at >= :from and received_at < :to
  group by direction, 2
  union all
  select 'delivered', date_bin(:step::interval, ended_at, :from::timestamptz), count(*)::integer
  from deliveries
  where tenant_id = :tenantId and state = 'delivered' and ended_at >= :from and ended_at < :to
  group by 2
  union all
  select 'dead', date_bin(:step::interval, died_at, :from::timestamptz), count(*)::integer
  from failed_cycles
  where tenant_id = :tenantId and kind = 'delivery' and died_at >= :from and died_at < :to
  group by 2
  union all
  select 'rejected', date_bin(:step::interval, received_at, :from::timestamptz), count(*)::integer
  from rejected_requests
  where tenant_id = :tenantId and received_at >= :from and received_at < :to
  group by 2`;

/** How things stand at this moment: what an operator may have to do something about. */
export interface Standing {
  readonly pending: number;
  readonly retrying: number;
  readonly parked: number;
  /** Open dead letters of deliveries. */
  readonly dead_open: number;
  readonly failed_runs_open: number;
  readonly rejected_kept: number;
  /** Since when the oldest delivery waits that is pending or retrying: its current cycle alone. */
  readonly oldest_waiting_at: Date | null;
  /** When the oldest attempt was due that should have been made a minute ago or earlier. */
  readonly oldest_overdue_at: Date | null;
  readonly endpoints_paused: number;
  readonly endpoints_disabled: number;
  readonly triggers_broken: number;
}

export async function readStanding(db: Knex, tenantId: string): Promise<Standing> {
  const { rows } = (await db.raw(standing, { tenantId })) as { rows: Standing[] };
  const [row] = rows;
  if (!row) throw new Error('A query of counts has no row');
  return row;
}

// A later cycle keeps the instant of the first, which may be weeks ago.
const standing = `
  select waiting.*, letters.*, places.*,
    (select count(*)::integer from deliveries
     where tenant_id = :tenantId and state = 'parked') as parked,
    (select count(*)::integer from rejected_requests
     where tenant_id = :tenantId and state = 'kept') as rejected_kept,
    (select count(*)::integer from triggers
     where tenant_id = :tenantId and problem is not null) as triggers_broken
  from
    (select count(*) filter (where state = 'pending')::integer as pending,
            count(*) filter (where state = 'retrying')::integer as retrying,
            min(case when cycle = 1 then created_at else start_after end) as oldest_waiting_at,
            min(next_attempt_at) filter (
              where state = 'retrying' and next_attempt_at < now() - interval '1 minute'
            ) as oldest_overdue_at
     from deliveries where tenant_id = :tenantId and state in ('pending', 'retrying')) as waiting,
    (select count(*) filter (where kind = 'delivery')::integer as dead_open,
            count(*) filter (where kind = 'trigger_run')::integer as failed_runs_open
     from failed_cycles where tenant_id = :tenantId and state = 'open') as letters,
    (select count(*) filter (where state = 'paused')::integer as endpoints_paused,
            count(*) filter (where state = 'disabled')::integer as endpoints_disabled
     from endpoints where tenant_id = :tenantId and deleted_at is null) as places`;
