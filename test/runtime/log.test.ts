import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Knex } from 'knex';
import { serializeError } from '../../src/runtime/log.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

test.each([
  ['a row that is there', `insert into tenants (id, name) values ('a', 'hush'), ('b', 'hush')`],
  ['a value that is none', `select '{"password": "hush", "x'::jsonb`],
])('an error of PostgreSQL about %s is shown without values', async (_, sql) => {
  const error: unknown = await db.raw(sql).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('It did not fail');
  expect(JSON.stringify(Object.entries(error))).toContain('hush');
  const shown = serializeError(error);
  expect(shown).toMatchObject({ type: 'DatabaseError', code: expect.any(String) as string });
  expect(JSON.stringify({ ...shown, message: '', stack: '' })).not.toContain('hush');
});
