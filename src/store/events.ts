import type { Knex } from 'knex';
import { instantOf } from '../domain/id.ts';
import { recordFailedRun } from './dead-letters.ts';
import type { DedupeKeyRow, DeliveryRow, EventRow, TriggerRunRow } from './tables.ts';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';

/** An event and the work planned for it. */
export interface Recording {
  readonly event: EventRow;
  /** Who may send this `dedupe_id` once: an integration or an emitter; null = never a duplicate. */
  readonly dedupe: { readonly owner: string; readonly isForever: boolean } | null;
  readonly runs: readonly TriggerRunRow[];
  readonly deliveries: readonly DeliveryRow[];
}

export type Recorded =
  | { readonly kind: 'accepted'; readonly eventId: string }
  | { readonly kind: 'duplicate'; readonly eventId: string };

/**
 * Write events and the work planned for them, all in one transaction.
 *
 * The second event with the same owner and dedupe id within 72 hours is answered `duplicate` with
 * the first one's id, and plans nothing.
 */
export async function recordEvents(
  db: Knex,
  recordings: readonly Recording[],
): Promise<readonly Recorded[]> {
  return db.transaction(async (tx) => {
    const winners = await claimDedupeKeys(tx, recordings);
    const outcomes = recordings.map((recording): Recorded => {
      const first = winners.get(keyOf(recording)) ?? recording.event.id;
      const kind = first === recording.event.id ? 'accepted' : 'duplicate';
      return { kind, eventId: first };
    });
    const accepted = recordings.filter((_, index) => outcomes[index]?.kind === 'accepted');
    await insertAll(tx, accepted);
    return outcomes;
  });
}

async function insertAll(tx: Knex, accepted: readonly Recording[]): Promise<void> {
  const runs = accepted.flatMap((recording) => recording.runs);
  const deliveries = accepted.flatMap((recording) => recording.deliveries);
  if (accepted.length > 0) await tx('events').insert(accepted.map(({ event }) => event));
  if (runs.length > 0) await tx('trigger_runs').insert(runs);
  if (deliveries.length > 0) await tx('deliveries').insert(deliveries);
  for (const run of runs) if (run.state === 'failed') await recordFailedRun(tx, run);
}

/** Which event each dedupe key belongs to, after this batch. Keys are claimed in order, so that two batches can't deadlock. */
async function claimDedupeKeys(
  tx: Knex,
  recordings: readonly Recording[],
): Promise<ReadonlyMap<string, string>> {
  const claims = new Map<string, Recording>();
  for (const recording of recordings) {
    const key = keyOf(recording);
    if (key !== '' && !claims.has(key)) claims.set(key, recording);
  }
  if (claims.size === 0) return new Map();
  const rows = [...claims.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { event, dedupe }]) => ({
      owner: dedupe?.owner ?? '',
      dedupe_id: event.dedupe_id ?? '',
      event_id: event.id,
      accepted_at: dedupe?.isForever === true ? 'infinity' : event.received_at.toISOString(),
    }));
  const won = await tx.raw<{ rows: DedupeWinner[] }>(
    `insert into dedupe_keys as k
     select owner, dedupe_id, event_id, accepted_at
     from jsonb_to_recordset(?::jsonb) as r(owner text, dedupe_id text, event_id text, accepted_at timestamptz)
     on conflict (owner, dedupe_id) do update
       set event_id = excluded.event_id, accepted_at = excluded.accepted_at
       where k.accepted_at < excluded.accepted_at - interval '72 hours'
     returning owner, dedupe_id, event_id`,
    [JSON.stringify(rows)],
  );
  const winners = [...won.rows];
  if (winners.length < rows.length) winners.push(...(await findFirsts(tx, rows)));
  return new Map(winners.map((row) => [`${row.owner}\n${row.dedupe_id}`, row.event_id]));
}

type DedupeWinner = Pick<DedupeKeyRow, 'owner' | 'dedupe_id' | 'event_id'>;

/** One look into the index per key: as a list of pairs PostgreSQL would read all keys of the owner. */
async function findFirsts(
  tx: Knex,
  keys: readonly Pick<DedupeKeyRow, 'owner' | 'dedupe_id'>[],
): Promise<DedupeWinner[]> {
  const { rows } = await tx.raw<{ rows: DedupeWinner[] }>(
    `select k.owner, k.dedupe_id, k.event_id
     from jsonb_to_recordset(?::jsonb) as r(owner text, dedupe_id text),
     lateral (select * from dedupe_keys where (owner, dedupe_id) = (r.owner, r.dedupe_id) limit 1) as k`,
    [JSON.stringify(keys)],
  );
  return rows;
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

export interface EventFilter {
  readonly direction?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
}

/** Newest first. */
export async function listEvents(
  db: Knex,
  tenantId: string,
  { filter, page }: { filter: EventFilter; page: Page },
): Promise<EventRow[]> {
  const query = db('events').where({ tenant_id: tenantId });
  if (filter.direction !== undefined) void query.where('direction', filter.direction);
  if (filter.source !== undefined) void query.where('source', filter.source);
  if (filter.type !== undefined) void query.where('type', filter.type);
  return query.modify(newestFirst, page);
}
