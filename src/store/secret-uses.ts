import type { Knex } from 'knex';

/** How often a secret has verified a request since the last time this was written. */
export interface SecretUse {
  readonly id: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** Add up what secrets have verified. Any number of servers may do so. */
export async function recordSecretUses(db: Knex, uses: readonly SecretUse[]): Promise<void> {
  // In the order of ids, so that two servers can't deadlock.
  const rows = uses
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, count, lastUsedAt }) => ({ id, count, last_used_at: lastUsedAt.toISOString() }));
  await db.raw(
    `update integration_secrets as s
     set used_count = s.used_count + u.count,
         last_used_at = greatest(s.last_used_at, u.last_used_at)
     from jsonb_to_recordset(?::jsonb) as u(id text, count double precision, last_used_at timestamptz)
     where s.id = u.id`,
    [JSON.stringify(rows)],
  );
}
