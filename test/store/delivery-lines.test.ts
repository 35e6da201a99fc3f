import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openNextCycle } from '../../src/store/cycles.ts';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { advanceIdleLines, advanceLine, advanceLines } from '../../src/store/delivery-lines.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { claimUnstarted } from '../../src/store/starts.ts';
import { freshDatabase } from '../support/database.ts';
import { addLine, addTo, underWay, waiting } from '../support/delivery-line.ts';
import { pagesReadBy } from './pages-read.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

async function stateOf(id: string): Promise<Partial<DeliveryRow> | undefined> {
  return db('deliveries').where({ id }).first('state', 'is_in_line', 'cycle');
}

describe('advanceLine()', () => {
  test('lets the oldest go, once', async () => {
    const { line, ids } = await addLine(db, waiting, waiting);
    expect(await advanceLine(db, line)).toMatchObject({ id: ids[0], is_in_line: false });
    expect(await advanceLine(db, line)).toBeUndefined();
    expect(await stateOf(ids[1] ?? '')).toEqual({ state: 'pending', is_in_line: true, cycle: 1 });
  });

  test.each([
    { first: underWay, goes: false },
    { first: { state: 'retrying' }, goes: false },
    { first: { state: 'parked' }, goes: false },
    { first: { state: 'parked', is_in_line: true }, goes: false },
    { first: { state: 'delivered' }, goes: true },
    { first: { state: 'dead' }, goes: true },
    { first: { state: 'cancelled', is_in_line: true }, goes: true },
    { first: { state: 'skipped' }, goes: true },
  ] as const)('behind one that is $first.state the next goes: $goes', async ({ first, goes }) => {
    const { line, ids } = await addLine(db, first, waiting);
    expect((await advanceLine(db, line))?.id).toBe(goes ? ids[1] : undefined);
  });

  test('one that was parked behind it keeps nobody waiting', async () => {
    const { line, ids } = await addLine(db, waiting, { state: 'parked' }, waiting);
    expect((await advanceLine(db, line))?.id).toBe(ids[0]);
    await db('deliveries')
      .where({ id: ids[0] ?? '' })
      .update({ state: 'delivered' });
    expect(await advanceLine(db, line)).toBeUndefined();
  });

  test('a retrying one keeps its key only, and its endpoint only', async () => {
    const { line } = await addLine(db, { state: 'retrying' }, waiting);
    const otherKey = { ...line, order_key: 'pr/2' };
    const [other] = await addTo(db, otherKey, waiting);
    expect(await advanceLine(db, line)).toBeUndefined();
    expect((await advanceLine(db, otherKey))?.id).toBe(other);
    const elsewhere = { ...line, endpoint_id: 'ep_elsewhere' };
    const [there] = await addTo(db, elsewhere, waiting);
    expect((await advanceLine(db, elsewhere))?.id).toBe(there);
  });

  test('of many that ask at once one gets it, and of ten none is started twice or at the same time', async () => {
    const { line, ids } = await addLine(db, ...Array.from({ length: 10 }, () => waiting));
    const gone: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const rows = await Promise.all(Array.from({ length: 8 }, () => advanceLine(db, line)));
      const went = rows.filter((row) => row !== undefined);
      expect(went).toHaveLength(1);
      gone.push(...went.map(({ id }) => id));
      await db('deliveries').whereIn('id', gone).update({ state: 'delivered' });
    }
    expect(gone).toEqual(ids);
  });

  test('an older one that gets in line at that moment does not go beside it', async () => {
    const { line, ids } = await addLine(db, { state: 'dead' }, waiting);
    const first = await db.transaction();
    expect(await advanceLine(first, line)).toMatchObject({ id: ids[1] });
    await openNextCycle(db, { id: ids[0] ?? '', from: 1 });
    const second = advanceLine(db, line);
    await vi.waitFor(async () => {
      const waits = await db('pg_locks')
        .where({ locktype: 'advisory', granted: false })
        .whereRaw('database = (select oid from pg_database where datname = current_database())');
      expect(waits).toHaveLength(1);
    }, 30_000);
    await first.commit();
    expect(await second).toBeUndefined();
  });

  test('who lets go and dies leaves it to the sweeper when its lease is over', async () => {
    const { line, ids } = await addLine(db, waiting, waiting);
    await advanceLine(db, line);
    expect(await claimedIds()).not.toContain(ids[0]);
    await db('deliveries').whereIn('id', ids).update({ start_after: new Date() });
    const claimed = await claimedIds();
    expect(claimed).toContain(ids[0]);
    expect(claimed).not.toContain(ids[1]);
  });

  async function claimedIds(): Promise<string[]> {
    return (await claimUnstarted(db)).deliveries.map(({ id }) => id);
  }
});

describe('openNextCycle()', () => {
  test('one that is redriven gets in line, before younger ones that wait', async () => {
    const { line, ids } = await addLine(db, underWay, underWay, waiting);
    const [old = '', current = ''] = ids;
    await recordDeadDelivery(db, { id: old, cycle: 1 }, 'status 500');
    expect(await openNextCycle(db, { id: old, from: 1 })).toBe(2);
    expect(await stateOf(old)).toEqual({ state: 'pending', is_in_line: true, cycle: 2 });
    expect(await advanceLine(db, line)).toBeUndefined();
    await db('deliveries').where({ id: current }).update({ state: 'delivered' });
    expect(await advanceLine(db, line)).toMatchObject({ id: old, cycle: 2 });
  });

  test('one without a key is in no line', async () => {
    const [id = ''] = await addTo(
      db,
      { endpoint_id: 'ep_free', order_key: null },
      { state: 'dead' },
    );
    await openNextCycle(db, { id, from: 1 });
    expect(await stateOf(id)).toEqual({ state: 'pending', is_in_line: false, cycle: 2 });
  });
});

describe('advanceLines()', () => {
  test('asks once for all, and goes into those where nothing is under way', async () => {
    const idle = await addLine(db, waiting);
    const busy = await addLine(db, underWay, waiting);
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }): unknown => statements.push(sql);
    expect(await advanceLines(db, [busy.line, idle.line, idle.line])).toMatchObject([
      { id: idle.ids[0] },
    ]);
    db.on('query', note);
    expect(await advanceLines(db, [busy.line, idle.line])).toEqual([]);
    db.off('query', note);
    expect(statements).toHaveLength(1);
  });
});

describe('advanceIdleLines()', () => {
  test('finds each line that nobody advanced, page by page, and leaves alone those that go on', async () => {
    await db('deliveries').del();
    const lines = [];
    for (let n = 0; n < 7; n += 1) lines.push(await addLine(db, waiting, waiting));
    const busy = await addLine(db, { state: 'retrying' }, waiting);
    const held = await addLine(db, { state: 'parked' }, waiting);
    const found: string[] = [];
    let after: Parameters<typeof advanceIdleLines>[1]['after'] = null;
    let looks = 0;
    do {
      const { rows, last } = await advanceIdleLines(db, { after, limit: 2 });
      found.push(...rows.map(({ id }) => id));
      after = last;
      looks += 1;
    } while (after !== null);
    expect(new Set(found)).toEqual(new Set(lines.map(({ ids }) => ids[0])));
    expect(found).toHaveLength(7);
    expect(looks).toBe(5); // Nine lines.
    for (const { ids } of [busy, held]) {
      expect(await stateOf(ids[1] ?? '')).toMatchObject({ is_in_line: true });
    }
  });

  test('a line costs the same with 100,000 in it', async () => {
    await db('deliveries').del();
    for (let first = 1; first < 100_000; first += 10_000) {
      await db.raw(
        `insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, created_at,
           start_after, order_key, is_in_line)
         select 'dlv_' || lpad(to_hex(n), 32, '0'), 'ten_1', 'evt_1', 'session.created', 'ep_many',
           'pending', now(), now(), 'k', n > 1
         from generate_series(cast(:first as integer), cast(:first as integer) + 9999) as n`,
        { first },
      );
    }
    const line = { endpoint_id: 'ep_many', order_key: 'k' };
    const { line: other } = await addLine(db, waiting);
    await db.raw('analyze deliveries');
    expect(await pagesReadBy(db, (tx) => advanceLines(tx, [line]))).toBeLessThan(100);
    expect(await pagesReadBy(db, (tx) => advanceLine(tx, line))).toBeLessThan(100);
    const look = (tx: Knex) => advanceIdleLines(tx, { after: null, limit: 500 });
    expect(await pagesReadBy(db, look)).toBeLessThan(300);
    await db('deliveries').where({ state: 'pending', is_in_line: false }).update({
      state: 'delivered',
    });
    expect(await pagesReadBy(db, (tx) => advanceLine(tx, line))).toBeLessThan(100);
    expect((await look(db)).rows.map(({ endpoint_id }) => endpoint_id).toSorted()).toEqual(
      ['ep_many', other.endpoint_id].toSorted(),
    );
  });
});
