import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import type { PlannedGuards } from './automation-tables.ts';
import { failedCycleOf } from './dead-letters.ts';
import { dedupeHours } from './dedupe-keys.ts';
import type { DeliveryRow } from './delivery-tables.ts';
import type { DedupeKeyRow, EventRow, TriggerRunRow } from './tables.ts';

/** An event and the work planned for it. */
export interface Recording {
  readonly event: EventRow;
  /** Who may send this `dedupe_id` once: an integration or an emitter; null = never a duplicate. */
  readonly dedupe: { readonly owner: string; readonly isForever: boolean } | null;
  readonly runs: readonly TriggerRunRow[];
  /** Of the runs that are guarded. */
  readonly guards: readonly PlannedGuards[];
  readonly deliveries: readonly DeliveryRow[];
}

export type Recorded =
  | { readonly kind: 'accepted'; readonly eventId: string }
  | { readonly kind: 'duplicate'; readonly eventId: string };

/**
 * Write events and the work planned for them, all in one statement and so in one transaction.
 *
 * The second event with the same owner and dedupe id within 72 hours is answered `duplicate` with
 * the first one's id, and plans nothing.
 */
export async function recordEvents(
  db: Knex,
  recordings: readonly Recording[],
): Promise<readonly Recorded[]> {
  const firsts = firstOfEachKey(recordings);
  const candidates = recordings.filter((recording) => {
    const key = keyOf(recording);
    return key === '' || firsts.get(key) === recording;
  });
  const { rows } = await db
    .raw<{ rows: { id: string }[] }>(statement, bindingsOf(candidates))
    .options({ name: 'record-events' }); // Named: PostgreSQL plans it once per connection.
  const accepted = new Set(rows.map(({ id }) => id));
  const refused = candidates.filter(({ event }) => !accepted.has(event.id));
  const asked = new Set(candidates); // A repeat in the same batch may bring the same event's id.
  const earlier = refused.length === 0 ? new Map<string, string>() : await findEarlier(db, refused);
  return recordings.map((recording) => {
    const { id } = recording.event;
    if (accepted.has(id) && asked.has(recording)) return { kind: 'accepted', eventId: id };
    const key = keyOf(recording);
    const eventId = earlier.get(key) ?? firsts.get(key)?.event.id ?? id;
    return { kind: 'duplicate', eventId };
  });
}

/**
 * One round trip, whatever is written: each costs as much as dozens of rows. Bodies come as one
 * value, of which each event is a part, because a list of them would be sent as text.
 *
 * Keys are claimed in order, so that two batches can't deadlock.
 */
const statement = `
  with bodies as (select ?::bytea as bytes),
  input as (
    select r.*, substring(bytes from body_at + 1 for body_bytes) as body
    from json_to_recordset(?::json) as r(
      id text, tenant_id text, direction text, source text, type text, integration_id text,
      dedupe_id text, content_type text, headers json, query text, traceparent text,
      depth smallint, planned_count integer, received_at timestamptz, owner text,
      accepted_at timestamptz, body_at integer, body_bytes integer), bodies),
  claimed as (
    insert into dedupe_keys as k
    select owner, dedupe_id, id, accepted_at from input where owner is not null
    order by owner, dedupe_id
    on conflict (owner, dedupe_id) do update
      set event_id = excluded.event_id, accepted_at = excluded.accepted_at
      where k.accepted_at < excluded.accepted_at - interval '${dedupeHours} hours'
    returning event_id),
  accepted as (
    insert into events (id, tenant_id, direction, source, type, integration_id, dedupe_id,
      content_type, headers, query, body, traceparent, depth, planned_count, received_at)
    select id, tenant_id, direction, source, type, integration_id, dedupe_id, content_type, headers,
      query, body, traceparent, depth, planned_count, received_at
    from input where owner is null or id in (select event_id from claimed)
    returning id),
  runs as (
    insert into trigger_runs
    select r.* from json_populate_recordset(null::trigger_runs, ?::json) as r
    where event_id in (select id from accepted)
    returning id),
  guards as (
    insert into run_guards
    select g.* from json_populate_recordset(null::run_guards, ?::json) as g
    where run_id in (select id from runs)),
  failures as (
    insert into failed_cycles
    select f.* from json_populate_recordset(null::failed_cycles, ?::json) as f
    where event_id in (select id from accepted)),
  deliveries as (
    insert into deliveries
    select d.* from json_populate_recordset(null::deliveries, ?::json) as d
    where event_id in (select id from accepted))
  select id from accepted`;

function bindingsOf(recordings: readonly Recording[]): (Buffer | string)[] {
  const runs = recordings.flatMap((recording) => recording.runs);
  const failures = runs.filter(({ state }) => state === 'failed').map(failedCycleOf);
  const guards = recordings.flatMap((recording) => recording.guards);
  const deliveries = recordings.flatMap((recording) => recording.deliveries);
  const bodies = recordings.map(({ event }) => event.body);
  let bodyAt = 0;
  const input = recordings.map((recording) => {
    const row = toInput(recording, bodyAt);
    bodyAt += row.body_bytes;
    return row;
  });
  const [only = Buffer.alloc(0)] = bodies;
  const bytes = bodies.length === 1 ? only : Buffer.concat(bodies); // One may be large: not copied.
  return [
    bytes,
    ...[input, runs, guards, failures, deliveries].map((rows) => JSON.stringify(rows)),
  ];
}

/** Field by field: this runs for each event, and copying the rest of an object is slow. */
function toInput({ event, dedupe, runs, deliveries }: Recording, bodyAt: number) {
  const received_at = event.received_at.toISOString();
  const hasKey = dedupe !== null && event.dedupe_id !== null;
  return {
    id: event.id,
    tenant_id: event.tenant_id,
    direction: event.direction,
    source: event.source,
    type: event.type,
    integration_id: event.integration_id,
    dedupe_id: event.dedupe_id,
    content_type: event.content_type,
    headers: event.headers,
    query: event.query,
    traceparent: event.traceparent,
    depth: event.depth,
    planned_count: runs.length + deliveries.length,
    received_at,
    owner: hasKey ? dedupe.owner : null,
    accepted_at: hasKey && dedupe.isForever ? 'infinity' : received_at,
    body_at: bodyAt,
    body_bytes: event.body.length,
  };
}

function firstOfEachKey(recordings: readonly Recording[]): ReadonlyMap<string, Recording> {
  const firsts = new Map<string, Recording>();
  for (const recording of recordings) {
    const key = keyOf(recording);
    if (key !== '' && !firsts.has(key)) firsts.set(key, recording);
  }
  return firsts;
}

/**
 * Which event each key belongs to. One look into the index per key: for a list of pairs PostgreSQL
 * would read all keys of their owners.
 */
async function findEarlier(
  db: Knex,
  recordings: readonly Recording[],
): Promise<ReadonlyMap<string, string>> {
  const keys = recordings.map(({ event, dedupe }) => ({
    owner: dedupe?.owner,
    dedupe_id: event.dedupe_id,
  }));
  const { rows } = await db.raw<{ rows: DedupeKeyRow[] }>(
    `select k.owner, k.dedupe_id, k.event_id
     from json_to_recordset(?::json) as r(owner text, dedupe_id text),
     lateral (select * from dedupe_keys where (owner, dedupe_id) = (r.owner, r.dedupe_id) limit 1) as k`,
    [JSON.stringify(keys)],
  );
  return new Map(rows.map((row) => [`${row.owner}\n${row.dedupe_id}`, row.event_id]));
}

function keyOf({ event, dedupe }: Recording): string {
  return dedupe === null || event.dedupe_id === null ? '' : `${dedupe.owner}\n${event.dedupe_id}`;
}

/** One event of a tenant, body included. */
export async function findEvent(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<EventRow | undefined> {
  const received_at = instantOf(id);
  if (!received_at) return undefined;
  return db('events').where({ id, received_at, tenant_id: tenantId }).first();
}

/** An event without what it carries but for its head; the body is only measured. */
export type EventHead = Omit<EventRow, 'body'> & { readonly body_bytes: number };

const headColumns = [
  'id',
  'tenant_id',
  'direction',
  'source',
  'type',
  'integration_id',
  'dedupe_id',
  'content_type',
  'headers',
  'query',
  'traceparent',
  'depth',
  'received_at',
  'payload_dropped_at',
  'payload_dropped_for',
] as const;

/** As `findEvent`, without reading the body, which may be 25 MiB. */
export async function findEventHead(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<EventHead | undefined> {
  const received_at = instantOf(id);
  if (!received_at) return undefined;
  return db('events')
    .where({ id, received_at, tenant_id: tenantId })
    .first(...headColumns, db.raw('octet_length(body) as body_bytes'));
}
