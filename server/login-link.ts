import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { makeId } from '../src/runtime/ids.ts';
import { recordAudit } from '../src/store/audit-log.ts';
import { claimLoginLink, recordLoginLink } from '../src/store/login-links.ts';
import { auditEntry } from './audit.ts';

/** A link that logs a browser in, once. */
export interface LoginLink {
  /** Whoever has it is logged in: for one person's eyes, never for a log. */
  readonly url: string;
  readonly expiresAt: Date;
}

/** Long enough to carry it to a browser; a link that is found later is worth nothing. */
const lifetimeMs = 15 * 60_000;

const tokenBytes = 32;

export interface LinkOptions {
  readonly tenantId: string;
  /** Who made it, for the audit log: a key's id, `console`, or `start`. */
  readonly actor: string;
  /** Where people reach this server. */
  readonly publicUrl: string;
  readonly now: Date;
}

/** Make a link. Any server redeems it; of its token only the hash is kept. */
export async function makeLoginLink(db: Knex, options: LinkOptions): Promise<LoginLink> {
  const { tenantId, publicUrl, now } = options;
  const token = randomBytes(tokenBytes).toString('base64url');
  const expiresAt = new Date(now.getTime() + lifetimeMs);
  const id = makeId('lnk', now);
  await db.transaction(async (tx) => {
    await recordLoginLink(tx, {
      id,
      hash: hashOf(token),
      tenant_id: tenantId,
      created_at: now,
      expires_at: expiresAt,
    });
    const detail = { expires_at: expiresAt.toISOString() };
    await recordAudit(
      tx,
      auditEntry(options, { action: 'login_link.create', subject: id, detail }),
    );
  });
  return { url: `${publicUrl.replace(/\/+$/, '')}/login?token=${token}`, expiresAt };
}

/**
 * Use a link up.
 *
 * @returns whose browser it logs in; `undefined` when it was used, is too old or never was
 */
export async function redeemLoginToken(
  db: Knex,
  token: string,
  now: Date,
): Promise<string | undefined> {
  if (!/^[\w-]{43}$/.test(token)) return undefined;
  return db.transaction(async (tx) => {
    const link = await claimLoginLink(tx, hashOf(token), now);
    if (!link) return undefined;
    const who = { tenantId: link.tenant_id, actor: 'console' };
    const what = { action: 'login_link.use', subject: link.id, detail: {} };
    await recordAudit(tx, auditEntry(who, what));
    return link.tenant_id;
  });
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
