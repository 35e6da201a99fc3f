import type { Knex } from 'knex';
import * as initial from './0001-initial.ts';
import * as rejectedRequests from './0002-rejected-requests.ts';

/** In order, by name and without a file extension: the same list under tsx and from dist. */
const migrations: Readonly<Record<string, Knex.Migration>> = {
  '0001-initial': initial,
  '0002-rejected-requests': rejectedRequests,
};

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations),
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const migration = migrations[name];
    if (!migration) throw new Error(`There is no migration "${name}"`);
    return migration;
  },
};
