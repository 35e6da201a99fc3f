import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FailedWorkflows } from '../../src/runtime/failed-workflows.ts';
import { failedCycleOf, recordFailedRun } from '../../src/store/dead-letters.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { addDead } from './dead-letter-rows.ts';
import { addDelivery, addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let failed: FailedWorkflows | null = null;
beforeAll(async () => {
  api = await serveApi({ countFailedWorkflows: async () => failed });
});
afterAll(async () => api.close());
beforeEach(async () => {
  for (const table of ['failed_cycles', 'deliveries', 'trigger_runs', 'events'] as const) {
    await api.db(table).delete();
  }
});

const read = async () => (await api.call('GET', '/v1/system/accounting')).body;

async function addFailedRun(): Promise<TriggerRunRow> {
  const id = await addRun(api, { state: 'failed', reason: 'broke' });
  const row = await api.db('trigger_runs').where({ id }).first();
  if (!row) throw new Error('It was just written');
  return row;
}

describe('the dead letters and Temporal', () => {
  test('match when each that has a workflow is a failed one, whatever became of it since', async () => {
    const dead = [await addDead(api), await addDead(api)];
    await api.call('POST', '/v1/dead-letters/redrive', { ids: dead.slice(0, 1) });
    await addDead(api, { tenant_id: 'ten_other' });
    await recordFailedRun(api.db, await addFailedRun());
    await api.db('failed_cycles').insert(failedCycleOf(await addFailedRun())); // Born failed.
    failed = { deliveries: 2, runs: 1, since: new Date(0) };
    expect(await read()).toMatchObject({
      is_balanced: true,
      dead_letters: { open: 3, redriven: 1 },
      temporal: {
        matches: true,
        since: '1970-01-01T00:00:00.000Z',
        failed_deliveries: 2,
        failed_runs: 1,
        dead_deliveries: 2,
        dead_runs: 1,
      },
    });
    failed = { deliveries: 3, runs: 1, since: new Date(0) };
    expect(await read()).toMatchObject({ temporal: { matches: false, failed_deliveries: 3 } });
  });

  test('are compared as far back as Temporal remembers', async () => {
    const old = await addDead(api);
    const dayAgo = new Date(Date.now() - 86_400_000);
    await api.db('failed_cycles').where({ id: old }).update({ died_at: dayAgo });
    await addDead(api);
    failed = { deliveries: 1, runs: 0, since: new Date(Date.now() - 3_600_000) };
    expect(await read()).toMatchObject({ temporal: { matches: true, dead_deliveries: 1 } });
  });

  test('are not compared while Temporal is away', async () => {
    failed = null;
    expect(await read()).toMatchObject({ is_balanced: true, temporal: null });
  });
});

describe('the events of the last day', () => {
  test('have what was planned for them, or it is missed', async () => {
    const event_id = await addEvent(api);
    await api.db.raw('update events set planned_count = 2 where id = ?', [event_id]);
    await addRun(api, { event_id });
    const id = await addDelivery(api, { event_id, state: 'delivered' });
    const found = { events: 1, planned: 2, found: 2 };
    expect(await read()).toMatchObject({ is_balanced: true, last_day: found });
    // A replay to another endpoint makes one more: that is none too many.
    await addDelivery(api, { event_id, replay_of: id });
    expect(await read()).toMatchObject({ is_balanced: true, last_day: found });
    await api.db('deliveries').delete();
    expect(await read()).toMatchObject({
      is_balanced: false,
      imbalances: [{ count: 1, ids: [event_id] }],
      last_day: { events: 1, planned: 2, found: 1 },
    });
  });
});
