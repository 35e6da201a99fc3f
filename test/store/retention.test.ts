import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { listRetainedDays } from '../../src/store/retained-days.ts';
import type { FailedCycleRow } from '../../src/store/tables.ts';
import { addDelivery, addRun } from '../server/rows.ts';
import { serveApi } from '../server/served-api.ts';
import type { ServedApi } from '../server/served-api.ts';
import { addStored, dayMs, daysAgo, now, pass, retainNow } from './retained-rows.ts';

let api: ServedApi;
let db: Knex;
beforeEach(async () => {
  api = await serveApi();
  ({ db } = api);
});
afterEach(async () => api.close());

const store = async (days: number, state?: 'delivered' | 'parked') =>
  addStored(api, daysAgo(days), state);

async function addLetter(subject_id: string, over: Partial<FailedCycleRow>): Promise<void> {
  await db('failed_cycles').insert({
    id: subject_id,
    tenant_id: api.tenantId,
    kind: 'delivery',
    subject_id,
    cycle: 1,
    event_id: 'evt_1',
    event_type: 'session.created',
    endpoint_id: 'ep_1',
    reason: 'status 500',
    died_at: now,
    state: 'open',
    ...over,
  });
}

/** A run on an event of the day before that has joined another event. */
async function addJoin(partEventId: string, state: 'running' | 'failed'): Promise<string> {
  const created_at = daysAgo(93);
  const event_id = makeId('evt', created_at);
  const id = await addRun(api, { event_id, created_at, start_after: created_at, state });
  await db('join_parts').insert({ run_id: id, part: 'second', event_id: partEventId });
  return id;
}

/** A session of today with an event that it is still to be told of. */
async function addSession(event_id: string): Promise<void> {
  const id = makeId('ses', now);
  await db('sessions').insert({
    id,
    tenant_id: api.tenantId,
    name: 'work',
    user_id: 'u',
    input: {},
    state: 'active',
    created_at: now,
    last_active_at: now,
    start_after: now,
  });
  const entry = { session_id: id, number: 1, kind: 'event' as const, event_id };
  await db('session_entries').insert({ ...entry, data: {}, at: now });
}

/** A paused replay of the time between so many days ago. */
async function addReplay(from: number, to: number): Promise<string> {
  const id = makeId('rpl', now);
  const filter = { from: daysAgo(from).toISOString(), to: daysAgo(to).toISOString() };
  const own = { id, tenant_id: api.tenantId, filter: JSON.stringify(filter), planned: 1 };
  await db('replays').insert({ ...own, state: 'paused', paused_at: now });
  return id;
}

const eventOf = (id: string) => db('events').where({ id }).first();

describe('retain()', () => {
  test('drops the payloads of a day after 30 days and keeps what happened', async () => {
    const old = await store(32);
    const young = await store(29);
    await pass(db);
    expect(await eventOf(old.eventId)).toMatchObject({
      id: old.eventId,
      body: Buffer.alloc(0),
      headers: {},
      payload_dropped_for: 'age',
    });
    expect(await db('attempts').where({ delivery_id: old.id }).first()).toMatchObject({
      status: 200,
      response_body: Buffer.alloc(0),
      ack_detail: null,
    });
    expect((await eventOf(young.eventId))?.body.length).toBeGreaterThan(0);
    const days = await listRetainedDays(db);
    expect(days.filter((day) => day.arePayloadsDropped)).toHaveLength(1);
  });

  test('a day whose payloads are gone is found by the same indexes, and takes rows as before', async () => {
    const { eventId } = await store(32);
    await pass(db);
    const answer = await api.call('GET', `/v1/events/${eventId}`);
    expect(answer.body).toMatchObject({ id: eventId, body_bytes: 0, payload_dropped_for: 'age' });
    const { rows } = await db.raw<{ rows: { indexes: number; are_valid: boolean }[] }>(
      `select count(*)::integer as indexes, bool_and(indisvalid) as are_valid
       from pg_index i join pg_inherits h on h.inhrelid = i.indrelid
       where h.inhparent = 'events'::regclass group by i.indrelid`,
    );
    expect(new Set(rows.map(({ indexes }) => indexes)).size).toBe(1);
    expect(rows.every((row) => row.are_valid)).toBe(true);
    const again = await store(32);
    expect(await eventOf(again.eventId)).toMatchObject({ payload_dropped_at: null });
  });

  test('drops a whole day after 90 days', async () => {
    const { eventId, id } = await store(92);
    await store(1);
    await pass(db);
    expect(await eventOf(eventId)).toBeUndefined();
    expect(await db('deliveries').where({ id }).first()).toBeUndefined();
    expect(await db('attempts').where({ delivery_id: id }).first()).toBeUndefined();
    expect((await listRetainedDays(db))[0]?.startsAt.getTime()).toBeGreaterThan(
      daysAgo(3).getTime(),
    );
  });

  test.each([
    ['a delivery that is parked', async () => store(92, 'parked')],
    [
      'an open dead letter',
      async () => {
        const stored = await store(92);
        await db('failed_cycles').insert({
          id: stored.id,
          tenant_id: api.tenantId,
          kind: 'delivery',
          subject_id: stored.id,
          cycle: 1,
          event_id: stored.eventId,
          event_type: 'session.created',
          endpoint_id: 'ep_1',
          reason: 'status 500',
          died_at: daysAgo(92),
          state: 'open',
        });
        return stored;
      },
    ],
    [
      'a delivery of today that a replay made of its event',
      async () => {
        const stored = await store(92);
        await addDelivery(api, { event_id: stored.eventId, state: 'retrying' });
        return stored;
      },
    ],
    [
      'the dead letter of a delivery that a replay made of an older event',
      async () => {
        const stored = await store(92);
        await addLetter(stored.id, { event_id: makeId('evt', daysAgo(95)) });
        return stored;
      },
    ],
    [
      'a part of a join that began the day before',
      async () => {
        const stored = await store(92);
        const runId = await addJoin(stored.eventId, 'running');
        expect(await db('join_parts').where({ run_id: runId })).toHaveLength(1);
        return stored;
      },
    ],
    [
      'a part of a join that has failed',
      async () => {
        const stored = await store(92);
        const runId = await addJoin(stored.eventId, 'failed');
        const letter = { kind: 'trigger_run', event_id: makeId('evt', daysAgo(93)) } as const;
        await addLetter(runId, letter);
        return stored;
      },
    ],
    [
      'an event that a session is still to be told of',
      async () => {
        const stored = await store(92);
        await addSession(stored.eventId);
        return stored;
      },
    ],
    [
      'what a replay that is paused is about',
      async () => {
        const stored = await store(92);
        await addReplay(93, 91);
        return stored;
      },
    ],
  ])('keeps a day of which %s is left, until it is settled', async (_, arrange) => {
    const { eventId } = await arrange();
    await pass(db);
    expect((await eventOf(eventId))?.body.length).toBeGreaterThan(0);
    await db('deliveries').update({ state: 'cancelled' });
    await db('failed_cycles').update({ state: 'discarded' });
    await db('trigger_runs').update({ state: 'cancelled' });
    await db('session_entries').update({ told_at: now });
    await db('replays').update({ state: 'cancelled', ended_at: now });
    await pass(db);
    expect(await eventOf(eventId)).toBeUndefined();
  });

  test.each([
    ['another day', 95, 93],
    ['this day, which has ended', 93, 91],
  ])('a day is not kept for a replay of %s', async (what, from, to) => {
    const { eventId } = await store(92);
    const id = await addReplay(from, to);
    if (what !== 'another day') await db('replays').where({ id }).update({ state: 'completed' });
    await pass(db);
    expect(await eventOf(eventId)).toBeUndefined();
  });

  test('a settled dead letter stays as long as its delivery', async () => {
    const { id, eventId } = await store(92, 'parked');
    await addLetter(id, { event_id: eventId, state: 'discarded' });
    await pass(db);
    expect(await db('failed_cycles').where({ subject_id: id })).toHaveLength(1);
    await db('deliveries').where({ id }).update({ state: 'dead' });
    await pass(db);
    expect(await db('failed_cycles').where({ subject_id: id })).toEqual([]);
  });

  test.each([
    ['of an hour ago', new Date(now.getTime() - 3_600_000), 1],
    ['of four days ago', daysAgo(4), 0],
    ['that holds for ever', 'infinity', 0],
  ] as const)(
    'however short events are kept, a key %s is kept for 72 hours',
    async (_, at, left) => {
      const key = { owner: 'int_1', dedupe_id: 'a', event_id: makeId('evt', daysAgo(92)) };
      await db('dedupe_keys').insert({ ...key, accepted_at: at as Date });
      await pass(db);
      expect(await db('dedupe_keys').where({ dedupe_id: 'a' })).toHaveLength(left);
    },
  );

  test('runs stay as long as the day of their event: to its end, and while it is held', async () => {
    const due = new Date(Math.floor(daysAgo(90).getTime() / dayMs) * dayMs);
    const cases = { young: due, held: daysAgo(93), old: daysAgo(95) };
    await addStored(api, cases.young);
    await addStored(api, cases.held, 'parked');
    const runs: Record<string, string> = {};
    for (const [name, created_at] of Object.entries(cases)) {
      const event_id = makeId('evt', created_at);
      runs[name] = await addRun(api, { event_id, created_at, state: 'succeeded' });
    }
    await pass(db);
    expect(await db('trigger_runs').orderBy('event_id').pluck('id')).toEqual([
      runs['held'],
      runs['young'],
    ]);
    await db('deliveries').update({ state: 'cancelled' });
    await pass(db);
    expect(await db('trigger_runs').pluck('id')).toEqual([runs['young']]);
  });

  test('does nothing within an hour of the pass before', async () => {
    await pass(db);
    const { eventId } = await store(92);
    await retainNow(db);
    expect(await eventOf(eventId)).toBeDefined();
  });
});
