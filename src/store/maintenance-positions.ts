import type { Knex } from 'knex';
import type { MaintenancePositionRow } from './maintenance-tables.ts';

/** Where a task of maintenance stands; `undefined` = it has never run. */
export async function findPosition(
  db: Knex,
  task: string,
): Promise<MaintenancePositionRow['position'] | undefined> {
  return (await db('maintenance_positions').where({ task }).first())?.position;
}

/** Note how far a task has come. */
export async function setPosition(db: Knex, task: string, position: string): Promise<void> {
  await db('maintenance_positions').insert({ task, position }).onConflict('task').merge();
}
