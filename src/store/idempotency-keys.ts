import type { Knex } from 'knex';
import type { IdempotencyKeyRow } from './publishing-tables.ts';

/** How long a key stands for its request. */
export const idempotencyKeptMs = 86_400_000;

/** Which request a key is to stand for, and until when this try has it to itself. */
export type NewClaim = Pick<
  IdempotencyKeyRow,
  'id' | 'tenant_id' | 'actor' | 'key' | 'fingerprint' | 'created_at' | 'claimed_until'
>;

/** One try of one request: a slow one that was overtaken no longer speaks for it. */
export type Claim = Pick<IdempotencyKeyRow, 'id' | 'try'>;

/**
 * Claim a key for a request: a new key, or the same request's, when the try before has let it go or
 * is past its time.
 *
 * @returns the row's id, the same for each try; undefined when the key is taken: see `findIdempotencyKey`
 */
export async function claimIdempotencyKey(db: Knex, claim: NewClaim): Promise<Claim | undefined> {
  const { rows } = await db.raw<{ rows: Claim[] }>(
    `insert into idempotency_keys as k
       (id, tenant_id, actor, key, fingerprint, created_at, claimed_until)
     values (:id, :tenant_id, :actor, :key, :fingerprint, :created_at, :claimed_until)
     on conflict (tenant_id, actor, key) do update
       set try = k.try + 1, claimed_until = excluded.claimed_until
       where k.status is null and k.claimed_until <= excluded.created_at
         and k.fingerprint = excluded.fingerprint
     returning id, try`,
    claim,
  );
  return rows[0];
}

/** A key of an actor of a tenant. */
export async function findIdempotencyKey(
  db: Knex,
  { tenant_id, actor, key }: Pick<NewClaim, 'tenant_id' | 'actor' | 'key'>,
): Promise<IdempotencyKeyRow | undefined> {
  return db('idempotency_keys').where({ tenant_id, actor, key }).first();
}

/** Write down the answer of a try; an overtaken one changes nothing. */
export async function setIdempotencyAnswer(
  db: Knex,
  claim: Claim,
  answer: Pick<IdempotencyKeyRow, 'status' | 'location' | 'sealed'>,
): Promise<void> {
  await db('idempotency_keys').where({ id: claim.id, try: claim.try }).update(answer);
}

/**
 * Forget the key of a request that was refused and changed nothing. After an earlier try, which may
 * have, it is only let go.
 */
export async function freeIdempotencyKey(db: Knex, claim: Claim, at: Date): Promise<void> {
  if (claim.try > 1) await releaseIdempotencyKey(db, claim, at);
  else await db('idempotency_keys').where({ id: claim.id, try: claim.try }).delete();
}

/** Let a key go whose request may have had an effect: another try may begin at once, for the same request alone. */
export async function releaseIdempotencyKey(db: Knex, claim: Claim, at: Date): Promise<void> {
  await db('idempotency_keys')
    .where({ id: claim.id, try: claim.try })
    .update({ claimed_until: at });
}

/** Forget one key, whatever became of its request. */
export async function deleteIdempotencyKey(db: Knex, id: string): Promise<void> {
  await db('idempotency_keys').where({ id }).delete();
}

/** How many keys are forgotten at a time: a long statement would hold up others. */
export const prunedMax = 1000;

/**
 * Forget the oldest keys that were claimed before an instant, at most 1,000 of them.
 *
 * @returns how many; at 1,000 there may be more
 */
export async function pruneIdempotencyKeys(db: Knex, before: Date): Promise<number> {
  const oldest = db('idempotency_keys')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(prunedMax)
    .select('id');
  return db('idempotency_keys').whereIn('id', oldest).delete();
}
