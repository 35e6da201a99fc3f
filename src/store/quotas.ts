import type { Knex } from 'knex';

/** So many events that a tenant asks to publish within a minute. */
export interface QuotaTake {
  readonly tenantId: string;
  /** The beginning of the minute. */
  readonly minute: Date;
  readonly count: number;
  /** Events per minute. */
  readonly limit: number;
}

/**
 * Count what is asked for, each tenant and minute once, in one statement.
 *
 * @returns of each how many fit, in order: whoever comes first is served first, over all servers
 */
export async function takeQuota(db: Knex, takes: readonly QuotaTake[]): Promise<readonly number[]> {
  const sums = new Map<string, Pick<QuotaTake, 'tenantId' | 'minute' | 'count'>>();
  for (const { tenantId, minute, count } of takes) {
    const key = keyOf(tenantId, minute);
    sums.set(key, { tenantId, minute, count: (sums.get(key)?.count ?? 0) + count });
  }
  const counts = [...sums.values()];
  const { rows } = await db.raw<{ rows: { minute: Date; tenant_id: string; asked: number }[] }>(
    // In order, so that two servers can't deadlock.
    `insert into published_minutes as p (minute, tenant_id, asked)
     select * from unnest(:minutes::timestamptz[], :tenants::text[], :counts::integer[]) order by 1, 2
     on conflict (minute, tenant_id) do update set asked = p.asked + excluded.asked
     returning *`,
    {
      minutes: counts.map(({ minute }) => minute.toISOString()),
      tenants: counts.map(({ tenantId }) => tenantId),
      counts: counts.map(({ count }) => count),
    },
  );
  const askedBefore = new Map(
    rows.map(({ minute, tenant_id: tenantId, asked }) => {
      const key = keyOf(tenantId, minute);
      return [key, asked - (sums.get(key)?.count ?? 0)];
    }),
  );
  return takes.map(({ tenantId, minute, count, limit }) => {
    const key = keyOf(tenantId, minute);
    const before = askedBefore.get(key) ?? 0;
    askedBefore.set(key, before + count);
    return Math.min(count, Math.max(0, limit - before));
  });
}

function keyOf(tenantId: string, minute: Date): string {
  return `${minute.getTime()} ${tenantId}`;
}

/** How many events a tenant asked to publish within a minute; what was refused counts too. */
export async function readAsked(db: Knex, tenantId: string, minute: Date): Promise<number> {
  const row = await db('published_minutes').where({ minute, tenant_id: tenantId }).first('asked');
  return row?.asked ?? 0;
}

/** Forget the minutes before an instant; answers how many rows. */
export async function pruneQuotaMinutes(db: Knex, before: Date): Promise<number> {
  return db('published_minutes').where('minute', '<', before).delete();
}

/** What a tenant has in place of the quota of all: events per minute, 0 = no limit; null = the quota of all. */
export async function findOwnQuota(db: Knex, tenantId: string): Promise<number | null> {
  const row = await db('tenants').where({ id: tenantId }).first('events_per_minute');
  return row?.events_per_minute ?? null;
}

/**
 * Give the tenant of that id or name a quota of its own.
 *
 * @param eventsPerMinute - 0 = no limit; null = the quota of all
 * @returns the tenant's id; undefined when there is none
 */
export async function setOwnQuota(
  db: Knex,
  tenant: string,
  eventsPerMinute: number | null,
): Promise<string | undefined> {
  const [row] = await db('tenants')
    .where({ id: tenant })
    .orWhere({ name: tenant })
    .update({ events_per_minute: eventsPerMinute })
    .returning('id');
  return row?.id;
}
