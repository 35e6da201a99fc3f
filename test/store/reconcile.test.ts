import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorkflowEnd } from '../../src/domain/workflow-end.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { deliveryKey } from '../../src/store/deliveries.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { reconcileRow } from '../../src/store/reconcile.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import { listOverdue, listUnderWay } from '../../src/store/under-way.ts';
import type { WorkKind } from '../../src/store/under-way.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await db('tenants').insert({ id: 'ten_1', name: 'one' });
});
afterAll(() => db.destroy());
beforeEach(async () => {
  await db('audit_log').delete();
  await db('deliveries').delete();
});

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

async function addDelivery(over: Partial<DeliveryRow> = {}): Promise<string> {
  const at = new Date();
  const id = makeId('dlv', at);
  await db('deliveries').insert({
    id,
    tenant_id: 'ten_1',
    event_id: makeId('evt', at),
    event_type: 'session.created',
    endpoint_id: 'ep_1',
    state: 'retrying',
    created_at: at,
    start_after: at,
    started_at: minutesAgo(5),
    ...over,
  });
  return id;
}

async function addRun(over: Partial<TriggerRunRow> = {}): Promise<string> {
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
    state: 'running',
    created_at: at,
    start_after: at,
    started_at: minutesAgo(5),
    ...over,
  });
  return id;
}

async function reconcile(kind: WorkKind, id: string, end: WorkflowEnd) {
  const row = { kind, id, cycle: 1, tenant_id: 'ten_1', state: 'retrying' };
  return reconcileRow(db, row, { end, auditId: makeId('aud') });
}

const delivery = (id: string) => db('deliveries').where(deliveryKey(id)).first();
const run = (id: string) => db('trigger_runs').where({ id }).first();
const letters = (subject_id: string) => db('failed_cycles').where({ subject_id });
const audited = () => db('audit_log').select('actor', 'action', 'subject', 'detail');

describe('reconcileRow()', () => {
  test.each([
    [{ kind: 'failed', reason: 'status 500' }, 'dead', 'status 500'],
    [{ kind: 'timed_out' }, 'dead', 'timed_out'],
    [{ kind: 'terminated' }, 'cancelled', 'terminated in Temporal'],
    [{ kind: 'cancelled' }, 'cancelled', 'cancelled in Temporal'],
    [{ kind: 'completed', result: { outcome: 'delivered' } }, 'delivered', null],
    [{ kind: 'completed', result: { outcome: 'cancelled' } }, 'cancelled', 'completed in Temporal'],
  ] as const)('a delivery whose workflow says %o is %s', async (end, state, reason) => {
    const id = await addDelivery({ next_attempt_at: new Date() });
    expect(await reconcile('delivery', id, end)).toMatchObject({ kind: 'ended', to: state });
    expect(await delivery(id)).toMatchObject({
      state,
      last_reason: reason,
      next_attempt_at: null,
      ended_at: expect.any(Date) as Date,
    });
    expect(await letters(id)).toHaveLength(state === 'dead' ? 1 : 0);
    expect(await audited()).toMatchObject([
      {
        actor: 'maintenance',
        action: 'delivery.reconcile',
        subject: id,
        detail: { cycle: 1, from: 'retrying', to: state },
      },
    ]);
  });

  test('a delivery that nobody holds back and whose workflow ended as parked is sent again', async () => {
    const id = await addDelivery();
    const end = { kind: 'completed', result: { outcome: 'parked' } } as const;
    expect(await reconcile('delivery', id, end)).toMatchObject({ kind: 'ended', to: 'pending' });
    expect(await delivery(id)).toMatchObject({ state: 'pending', cycle: 2, started_at: null });
  });

  test('one whose workflow is gone is started again, in the same cycle', async () => {
    const id = await addDelivery({ attempt_count: 2 });
    const done = await reconcile('delivery', id, { kind: 'gone' });
    expect(done).toMatchObject({ kind: 'restarted', to: 'pending' });
    const again = { state: 'pending', cycle: 1, attempt_count: 2, started_at: null };
    expect(await delivery(id)).toMatchObject(again);
    expect(await reconcile('delivery', id, { kind: 'gone' })).toEqual({ kind: 'moved' });
    expect(await audited()).toHaveLength(1);
  });

  test.each([
    ['has ended', { state: 'delivered' }],
    ['is held back', { state: 'parked' }],
    ['is in its next cycle', { cycle: 2 }],
  ] as const)('a delivery that %s keeps its state', async (_, over) => {
    const id = await addDelivery(over);
    const before = await delivery(id);
    expect(await reconcile('delivery', id, { kind: 'terminated' })).toEqual({
      kind: 'moved',
    });
    expect(await delivery(id)).toEqual(before);
    expect(await audited()).toEqual([]);
  });

  test.each([
    [{ kind: 'failed', reason: 'broke' }, 'failed', 'broke'],
    [{ kind: 'timed_out' }, 'failed', 'timed_out'],
    [{ kind: 'terminated' }, 'cancelled', 'terminated in Temporal'],
    [{ kind: 'completed', result: { outcome: 'succeeded' } }, 'succeeded', null],
  ] as const)('a run whose workflow says %o is %s', async (end, state, reason) => {
    const id = await addRun();
    expect(await reconcile('triggerRun', id, end)).toMatchObject({ kind: 'ended', to: state });
    expect(await run(id)).toMatchObject({ state, reason });
    expect(await letters(id)).toHaveLength(state === 'failed' ? 1 : 0);
    expect(await audited()).toMatchObject([{ action: 'trigger_run.reconcile', subject: id }]);
  });

  test('a run that ends leaves its lane', async () => {
    const id = await addRun();
    await db('run_guards').insert({ run_id: id, trigger_id: 'trg_1', cycle: 1, lane_key: 'a' });
    await reconcile('triggerRun', id, { kind: 'terminated' });
    const guards = await db('run_guards').where({ run_id: id }).first();
    expect(guards?.ended_at).toBeInstanceOf(Date);
  });

  test.each([
    [{ kind: 'failed', reason: 'broke' }, 'failed'],
    [{ kind: 'timed_out' }, 'failed'],
    [{ kind: 'terminated' }, 'cancelled'],
    [{ kind: 'cancelled' }, 'cancelled'],
    [{ kind: 'completed', result: {} }, 'completed'],
  ] as const)('an import whose workflow says %o is %s', async (end, state) => {
    const id = makeId('imp');
    await db('imports').insert({
      id,
      tenant_id: 'ten_1',
      source: 'github',
      state: 'pending',
      item_count: 0,
      error_count: 0,
      created_at: new Date(),
      start_after: new Date(),
      started_at: minutesAgo(5),
    });
    expect(await reconcile('importItems', id, end)).toMatchObject({ kind: 'ended', to: state });
    const ended_at = expect.any(Date) as Date;
    expect(await db('imports').where({ id }).first()).toMatchObject({ state, ended_at });
    expect(await audited()).toMatchObject([{ action: 'import.reconcile', subject: id }]);
  });

  test.each([
    [{ kind: 'failed', reason: 'broke' }, 'failed'],
    [{ kind: 'cancelled' }, 'cancelled'],
    [{ kind: 'completed', result: {} }, 'completed'],
  ] as const)('a replay whose workflow says %o is %s', async (end, state) => {
    const id = makeId('rpl');
    const paused = { state: 'paused', paused_at: new Date(), started_at: minutesAgo(5) } as const;
    await db('replays').insert({ id, tenant_id: 'ten_1', filter: '{}', planned: 1, ...paused });
    await reconcile('replay', id, end);
    const row = await db('replays').where({ id }).first();
    expect(row).toMatchObject({ state, paused_at: null, ended_at: expect.any(Date) as Date });
  });

  test('a session whose workflow was terminated is archived, and the world is still to be told', async () => {
    const id = makeId('ses');
    const now = new Date();
    await db('sessions').insert({
      id,
      tenant_id: 'ten_1',
      name: 'work',
      user_id: 'u',
      input: {},
      state: 'active',
      created_at: now,
      last_active_at: now,
      start_after: now,
      started_at: minutesAgo(5),
    });
    expect(await reconcile('session', id, { kind: 'terminated' })).toMatchObject({
      to: 'archived',
    });
    const row = await db('sessions').where({ id }).first();
    expect(row).toMatchObject({ state: 'archived', archived_event_id: null });
  });
});

describe('listOverdue()', () => {
  test('finds what was started a while ago and should be further, and nothing else', async () => {
    const waiting = await addDelivery({ next_attempt_at: minutesAgo(-10) });
    const justDue = await addDelivery({ next_attempt_at: minutesAgo(0.5) });
    const overdue = await addDelivery({ next_attempt_at: minutesAgo(2) });
    const silent = await addDelivery({ state: 'pending' });
    await addDelivery({ started_at: null, state: 'pending' });
    await addDelivery({ started_at: minutesAgo(0.5) });
    await addDelivery({ state: 'delivered' });
    const { rows, next } = await listOverdue(db, 'delivery', '');
    expect(rows.map(({ id }) => id)).toEqual([overdue, silent]);
    expect(next).toBe('');
    expect((await listOverdue(db, 'delivery', overdue)).rows.map(({ id }) => id)).toEqual([silent]);
    expect(waiting < justDue).toBe(true);
  });

  test('goes on where it ended when there are more than one look takes', async () => {
    await db.raw(
      `insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, created_at,
                               start_after, started_at)
       select 'dlv_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') ||
              lpad(to_hex(n), 20, '0'), 'ten_1', 'evt_1', 'x', 'ep_1', 'pending', at, at,
              at - interval '5 minutes'
       from generate_series(1, 1100) n, lateral (select date_trunc('milliseconds', now()) as at) t`,
    );
    const seen: string[] = [];
    let after = '';
    for (const size of [500, 500, 100]) {
      const { rows, next } = await listOverdue(db, 'delivery', after);
      expect(rows).toHaveLength(size);
      seen.push(...rows.map(({ id }) => id));
      after = next;
    }
    expect([new Set(seen).size, after]).toEqual([1100, '']);
  });

  test.each(['delivery', 'triggerRun', 'session', 'replay', 'importItems'] as const)(
    'reads the %s rows that are under way by an index that holds only those',
    async (kind) => {
      const queries: { readonly sql: string; readonly bindings: readonly string[] }[] = [];
      const note = (query: (typeof queries)[number]): void => void queries.push(query);
      db.on('query', note);
      await listOverdue(db, kind, '');
      db.removeListener('query', note);
      const [{ sql, bindings } = { sql: '', bindings: [] }] = queries;
      const plan = await db.transaction(async (tx) => {
        await tx.raw('set local enable_seqscan = off');
        const explained = await tx.raw<{ rows: unknown }>(
          `explain ${sql.replaceAll(/\$\d+/g, '?')}`,
          [...bindings],
        );
        return JSON.stringify(explained.rows);
      });
      expect(plan).toMatch(/Index Scan (?:using|on) (\w+_under_way|deliveries_\w+_id_idx\d*)/);
    },
  );
});

describe('listUnderWay()', () => {
  test('finds the named cycles that have not ended', async () => {
    const found = await addDelivery({ cycle: 3 });
    const ended = await addDelivery({ state: 'dead' });
    const further = await addDelivery({ cycle: 2 });
    const named = [
      { id: found, cycle: 3 },
      { id: ended, cycle: 1 },
      { id: further, cycle: 1 },
      { id: 'dlv_none', cycle: 1 },
    ];
    expect(await listUnderWay(db, 'delivery', named)).toEqual([
      {
        kind: 'delivery',
        id: found,
        tenant_id: 'ten_1',
        cycle: 3,
        state: 'retrying',
        can_linger: true,
      },
    ]);
    const runId = await addRun();
    expect(await listUnderWay(db, 'triggerRun', [{ id: runId, cycle: 1 }])).toHaveLength(1);
    expect(await listUnderWay(db, 'session', [{ id: 'ses_none', cycle: 1 }])).toEqual([]);
  });
});
