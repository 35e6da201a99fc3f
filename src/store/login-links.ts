import type { Knex } from 'knex';
import type { LoginLinkRow } from './access-tables.ts';

/** Ended links say for a day who could have logged in; later the audit log does. */
const keptMs = 86_400_000;

/** Write a link; the tenant's that ended long ago go. */
export async function recordLoginLink(
  db: Knex,
  link: Omit<LoginLinkRow, 'used_at'>,
): Promise<void> {
  await db('login_links')
    .where({ tenant_id: link.tenant_id })
    .where('expires_at', '<', new Date(link.created_at.getTime() - keptMs))
    .delete();
  await db('login_links').insert(link);
}

/** Use a link up: of any number of calls, on any server, one gets it. */
export async function claimLoginLink(
  db: Knex,
  hash: Buffer,
  now: Date,
): Promise<LoginLinkRow | undefined> {
  const [link] = await db('login_links')
    .where({ hash })
    .whereNull('used_at')
    .where('expires_at', '>', now)
    .update({ used_at: now })
    .returning('*');
  return link;
}
