import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';

test('an error of a query says nothing of its values', async () => {
  const db = await freshDatabase();
  const value = 'a body that belongs to a customer';
  const failing = async (): Promise<void> => {
    await db.raw('insert into tenants values (?, ?, 1 / ?)', [value, value, 0]);
  };
  await expect(failing).rejects.toThrow('insert into tenants values ($1, $2, 1 / $3)');
  await db.destroy();
});
