import type { Knex } from 'knex';
import { quotaMax } from '../domain/quota.ts';
import { recordAudit } from '../store/audit-log.ts';
import { setOwnQuota } from '../store/quotas.ts';
import { makeId } from './ids.ts';

/** How the command is used; its arguments are those of `setQuota`. */
export const quotaUsage = 'npm start -- quota <tenant> <events per minute|none|default>';

/**
 * Give a tenant a quota of its own: the operator's word, not the tenant's.
 *
 * @param words - the tenant's id or name; events per minute, `none` = no limit, `default` = `QUOTA_EVENTS_PER_MINUTE`
 * @returns what holds now, as a line for people
 * @throws Error when there is no such tenant, or the words are none of these
 */
export async function setQuota(db: Knex, words: readonly string[]): Promise<string> {
  const [tenant, amount = '', ...others] = words;
  const eventsPerMinute = amountOf(amount);
  if (tenant === undefined || eventsPerMinute === undefined || others.length > 0) {
    throw new Error(`Use ${quotaUsage}, up to ${quotaMax} events`);
  }
  const tenantId = await db.transaction(async (tx) => {
    const id = await setOwnQuota(tx, tenant, eventsPerMinute);
    if (id === undefined) throw new Error(`There is no tenant "${tenant}"`);
    const at = new Date();
    const entry = { id: makeId('aud', at), tenant_id: id, actor: 'operator', at };
    const detail = { events_per_minute: amount };
    await recordAudit(tx, { ...entry, action: 'quota.set', subject: id, detail });
    return id;
  });
  return `Quota of ${tenantId}: ${wordingOf(eventsPerMinute)}; servers follow within 5 s\n`;
}

/** As it is stored: 0 = no limit, null = the quota of all. */
function amountOf(word: string): number | null | undefined {
  if (word === 'default') return null;
  if (word === 'none') return 0;
  const amount = /^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined;
  return amount !== undefined && amount <= quotaMax ? amount : undefined;
}

function wordingOf(eventsPerMinute: number | null): string {
  if (eventsPerMinute === null) return 'QUOTA_EVENTS_PER_MINUTE, as for all';
  return eventsPerMinute === 0 ? 'no limit' : `${eventsPerMinute} events per minute`;
}
