import { timingSafeEqual } from 'node:crypto';
import type { Knex } from 'knex';
import { Problem } from '../src/domain/problem.ts';
import { apiKeyIdOf, hashApiKey } from '../src/runtime/api-key.ts';
import { findApiKey } from '../src/store/api-keys.ts';
import type { ApiKeyRow } from '../src/store/tables.ts';

/** What a key may do: `read` looks, `write` does everything else. */
export type Scope = 'read' | 'write';

/** Whose request it is: every query takes the tenant from here. */
export interface Caller {
  readonly tenantId: string;
  readonly keyId: string;
}

/**
 * Who calls, by the header `Authorization: Bearer dh_…`.
 *
 * @throws Problem `key-missing`, `key-unknown` or `scope-missing`
 */
export type Authenticate = (authorization: string, scope: Scope) => Promise<Caller>;

/** A revoked key still works for as long as this; below it, a burst of requests asks for its key each time. */
const cacheMs = 5000;

/** Keys that are remembered at once; a forgotten one costs one query. */
const cacheMax = 1000;

export function makeAuthenticate(db: Knex, now: () => Date): Authenticate {
  const cache = new Map<string, { readonly row: ApiKeyRow; readonly readAt: number }>();

  async function readKey(id: string): Promise<ApiKeyRow | undefined> {
    const kept = cache.get(id);
    const at = now().getTime();
    if (kept && at - kept.readAt < cacheMs) return kept.row;
    cache.delete(id);
    const row = await findApiKey(db, id);
    if (!row) return undefined;
    if (cache.size >= cacheMax) cache.clear();
    cache.set(id, { row, readAt: at });
    return row;
  }

  return async (authorization, scope) => {
    const [, key] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (key === undefined) {
      throw new Problem('key-missing', 'Send the header "Authorization: Bearer dh_…"');
    }
    const id = apiKeyIdOf(key);
    const row = id === undefined ? undefined : await readKey(id);
    if (!row || !timingSafeEqual(row.hash, hashApiKey(key))) {
      throw new Problem('key-unknown', 'The API key does not exist or was revoked');
    }
    if (!row.scopes.includes(scope)) {
      throw new Problem('scope-missing', `The API key lacks the scope "${scope}"`);
    }
    return { tenantId: row.tenant_id, keyId: row.id };
  };
}
