import type { Knex } from 'knex';
import { newestSecretFirst } from './integrations.ts';
import type { NewSecret } from './integrations.ts';
import type { IntegrationSecretRow } from './tables.ts';

/** A new secret of a kind, and what becomes of the others of that kind. */
export interface SecretRotation {
  readonly secret: NewSecret;
  readonly now: Date;
  /** When the others end; those that end before keep their end. */
  readonly othersExpireAt: Date;
  /** Of the kind, valid at one time, the new one among them. */
  readonly countMax: number;
}

/**
 * Write a secret and end the others of its kind, all or nothing. Of those that have ended long ago
 * only the newest stay.
 *
 * @returns `undefined` when the tenant has no such integration; `'too-many'` when nothing was written
 */
export async function recordSecret(
  db: Knex,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  { secret, now, othersExpireAt, countMax }: SecretRotation,
): Promise<IntegrationSecretRow | 'too-many' | undefined> {
  return db.transaction(async (tx) => {
    // Two rotations at once take turns, or each would leave the other's secret without an end.
    const owner = await tx('integrations')
      .where({ id, tenant_id: tenantId })
      .forNoKeyUpdate()
      .first('id');
    if (!owner) return undefined;
    const otherIds = await lockValid(tx, { id, kind: secret.kind, now });
    const staying = othersExpireAt > now ? otherIds.length : 0;
    if (staying >= countMax) return 'too-many';
    await tx('integration_secrets')
      .whereIn('id', otherIds)
      .update({ expires_at: tx.raw('least(expires_at, ?::timestamptz)', [othersExpireAt]) });
    const [row] = await tx('integration_secrets')
      // Not the start of the transaction: whoever waited for the lock is the newer one.
      .insert({ ...secret, integration_id: id, created_at: tx.raw('clock_timestamp()') })
      .returning('*');
    if (!row) throw new Error(`Secret "${secret.id}" was not written`);
    await deleteSurplus(tx, { id, kind: secret.kind, now });
    return row;
  });
}

/**
 * Enough to tell a request of an older secret from a wrong one. Each is opened with every
 * integration; and with none left Lark would not be held to a kind that it once had.
 */
const endedMax = 20;

async function deleteSurplus(tx: Knex.Transaction, { id, kind, now }: OfKind): Promise<void> {
  const surplus = tx('integration_secrets')
    .where({ integration_id: id, kind })
    .where('expires_at', '<=', now)
    .orderBy([...newestSecretFirst])
    .offset(endedMax)
    // One whose last uses are being counted stays until the next time: waiting could deadlock.
    .forUpdate()
    .skipLocked()
    .select('id');
  await tx('integration_secrets').whereIn('id', surplus).delete();
}

/** The secrets of a kind of an integration. */
interface OfKind {
  readonly id: string;
  readonly kind: string;
  readonly now: Date;
}

/** In the order of ids, as their use is counted: the two can't deadlock. */
async function lockValid(tx: Knex.Transaction, { id, kind, now }: OfKind): Promise<string[]> {
  const rows = await tx('integration_secrets')
    .where({ integration_id: id, kind })
    .where((query) => void query.whereNull('expires_at').orWhere('expires_at', '>', now))
    .orderBy('id')
    .forUpdate()
    .select('id');
  return rows.map((row) => row.id);
}

/**
 * End a secret now. Its row stays: a request that was made with it can still be told from a wrong
 * one. Repeated, it keeps the first instant.
 *
 * @returns false when the tenant has no such secret
 */
export async function setSecretRevoked(
  db: Knex,
  names: { readonly id: string; readonly tenantId: string; readonly secretId: string },
  now: Date,
): Promise<boolean> {
  const owner = db('integrations').where({ id: names.id, tenant_id: names.tenantId }).select('id');
  const changed = await db('integration_secrets')
    .where({ id: names.secretId })
    .whereIn('integration_id', owner)
    .update({
      expires_at: db.raw('least(expires_at, ?::timestamptz)', [now]),
      revoked_at: db.raw('coalesce(revoked_at, ?::timestamptz)', [now]),
    });
  return changed > 0;
}
