import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeImportActivities } from '../../activities/imports.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makePublish } from '../../src/runtime/publish.ts';
import type { Publish } from '../../src/runtime/publish.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { findImport, recordImport, takeItems } from '../../src/store/imports.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
let publish: Publish;
beforeAll(async () => {
  db = await freshDatabase();
  const starter = { start: async () => true, close: async () => undefined };
  const triggers = { plan: () => [] };
  publish = makePublish({ db, recorder: makeRecorder(db), starter, triggers });
});
afterAll(() => db.destroy());

describe('takeImport()', () => {
  test('publishes one event, also when it breaks off after that and is repeated', async () => {
    const tenant_id = (await ensureTenant(db, 'own', makeId('ten'))).id;
    const importId = makeId('imp');
    const url = 'https://example.com/1';
    const item = { repository: 'acme/checkout', number: 1, title: 'Slow', state: 'open', url };
    const row = { id: importId, tenant_id, source: 'jira', created_at: new Date() };
    await db.transaction((tx) =>
      recordImport(tx, row, [
        { item, error: null },
        { item: null, error: 'number: Wrong' },
      ]),
    );
    await takeItems(db, importId, 10); // Nothing is left, so no heartbeat is needed.
    const dying = makeImportActivities({
      db,
      publish: async (publication) => {
        await publish(publication);
        throw new Error('Killed');
      },
    });
    await expect(dying.takeImport({ importId })).rejects.toThrow('Killed');
    expect(await findImport(db, importId)).toMatchObject({ state: 'pending' });

    const living = makeImportActivities({ db, publish });
    expect(await living.takeImport({ importId })).toEqual({ count: 1, errors: 1 });
    expect(await living.takeImport({ importId })).toEqual({ count: 1, errors: 1 });
    expect(await findImport(db, importId)).toMatchObject({ state: 'completed' });
    expect(await db('events').where({ type: 'import.completed' })).toHaveLength(1);
  });
});
