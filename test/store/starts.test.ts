import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { recordInterrupted } from '../../src/store/attempts.ts';
import { setDeliveriesStarted, setRunsStarted } from '../../src/store/starts.ts';
import { setRunning } from '../../src/store/trigger-runs.ts';
import { listOverdue } from '../../src/store/under-way.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

describe('setDeliveriesStarted()', () => {
  test('a start that is noted late does not count for the cycle that was opened meanwhile', async () => {
    const at = new Date();
    const id = makeId('dlv', at);
    await db('deliveries').insert({
      id,
      tenant_id: 'ten_1',
      event_id: makeId('evt', at),
      event_type: 'session.created',
      endpoint_id: 'ep_1',
      state: 'pending',
      cycle: 2,
      created_at: at,
      start_after: at,
    });
    const startedAt = async () => (await db('deliveries').where({ id }).first())?.started_at;
    await setDeliveriesStarted(db, [{ id, cycle: 1 }]);
    expect(await startedAt()).toBeNull();
    await setDeliveriesStarted(db, [{ id, cycle: 2 }]);
    expect(await startedAt()).toBeInstanceOf(Date);
  });
});

describe('setRunsStarted()', () => {
  test('a start that is noted late does not count for the cycle that was opened meanwhile', async () => {
    const at = new Date();
    const id = makeId('run', at);
    await db('trigger_runs').insert({
      id,
      tenant_id: 'ten_1',
      event_id: makeId('evt', at),
      event_type: 'push',
      trigger_id: 'trg_1',
      trigger: 'review',
      revision: 1,
      state: 'pending',
      reason: null,
      cycle: 2,
      created_at: at,
      start_after: at,
      started_at: null,
      ended_at: null,
    });
    const startedAt = async () => (await db('trigger_runs').where({ id }).first())?.started_at;
    await setRunsStarted(db, [{ id, cycle: 1 }]);
    expect(await startedAt()).toBeNull();
    await setRunsStarted(db, [{ id, cycle: 2 }]);
    expect(await startedAt()).toBeInstanceOf(Date);
  });
});

test('what goes on although its start was never noted is found once it should be further', async () => {
  const at = new Date();
  const event_id = makeId('evt', at);
  const own = { tenant_id: 'ten_1', event_id, created_at: at, start_after: at };
  const delivery = { ...own, id: makeId('dlv', at), event_type: 'session.created' };
  await db('deliveries').insert({ ...delivery, endpoint_id: 'ep_1', state: 'pending' });
  const named = { event_type: 'push', trigger_id: 'trg_1', trigger: 'review', revision: 1 };
  const run = { ...own, ...named, id: makeId('run', at) };
  await db('trigger_runs').insert({ ...run, state: 'pending' });
  await recordInterrupted(db, { deliveryId: delivery.id, cycle: 1 }, 1);
  await setRunning(db, run.id, 1);
  const late = { started_at: db.raw(`started_at - interval '2 minutes'`) };
  await db('deliveries').where({ id: delivery.id }).update(late);
  await db('trigger_runs').where({ id: run.id }).update(late);
  const found = async (kind: 'delivery' | 'triggerRun') =>
    (await listOverdue(db, kind, '')).rows.map(({ id }) => id);
  expect(await found('delivery')).toContain(delivery.id);
  expect(await found('triggerRun')).toContain(run.id);
});
