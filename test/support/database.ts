import knex from 'knex';
import type { Knex } from 'knex';
import { inject } from 'vitest';
import { migrate, openDatabase } from '../../src/store/database.ts';

let made = 0;

/** A migrated, empty database of its own, so that test files may run side by side. */
export async function freshDatabaseUrl(): Promise<string> {
  made += 1;
  const name = `test_${process.pid}_${Date.now()}_${made}`;
  const admin = knex({ client: 'pg', connection: inject('databaseUrl'), pool: { min: 0, max: 1 } });
  await admin.raw('create database ??', [name]);
  await admin.destroy();
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const db = openDatabase({ url: url.href, connectionsMax: 1 });
  await migrate(db, new Date());
  await db.destroy();
  return url.href;
}

/** As `freshDatabaseUrl`, opened. */
export async function freshDatabase(): Promise<Knex> {
  return openDatabase({ url: await freshDatabaseUrl(), connectionsMax: 4 });
}
