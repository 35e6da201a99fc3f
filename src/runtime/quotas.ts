import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { makeGroupCommit } from '../store/group-commit.ts';
import { findOwnQuota, pruneQuotaMinutes, readAsked, takeQuota } from '../store/quotas.ts';

/** What a tenant may publish in this minute, and what it has. */
export interface QuotaState {
  /** Events per minute; null = no limit, and nothing is counted. */
  readonly limit: number | null;
  readonly used: number;
  /** When the next minute begins. */
  readonly resetsAt: Date;
}

/** How much of what was asked for fits. */
export interface Granted {
  readonly count: number;
  /** In how many seconds the rest may: from 1 to 60. */
  readonly retryAfterS: number;
}

/** What tenants may publish: so many events in each minute, over all servers. */
export interface Quotas {
  /** Events per minute, as they were 5 s ago at most; null = no limit. */
  findLimit(tenantId: string): Promise<number | null>;
  /** Take from this minute as much of `count` as is left under `limit`; what is taken is used. */
  take(tenantId: string, count: number, limit: number): Promise<Granted>;
  read(tenantId: string): Promise<QuotaState>;
}

export interface QuotaParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly now: () => Date;
  /** Of each tenant that has no quota of its own: events per minute; undefined = no limit. */
  readonly usual: number | undefined;
}

const minuteMs = 60_000;

/** A changed quota holds after this long; below it, each event would ask for it. */
const cacheMs = 5000;

/** Quotas that are remembered at once; a forgotten one costs one query. */
const cacheMax = 1000;

/** Old minutes are no use but to a person who looks at the table. */
const keptMs = 3_600_000;

/** Counts in PostgreSQL; those that publish at once share a statement, and a tenant without a quota has none. */
export function makeQuotas({ db, log, now, usual }: QuotaParts): Quotas {
  const cache = new Map<string, { readonly limit: Promise<number | null>; readonly at: number }>();
  const take = makeGroupCommit(takeQuota.bind(null, db));
  let prunedAt = 0;

  async function readLimit(tenantId: string): Promise<number | null> {
    const own = await findOwnQuota(db, tenantId);
    if (own === null) return usual ?? null;
    return own === 0 ? null : own;
  }

  /** Not waited for: nobody depends on it. */
  function prune(at: Date): void {
    if (at.getTime() - prunedAt < minuteMs) return;
    prunedAt = at.getTime();
    pruneQuotaMinutes(db, new Date(prunedAt - keptMs)).catch((error: unknown) => {
      log.warn({ err: error }, 'Could not forget the quotas of minutes long past');
    });
  }

  return {
    async findLimit(tenantId) {
      const at = now().getTime();
      const kept = cache.get(tenantId);
      if (kept && at - kept.at < cacheMs) return kept.limit;
      if (cache.size >= cacheMax) cache.clear();
      const limit = readLimit(tenantId);
      cache.set(tenantId, { limit, at });
      limit.catch(() => cache.delete(tenantId)); // Whoever waits for it is told; the next asks again.
      return limit;
    },
    async take(tenantId, count, limit) {
      const at = now();
      const minute = minuteOf(at);
      prune(at);
      const granted = await take({ tenantId, minute, count, limit });
      const leftMs = minute.getTime() + minuteMs - at.getTime();
      return { count: granted, retryAfterS: Math.ceil(leftMs / 1000) };
    },
    async read(tenantId) {
      const minute = minuteOf(now());
      const limit = await readLimit(tenantId);
      const asked = limit === null ? 0 : await readAsked(db, tenantId, minute);
      const resetsAt = new Date(minute.getTime() + minuteMs);
      return { limit, used: Math.min(asked, limit ?? 0), resetsAt };
    },
  };
}

function minuteOf(at: Date): Date {
  return new Date(at.getTime() - (at.getTime() % minuteMs));
}
