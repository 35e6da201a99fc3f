import type { Knex } from 'knex';
import { ensurePartitions } from '../src/store/partitions.ts';

/** Over how many days before now the rows lie. */
const days = 7;

const dayMs = 86_400_000;

/**
 * Fill a tenant with deliveries, one outbound event each, and of everything else what goes with
 * them: one in ten fails for good and was replayed; one inbound event, trigger run, session and audit
 * entry per ten.
 */
export async function seed(
  db: Knex,
  { tenantId, deliveries }: { readonly tenantId: string; readonly deliveries: number },
): Promise<void> {
  await ensurePartitions(db, new Date(Date.now() - days * dayMs), days);
  await db.raw(functions);
  for (const [statement, count] of [
    [endpoints, 50],
    [outbound, deliveries],
    [inbound, Math.ceil(deliveries / 10)],
  ] as const) {
    await db.raw(statement.replaceAll(':tenant', `'${tenantId}'`), [count]);
  }
  await db.raw(dead);
  await db.raw(attempts);
  for (const statement of [replay, replayItems, sessions, audit]) {
    await db.raw(statement.replaceAll(':tenant', `'${tenantId}'`));
  }
  await db.raw('analyze');
}

/** An id as `makeId` makes it: prefix, milliseconds, version, and digits that tell rows apart. */
const functions = `
  create function pg_temp.at_of(n bigint, total bigint) returns timestamptz language sql as
    $$ select date_trunc('milliseconds', now() - interval '1 minute' - (interval '${days} days' - interval '2 minutes') * (n::float / total)) $$;
  create function pg_temp.id_of(prefix text, at timestamptz, n bigint) returns text language sql as
    $$ select prefix || '_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n), 19, '0') $$;`;

const endpoints = `
  insert into endpoints (id, tenant_id, url, event_types, state)
  select pg_temp.id_of('ep', now(), n), :tenant, 'https://consumer-' || n || '.example/hooks', '{*}', 'enabled'
  from generate_series(1, ?::bigint) as n`;

const outbound = `
  with rows as (
    select n, pg_temp.at_of(n, total) as at, (array['session.created', 'session.finished', 'tool.called'])[1 + n % 3] as type
    from (select ?::bigint as total) as t, generate_series(1, total) as n),
  events as (
    insert into events (id, tenant_id, direction, source, type, content_type, headers, query, body, received_at)
    select pg_temp.id_of('evt', at, n), :tenant, 'outbound', 'platform', type, 'application/json', '{}', '',
      convert_to('{"type":"' || type || '","data":{"session_id":"ses_' || n || '"}}', 'utf8'), at
    from rows)
  insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, attempt_count, last_status,
    last_reason, created_at, start_after, started_at, ended_at)
  select pg_temp.id_of('dlv', at, n), :tenant, pg_temp.id_of('evt', at, n), type,
    (select id from endpoints order by id offset n % 50 limit 1),
    case when n % 10 = 0 then 'dead' when n % 1000 = 1 then 'retrying' else 'delivered' end,
    case when n % 10 = 0 then 5 else 1 end, case when n % 10 = 0 then 500 else 200 end,
    case when n % 10 = 0 then 'status' end, at, at, at, case when n % 1000 = 1 then null else at + interval '1 second' end
  from rows`;

const inbound = `
  with rows as (
    select n, pg_temp.at_of(n, total) as at from (select ?::bigint as total) as t, generate_series(1, total) as n),
  events as (
    insert into events (id, tenant_id, direction, source, type, content_type, headers, query, body, received_at)
    select pg_temp.id_of('evt', at, n + 1e12::bigint), :tenant, 'inbound', 'github', 'push', 'application/json', '{}', '', '{}', at
    from rows)
  insert into trigger_runs (id, tenant_id, event_id, event_type, trigger_id, trigger, revision, state, created_at, start_after, started_at, ended_at)
  select pg_temp.id_of('run', at, n), :tenant, pg_temp.id_of('evt', at, n + 1e12::bigint), 'push', 'trg_1', 'on-push', 1, 'succeeded', at, at, at, at
  from rows`;

const dead = `
  insert into failed_cycles (id, tenant_id, kind, subject_id, cycle, event_id, event_type, endpoint_id, reason, died_at)
  select id, tenant_id, 'delivery', id, cycle, event_id, event_type, endpoint_id, last_reason, ended_at
  from deliveries where state = 'dead'`;

const attempts = `
  insert into attempts (delivery_id, delivery_created_at, cycle, number, started_at, duration_ms, status, reason,
    response_headers, response_body)
  select id, created_at, 1, 1, created_at, 12, last_status, last_reason, '{}', '' from deliveries`;

const replay = `
  insert into replays (id, tenant_id, filter, state, planned, created_at, started_at, ended_at)
  select pg_temp.id_of('rpl', now(), 1), :tenant,
    '{"direction":"outbound","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","eventTypes":null,"endpointId":null,"state":null}',
    'completed', count(*), now(), now(), now() from deliveries where state = 'dead'`;

/** One in ten of them could not be started. */
const replayItems = `
  insert into replay_items (replay_id, subject_id, cycle, origin, failure)
  select (select id from replays), id, case when n % 10 = 0 then null else 2 end, 'history',
    case when n % 10 = 0 then 'Not ended any more' end
  from (select id, row_number() over () as n from deliveries where state = 'dead') as d`;

const sessions = `
  insert into sessions (id, tenant_id, name, user_id, input, state, created_at, last_active_at, start_after)
  select pg_temp.id_of('ses', at, n), :tenant, 'review', 'lwei', '{}', case when n % 50 = 0 then 'active' else 'archived' end, at, at, at
  from (select row_number() over () as n, created_at as at from trigger_runs) as r`;

const audit = `
  insert into audit_log (id, tenant_id, actor, action, subject, detail, at)
  select pg_temp.id_of('aud', at, n), :tenant, 'console', 'delivery.redrive', 'dlv_' || n, '{}', at
  from (select row_number() over () as n, created_at as at from trigger_runs) as r`;
