import type { Knex } from 'knex';

/** A keyset page: ids carry their time, so `id < cursor` is "older than". */
export interface Page {
  /** 1 to 200 rows. */
  readonly limit: number;
  /** The last id of the page before; undefined for the first. */
  readonly cursor?: string | undefined;
}

/** Newest first, on the index of (tenant, id): for `query.modify(newestFirst, page)`. */
export function newestFirst(query: Knex.QueryBuilder, { limit, cursor }: Page): void {
  if (cursor !== undefined) void query.where('id', '<', cursor);
  void query.orderBy('id', 'desc').limit(limit);
}
