import type { Knex } from 'knex';

/**
 * Hold a trigger until its next revision, and say why. Safe to repeat: the first word stands.
 *
 * A revision that came in between is not held for what the one before did.
 */
export async function setQuarantined(
  db: Knex,
  { id, revision }: { readonly id: string; readonly revision: number },
  quarantine: string,
): Promise<void> {
  await db('triggers').where({ id, revision, quarantine: null }).update({ quarantine });
}
