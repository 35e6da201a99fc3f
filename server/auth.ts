import { timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { Problem } from '../src/domain/problem.ts';
import { apiKeyIdOf, hashApiKey } from '../src/runtime/api-key.ts';
import { findApiKey, setApiKeyUsed, usedEveryMs } from '../src/store/api-keys.ts';
import type { ApiKeyRow } from '../src/store/access-tables.ts';
import { refuseCrossSite } from './cross-site.ts';
import { loginNeeded } from './login.ts';
import type { Sessions } from './login.ts';

/** What a key may do: `read` looks, `write` does everything else. */
export const scopeNames = ['read', 'write'] as const;

export type Scope = (typeof scopeNames)[number];

/** Whose request it is: every query takes the tenant from here. */
export interface Caller {
  readonly tenantId: string;
  /** The key's id, or `console` for a logged-in browser. */
  readonly actor: string;
  readonly scopes: readonly Scope[];
}

/**
 * Who calls: by the header `Authorization: Bearer dh_…` if there is one, else by the session of a
 * logged-in browser, which is renewed and may do everything that our own pages ask for.
 *
 * @throws Problem `key-missing`, `key-unknown`, `scope-missing`, `login-needed` or `cross-site`
 */
export type Authenticate = (ctx: Context, scope: Scope) => Promise<Caller>;

/** A revoked key still works for as long as this; below it, a burst of requests asks for its key each time. */
const cacheMs = 5000;

/** Keys that are remembered at once; a forgotten one costs one query. */
const cacheMax = 1000;

export interface AuthenticateParts {
  readonly db: Knex;
  readonly log: Logger;
  readonly now: () => Date;
  readonly sessions: Sessions;
}

export function makeAuthenticate(parts: AuthenticateParts): Authenticate {
  const findCallerOf = makeKeyReader(parts);
  return async (ctx, scope) => {
    const { authorization } = ctx.req.headers;
    if (authorization === undefined) return callerOfBrowser(ctx, parts.sessions);
    const caller = await findCallerOf(authorization);
    if (caller.scopes.includes(scope)) return caller;
    throw new Problem('scope-missing', `The API key lacks the scope "${scope}"`);
  };
}

function callerOfBrowser(ctx: Context, sessions: Sessions): Caller {
  const session = sessions.find(ctx);
  if (session === 'none') {
    throw new Problem('key-missing', 'Send the header "Authorization: Bearer dh_…", or log in');
  }
  if (session === 'over') throw loginNeeded();
  refuseCrossSite(ctx);
  return { tenantId: session.tenantId, actor: 'console', scopes: scopeNames };
}

/** A key as it was read, and whether its use is noted. */
interface KeptKey {
  readonly row: ApiKeyRow;
  readonly readAt: number;
  isNoted: boolean;
}

function makeKeyReader({ db, log, now }: AuthenticateParts): (header: string) => Promise<Caller> {
  const cache = new Map<string, KeptKey>();

  async function readKey(id: string): Promise<KeptKey | undefined> {
    const kept = cache.get(id);
    const at = now().getTime();
    if (kept && at - kept.readAt < cacheMs) return kept;
    cache.delete(id);
    const row = await findApiKey(db, id);
    if (!row) return undefined;
    if (cache.size >= cacheMax) cache.clear();
    const { last_used_at: usedAt } = row;
    const isNoted = usedAt !== null && at - usedAt.getTime() < usedEveryMs;
    const read = { row, readAt: at, isNoted };
    cache.set(id, read);
    return read;
  }

  /** Not waited for: a request does not depend on a hint for people. */
  function noteUse(kept: KeptKey): void {
    if (kept.isNoted) return;
    kept.isNoted = true;
    setApiKeyUsed(db, kept.row.id, now()).catch((error: unknown) => {
      log.warn({ err: error, key_id: kept.row.id }, 'The use of an API key was not noted');
    });
  }

  return async (header) => {
    const [, key] = /^bearer +(\S+)$/i.exec(header) ?? [];
    if (key === undefined) {
      throw new Problem('key-missing', 'Send the header "Authorization: Bearer dh_…"');
    }
    const id = apiKeyIdOf(key);
    const kept = id === undefined ? undefined : await readKey(id);
    if (!kept || !timingSafeEqual(kept.row.hash, hashApiKey(key)) || isOver(kept.row, now())) {
      throw new Problem('key-unknown', 'The API key does not exist, was revoked or has expired');
    }
    noteUse(kept);
    const { id: actor, tenant_id: tenantId, scopes } = kept.row;
    return { tenantId, actor, scopes: scopeNames.filter((name) => scopes.includes(name)) };
  };
}

function isOver({ expires_at: expiresAt }: ApiKeyRow, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}
