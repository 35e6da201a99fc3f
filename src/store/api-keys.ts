import type { Knex } from 'knex';
import { newestFirst } from './page.ts';
import type { Page } from './page.ts';
import type { ApiKeyRow } from './access-tables.ts';

/** Write a key by its hash; the key itself is kept nowhere. Without `expires_at` it never ends. */
export async function recordApiKey(
  db: Knex,
  key: Pick<ApiKeyRow, 'id' | 'tenant_id' | 'name' | 'hash' | 'scopes'> &
    Partial<Pick<ApiKeyRow, 'expires_at'>>,
): Promise<ApiKeyRow> {
  const [row] = await db('api_keys').insert(key).returning('*');
  if (!row) throw new Error(`API key "${key.id}" was not written`);
  return row;
}

/** A key that was not revoked; whether it has expired is its reader's to judge. */
export async function findApiKey(db: Knex, id: string): Promise<ApiKeyRow | undefined> {
  return db('api_keys').where({ id }).whereNull('revoked_at').first();
}

/** Newest first, with those that were revoked. */
export async function listApiKeys(db: Knex, tenantId: string, page: Page): Promise<ApiKeyRow[]> {
  return db('api_keys').where({ tenant_id: tenantId }).modify(newestFirst, page);
}

/**
 * End a key.
 *
 * @returns `'before'` when it was revoked already; `undefined` when the tenant has no such key
 */
export async function setApiKeyRevoked(
  db: Knex,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  now: Date,
): Promise<'now' | 'before' | undefined> {
  const own = db('api_keys').where({ id, tenant_id: tenantId });
  if ((await own.clone().whereNull('revoked_at').update({ revoked_at: now })) > 0) return 'now';
  return (await own.first('id')) && 'before';
}

/** The shortest time between two notes of a key's use: it is a hint for people, not a count. */
export const usedEveryMs = 60_000;

/** Note that a key was used, unless that was noted a moment ago. */
export async function setApiKeyUsed(db: Knex, id: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - usedEveryMs);
  await db('api_keys')
    .where({ id })
    .where((query) => void query.whereNull('last_used_at').orWhere('last_used_at', '<=', before))
    .update({ last_used_at: now });
}
