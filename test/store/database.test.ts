import knex from 'knex';
import { expect, test } from 'vitest';
import { migrate } from '../../src/store/database.ts';
import { freshDatabase, freshDatabaseUrl } from '../support/database.ts';

test('an error of a query says nothing of its values', async () => {
  const db = await freshDatabase();
  const value = 'a body that belongs to a customer';
  const failing = async (): Promise<void> => {
    await db.raw('insert into tenants values (?, ?, 1 / ?)', [value, value, 0]);
  };
  await expect(failing).rejects.toThrow('insert into tenants values ($1, $2, 1 / $3)');
  await db.destroy();
});

test('a migration may take longer than any query', async () => {
  const connectionString = await freshDatabaseUrl();
  const db = knex({ client: 'pg', connection: { connectionString, statement_timeout: 500 } });
  const other = await db.transaction();
  await other.raw('lock table knex_migrations in access exclusive mode'); // As a long migration does.
  const [migrated] = await Promise.allSettled([
    migrate(db, new Date()),
    other
      .raw('set local statement_timeout = 0; select pg_sleep(1)')
      .then(async () => other.commit()),
  ]);
  expect(migrated).toMatchObject({ status: 'fulfilled' });
  await db.destroy();
});

test('processes that start at once on an empty database bring it up to date once', async () => {
  const connectionString = await freshDatabaseUrl();
  const db = knex({ client: 'pg', connection: { connectionString } });
  await db.raw('drop schema public cascade; create schema public');
  await Promise.all([1, 2, 3].map(async () => migrate(db, new Date())));
  const names = await db('knex_migrations').pluck('name');
  expect(new Set(names).size).toBe(names.length);
  expect(await db('events')).toEqual([]);
  await db.destroy();
});
