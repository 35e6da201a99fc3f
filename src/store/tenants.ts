import type { Knex } from 'knex';
import type { TenantRow } from './tables.ts';

/** The tenant whose integrations answer at addresses without an id. */
export const defaultTenantName = 'default';

/** The tenant of that name, made with `id` when there is none. */
export async function ensureTenant(db: Knex, name: string, id: string): Promise<TenantRow> {
  await db('tenants').insert({ id, name }).onConflict('name').ignore();
  const row = await db('tenants').where({ name }).first();
  if (!row) throw new Error(`Tenant "${name}" was not written`);
  return row;
}

/** Whether a tenant is the operator's own: the one named `default`. */
export async function isDefaultTenant(db: Knex, id: string): Promise<boolean> {
  const row = await db('tenants').where({ id, name: defaultTenantName }).first('id');
  return row !== undefined;
}
