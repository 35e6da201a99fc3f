import type { Knex } from 'knex';

/** Where endpoints are today, by their ids; also those that are deleted. */
export async function listEndpointUrls(
  db: Knex,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db('endpoints')
    .whereRaw('id = any(?)', [[...ids]])
    .select('id', 'url');
  return new Map(rows.map(({ id, url }) => [id, url]));
}
