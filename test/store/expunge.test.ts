import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { setAcked } from '../../src/store/acks.ts';
import { attemptsOf, recordAttempts } from '../../src/store/attempts.ts';
import type { AttemptRecord } from '../../src/store/attempts.ts';
import { advanceIdleLines, advanceLine } from '../../src/store/delivery-lines.ts';
import type { AttemptRow, DeliveryRow } from '../../src/store/delivery-tables.ts';
import { expungePayload } from '../../src/store/expunge.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { freshDatabase } from '../support/database.ts';
import { addTo, underWay, waiting } from '../support/delivery-line.ts';

const now = new Date();

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

async function addEvent(): Promise<string> {
  const id = makeId('evt', now);
  await db('events').insert({
    id,
    tenant_id: 'ten_1',
    direction: 'outbound',
    source: 'platform',
    type: 'session.created',
    content_type: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{"secret": true}'),
    received_at: now,
  });
  return id;
}

/** An event and its delivery, whose first attempt is under way unless something else is said. */
async function addSent(
  over: Partial<DeliveryRow> = {},
): Promise<{ readonly eventId: string; readonly id: string }> {
  const eventId = await addEvent();
  const line = { endpoint_id: makeId('ep'), order_key: null };
  const own = { ...underWay, event_id: eventId, started_at: now };
  const [id = ''] = await addTo(db, line, { ...own, ...over });
  return { eventId, id };
}

const expunge = (eventId: string, tx: Knex = db) =>
  tx.transaction((own) => expungePayload(own, { id: eventId, tenantId: 'ten_1', now }));

const attemptRow = (id: string, over: Partial<AttemptRow> = {}): AttemptRow => ({
  ...attemptsOf(id),
  cycle: 1,
  number: 1,
  started_at: now,
  duration_ms: 5,
  status: 500,
  reason: 'status',
  response_headers: { 'x-echo': 'secret' },
  response_body: Buffer.from('secret'),
  retry_after_ms: null,
  ...over,
});

const recordOf = (id: string, over: Partial<AttemptRow> = {}): AttemptRecord => ({
  attempt: attemptRow(id, over),
  endpoint: null,
  state: over.reason === null ? 'delivered' : 'retrying',
  nextAttemptAt: null,
});

const attemptOf = (id: string) => db('attempts').where({ delivery_id: id }).first();
const rowOf = (id: string) => db('deliveries').where({ id }).first();

const pending = Symbol('pending');

/** Whether something still waits after a while. */
const isWaiting = async (work: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([work, new Promise((done) => setTimeout(done, 200, pending))])) === pending;

const empty = { status: 500, response_headers: {}, response_body: Buffer.alloc(0) };

describe('the answer to an attempt that was under way', () => {
  test('is stored empty', async () => {
    const { eventId, id } = await addSent();
    await expunge(eventId);
    await recordAttempts(db, [recordOf(id)]);
    expect(await attemptOf(id)).toMatchObject(empty);
    expect(await rowOf(id)).toMatchObject({ state: 'cancelled', last_reason: 'payload_dropped' });
  });

  test('is stored empty beside one whose event keeps its payload', async () => {
    const [dropped, kept] = [await addSent(), await addSent({ state: 'cancelled' })];
    await expunge(dropped.eventId);
    await recordAttempts(db, [recordOf(kept.id), recordOf(dropped.id)]);
    expect(await attemptOf(dropped.id)).toMatchObject(empty);
    expect((await attemptOf(kept.id))?.response_body.toString()).toBe('secret');
  });

  test.each([
    ['that a person had cancelled', { state: 'cancelled', last_reason: 'operator' }],
    ['of a cycle of before', { state: 'retrying', cycle: 2 }],
  ] as const)('of a delivery %s is stored empty too', async (_, over) => {
    const { eventId, id } = await addSent(over);
    await expunge(eventId);
    await recordAttempts(db, [recordOf(id)]);
    expect(await attemptOf(id)).toMatchObject(empty);
  });

  test.each([{}, { state: 'cancelled', last_reason: 'operator' }] as const)(
    'that is recorded at the same time waits for the expunge: %j',
    async (over) => {
      const { eventId, id } = await addSent(over);
      const tx = await db.transaction();
      await expunge(eventId, tx);
      const recorded = recordAttempts(db, [recordOf(id)]);
      expect(await isWaiting(recorded)).toBe(true);
      await tx.commit();
      await recorded;
      expect(await attemptOf(id)).toMatchObject(empty);
    },
  );

  test.each([{}, { state: 'cancelled', last_reason: 'operator' }] as const)(
    'that was recorded in that moment is waited for: %j',
    async (over) => {
      const { eventId, id } = await addSent(over);
      const tx = await db.transaction();
      await recordAttempts(tx, [recordOf(id)]);
      const expunged = expunge(eventId);
      expect(await isWaiting(expunged)).toBe(true);
      await tx.commit();
      await expunged;
      expect(await attemptOf(id)).toMatchObject(empty);
    },
  );
});

describe('expungePayload()', () => {
  test('tells the workflow of what was under way, and of nothing else', async () => {
    const started = await addSent();
    const parked = await addSent({ state: 'parked', last_reason: 'held' });
    const unstarted = await addSent({ started_at: null });
    for (const { eventId } of [started, parked, unstarted]) await expunge(eventId);
    const ids = [started.id, parked.id, unstarted.id];
    expect(await db('delivery_pokes').whereIn('delivery_id', ids)).toMatchObject([
      { delivery_id: started.id, cycle: 1, after_number: null },
    ]);
  });

  test('ends the wait for an acknowledgement, and drops what a consumer said when it refused one', async () => {
    const { eventId, id } = await addSent({
      state: 'retrying',
      attempt_count: 2,
      last_reason: 'ack_pending',
      next_attempt_at: new Date(Date.now() + 60_000),
    });
    await db('attempts').insert([
      attemptRow(id, { reason: 'ack_refused', ack_detail: 'secret' }),
      attemptRow(id, { number: 2, status: 202, reason: 'ack_pending' }),
    ]);
    await expunge(eventId);
    expect(await db('attempts').where({ delivery_id: id }).orderBy('number')).toMatchObject([
      { reason: 'ack_refused', ack_detail: null, response_body: Buffer.alloc(0) },
      { reason: 'ack_timeout', response_body: Buffer.alloc(0) },
    ]);
    const acked = await setAcked(db, { deliveryId: id, cycle: 1, number: 2 }, null);
    expect(acked).toMatchObject({ kind: 'over', delivery: { last_reason: 'payload_dropped' } });
  });

  test('does not deadlock with an acknowledgement, which locks the delivery before its attempt', async () => {
    const { eventId, id } = await addSent({ state: 'retrying', attempt_count: 1 });
    await db('attempts').insert(attemptRow(id));
    const tx = await db.transaction();
    await tx('deliveries').where({ id }).forUpdate();
    const expunged = expunge(eventId);
    expect(await isWaiting(expunged)).toBe(true);
    await tx('attempts').where({ delivery_id: id }).update({ reason: null });
    await tx.commit();
    await expunged;
    expect(await attemptOf(id)).toMatchObject({ ...empty, reason: null });
  });

  test.each([
    ['is under way', { ...underWay, started_at: now }],
    ['is held back', { state: 'parked', last_reason: 'held' }],
    ['waits in line itself', waiting],
  ] as const)('lets the next of a line go when the first %s', async (_, first) => {
    const eventId = await addEvent();
    const line = { endpoint_id: makeId('ep'), order_key: 'pr/1' };
    const ids = await addTo(db, line, { ...first, event_id: eventId }, waiting);
    await expunge(eventId);
    const { rows } = await advanceIdleLines(db, { after: null, limit: 500 });
    expect(rows.map(({ id }) => id)).toContain(ids[1]);
  });

  test('and the look at its line can come at the same moment, in either order', async () => {
    const eventId = await addEvent();
    const line = { endpoint_id: makeId('ep'), order_key: 'pr/1' };
    const [, second = ''] = await addTo(db, line, { event_id: eventId }, waiting);
    const first = await db.transaction();
    await expunge(eventId, first);
    const looked = advanceLine(db, line);
    expect(await isWaiting(looked)).toBe(true);
    await first.commit();
    // When it had seen the first in line, the next look lets the second go.
    expect((await looked) ?? (await advanceLine(db, line))).toMatchObject({ id: second });
    const other = await addSent({ ...line, is_in_line: true, started_at: null });
    await db('deliveries').where({ id: second }).update({ state: 'delivered' });
    const tx = await db.transaction();
    expect(await advanceLine(tx, line)).toMatchObject({ id: other.id });
    const expunged = expunge(other.eventId);
    expect(await isWaiting(expunged)).toBe(true);
    await tx.commit();
    await expunged;
    expect(await rowOf(other.id)).toMatchObject({ state: 'cancelled' });
  });

  test('takes well within what a query may take for a thousand deliveries of two months', async () => {
    const days = 60;
    await ensurePartitions(db, new Date(now.getTime() - days * 86_400_000), days);
    const eventId = await addEvent();
    const ids = Array.from({ length: 1000 }, (_, index) =>
      makeId('dlv', new Date(now.getTime() - (index % days) * 86_400_000)),
    );
    const rows = ids.map((id) => {
      const at = attemptsOf(id).delivery_created_at;
      return { ...underWay, id, created_at: at, start_after: at, event_id: eventId };
    });
    await addTo(db, { endpoint_id: 'ep_many', order_key: null }, ...rows);
    await db.batchInsert(
      'attempts',
      ids.map((id) => attemptRow(id)),
      500,
    );
    const beganAt = Date.now();
    await expunge(eventId);
    expect(Date.now() - beganAt).toBeLessThan(2000);
    const kept = await db('attempts').whereRaw('delivery_id = any(?)', [ids]);
    expect(new Set(kept.map(({ response_body: body }) => body.length))).toEqual(new Set([0]));
  }, 60_000);
});
