import type { Knex } from 'knex';
import type { Page } from './page.ts';
import { newestFirst } from './page.ts';
import type { RejectedRequestRow } from './tables.ts';

/** What is kept at most, per integration: a flood of rejections must not fill the disk. */
export interface RejectedRequestCaps {
  readonly rows: number;
  /** Of the sealed requests together. */
  readonly bytes: number;
}

/** Write rejected requests, and forget the oldest of their integrations beyond the caps. */
export async function recordRejectedRequests(
  db: Knex,
  rows: readonly NewRejectedRequest[],
  caps: RejectedRequestCaps,
): Promise<void> {
  await db.transaction(async (tx) => {
    // An integration may have been deleted since: then nobody is left to look at its rejections.
    const owners = [...new Set(rows.map((row) => row.integration_id))];
    const known = await tx('integrations').whereIn('id', owners).select('id').forShare();
    const isKnown = new Set(known.map(({ id }) => id));
    const kept = rows.filter((row) => isKnown.has(row.integration_id));
    if (kept.length === 0) return;
    await tx('rejected_requests').insert([...kept]);
    await tx.raw(
      `delete from rejected_requests where id in (
         select id from (
           select id, row_number() over newest as number,
                  sum(coalesce(octet_length(sealed), 0)) over newest as bytes
           from rejected_requests where integration_id = any(?)
           window newest as (partition by integration_id order by id desc)) as kept
         where number > ? or (bytes > ? and number > 1))`,
      [[...isKnown], caps.rows, caps.bytes],
    );
  });
}

/** A rejected request before anything came of it. */
export type NewRejectedRequest = Omit<RejectedRequestRow, 'state' | 'event_id' | 'released_at'>;

/** Forget what is older than this. */
export async function deleteRejectedRequestsBefore(db: Knex, before: Date): Promise<void> {
  await db('rejected_requests').where('received_at', '<', before).delete();
}

/** One of a tenant. */
export async function findRejectedRequest(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<RejectedRequestRow | undefined> {
  return db('rejected_requests').where({ id, tenant_id: tenantId }).first();
}

export interface RejectedRequestFilter {
  readonly integrationId?: string | undefined;
  readonly channel?: RejectedRequestRow['channel'] | undefined;
  readonly reason?: RejectedRequestRow['reason'] | undefined;
  readonly state?: 'kept' | 'released' | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface RejectedRequestQuery {
  readonly filter: RejectedRequestFilter;
  readonly page: Page;
}

/** A rejected request as it is listed: without the body and the sealed original, up to 2 MB each. */
export type ListedRejectedRequest = Omit<RejectedRequestRow, 'body' | 'sealed'> & {
  /** Whether the original is there. */
  readonly is_whole: boolean;
};

/** Newest first. */
export async function listRejectedRequests(
  db: Knex,
  tenantId: string,
  query: RejectedRequestQuery,
): Promise<ListedRejectedRequest[]> {
  return matching(db, tenantId, query).select<ListedRejectedRequest[]>(
    ...listedColumns,
    db.raw('sealed is not null as is_whole'),
  );
}

/** The same by their ids alone. */
export async function listRejectedRequestIds(
  db: Knex,
  tenantId: string,
  query: RejectedRequestQuery,
): Promise<string[]> {
  return matching(db, tenantId, query).pluck('id');
}

const listedColumns = [
  'id',
  'tenant_id',
  'integration_id',
  'channel',
  'trigger_id',
  'received_at',
  'reason',
  'status',
  'detail',
  'skew_s',
  'received_signature',
  'computed_signatures',
  'method',
  'headers',
  'query',
  'body_bytes',
  'state',
  'event_id',
  'released_at',
] as const satisfies readonly (keyof RejectedRequestRow)[];

function matching(db: Knex, tenantId: string, { filter, page }: RejectedRequestQuery) {
  const { integrationId, channel, reason, state, from, to } = filter;
  const query = db('rejected_requests').where({ tenant_id: tenantId });
  if (integrationId !== undefined) void query.where('integration_id', integrationId);
  if (channel !== undefined) void query.where('channel', channel);
  if (reason !== undefined) void query.where('reason', reason);
  if (state !== undefined) void query.where('state', state);
  if (from !== undefined) void query.where('received_at', '>=', from);
  if (to !== undefined) void query.where('received_at', '<', to);
  return query.modify(newestFirst, page);
}

/**
 * Lock a rejected request that was not released yet, for the rest of the transaction.
 *
 * @returns its row; `undefined` when it is gone. A released one is returned as it is.
 */
export async function claimRejectedRequest(
  tx: Knex,
  id: string,
  tenantId: string,
): Promise<RejectedRequestRow | undefined> {
  return tx('rejected_requests').where({ id, tenant_id: tenantId }).forUpdate().first();
}

/** What became of it. */
export async function setRejectedRequestReleased(
  tx: Knex,
  id: string,
  released: { readonly eventId: string; readonly at: Date },
): Promise<void> {
  await tx('rejected_requests')
    .where({ id })
    .update({ state: 'released', event_id: released.eventId, released_at: released.at });
}
