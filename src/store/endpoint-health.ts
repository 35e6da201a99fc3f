import type { Knex } from 'knex';

/** How many deliveries tell an endpoint's health: enough for a rate, and the same cost at any load. */
const readRows = 1000;
const listedRows = 50;

/** What came of an endpoint's newest deliveries of the last 24 hours. */
export interface EndpointHealth {
  /** How many deliveries were looked at: at most 1,000. */
  readonly deliveries: number;
  readonly delivered: number;
  readonly dead: number;
  readonly attempts: number;
  readonly failed_attempts: number;
  /** Of the attempts with an outcome; null when there are none. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Failed attempts since the last that was delivered. */
  readonly consecutive_failures: number;
  readonly last_success_at: Date | null;
  readonly last_failure_at: Date | null;
}

export async function findEndpointHealth(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<EndpointHealth> {
  const { rows } = await db.raw<{ rows: EndpointHealth[] }>(
    `with recent as materialized (
       select id, created_at, state from deliveries
       where endpoint_id = ? and tenant_id = ? and created_at > now() - interval '24 hours'
       order by id desc limit ${readRows}),
     made as materialized (
       select a.reason is null as is_delivered, a.started_at, a.duration_ms, a.reason
       from recent, lateral (
         select * from attempts
         where delivery_id = recent.id and delivery_created_at = recent.created_at) as a),
     ends as (
       select max(started_at) filter (where is_delivered) as success,
              max(started_at) filter (where not is_delivered) as failure from made)
     select d.*, m.*, ends.success as last_success_at, ends.failure as last_failure_at
     from ends,
       (select count(*)::integer as deliveries,
               (count(*) filter (where state = 'delivered'))::integer as delivered,
               (count(*) filter (where state = 'dead'))::integer as dead from recent) as d,
       (select count(*)::integer as attempts,
               (count(*) filter (where not is_delivered))::integer as failed_attempts,
               percentile_disc(0.5) within group (order by duration_ms)
                 filter (where reason is distinct from 'interrupted') as p50_ms,
               percentile_disc(0.95) within group (order by duration_ms)
                 filter (where reason is distinct from 'interrupted') as p95_ms,
               (count(*) filter (where not is_delivered and started_at >
                 coalesce((select success from ends), '-infinity')))::integer as consecutive_failures
        from made) as m`,
    [id, tenantId],
  );
  const [health] = rows;
  if (!health) throw new Error(`No health was computed for the endpoint "${id}"`);
  return health;
}

/** What a list tells of an endpoint: at most its 50 newest deliveries of the last 24 hours. */
export interface EndpointActivity {
  readonly id: string;
  readonly deliveries: number;
  readonly delivered: number;
  readonly retrying: number;
  readonly dead: number;
  readonly last_delivery_at: Date | null;
  /** When the newest that is retrying or dead was made. */
  readonly last_failed_at: Date | null;
}

/** One for each id. */
export async function listEndpointActivity(
  db: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EndpointActivity>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.raw<{ rows: EndpointActivity[] }>(
    `select wanted.id, newest.*
     from unnest(?::text[]) as wanted(id), lateral (
       select count(*)::integer as deliveries,
              (count(*) filter (where state = 'delivered'))::integer as delivered,
              (count(*) filter (where state = 'retrying'))::integer as retrying,
              (count(*) filter (where state = 'dead'))::integer as dead,
              max(created_at) as last_delivery_at,
              max(created_at) filter (where state in ('retrying', 'dead')) as last_failed_at
       from (select state, created_at from deliveries
             where endpoint_id = wanted.id and created_at > now() - interval '24 hours'
             order by id desc limit ${listedRows}) as each) as newest`,
    [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
