import type { Knex } from 'knex';
import type { ApiKeyRow } from './tables.ts';

/** Write a key by its hash; the key itself is kept nowhere. */
export async function recordApiKey(
  db: Knex,
  key: Omit<ApiKeyRow, 'created_at' | 'revoked_at'>,
): Promise<void> {
  await db('api_keys').insert(key);
}

/** A key that was not revoked. */
export async function findApiKey(db: Knex, id: string): Promise<ApiKeyRow | undefined> {
  return db('api_keys').where({ id }).whereNull('revoked_at').first();
}
