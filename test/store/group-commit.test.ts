import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGroupCommit } from '../../src/store/group-commit.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await db.raw('create table pairs (id integer primary key, count integer not null)');
  await db.raw('insert into pairs values (1, 0), (2, 0)');
});
afterAll(() => db.destroy());

const increment = (tx: Knex, id: number) => tx('pairs').where({ id }).increment('count');

/** Something to wait for. */
function gate() {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a batch that PostgreSQL ends because of a deadlock is written again', async () => {
  let isFirst = true;
  const { promise: one, resolve: hasOne } = gate();
  const { promise: two, resolve: hasTwo } = gate();
  const commit = makeGroupCommit(async (items: readonly string[]) =>
    db.transaction(async (tx) => {
      if (isFirst) await tx.raw(`set local deadlock_timeout = '100ms'`); // It is the one that looks, and so ends.
      isFirst = false;
      await increment(tx, 1);
      hasOne();
      await two;
      await increment(tx, 2);
      return items.map((item) => item.toUpperCase());
    }),
  );
  const other = db.transaction(async (tx) => {
    await tx.raw(`set local deadlock_timeout = '60s'`);
    await increment(tx, 2);
    hasTwo();
    await one;
    await increment(tx, 1);
  });

  expect(await commit('a')).toBe('A');
  await other;
  expect(await db('pairs').orderBy('id').pluck('count')).toEqual([2, 2]);
});
