import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { findDepth } from '../../src/store/event-depth.ts';
import { findEventHead } from '../../src/store/events.ts';
import { plannedRun } from '../support/definition.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.destroy());

function makeEvent(change: Partial<Event> = {}): Event {
  const receivedAt = new Date();
  return {
    id: makeId('evt', receivedAt),
    tenantId: 'ten_1',
    direction: 'inbound',
    source: 'github',
    type: 'push',
    integrationId: 'int_1',
    dedupeId: null,
    receivedAt,
    contentType: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{}'),
    traceparent: null,
    ...change,
  };
}

const run = plannedRun();

const guards = {
  dedupe: 'acme/x@f',
  debounce: null,
  concurrency: '',
  throttle: 'ten_1',
  join: null,
  part: null,
};

describe('recordEvents()', () => {
  test('of fifty arrivals at once with one delivery id, one is accepted and plans its run', async () => {
    const recorder = makeRecorder(db);
    const arrivals = Array.from({ length: 50 }, () => makeEvent({ dedupeId: 'same' }));
    const committed = await Promise.all(
      arrivals.map((event) => recorder.recordInbound(event, [run])),
    );
    const accepted = committed.filter(({ outcome }) => outcome.kind === 'accepted');
    expect(accepted).toHaveLength(1);
    expect(new Set(committed.map(({ outcome }) => outcome.eventId)).size).toBe(1);
    const eventId = accepted[0]?.outcome.eventId ?? '';
    expect(await db('trigger_runs').where({ event_id: eventId })).toHaveLength(1);
  });

  test('one that comes again later leaves nothing but the first and its work', async () => {
    const recorder = makeRecorder(db);
    const first = makeEvent({ dedupeId: 'again' });
    await recorder.recordInbound(first, [run]);
    const second = makeEvent({ dedupeId: 'again' });
    const planned = [run, plannedRun({ failure: 'when: no such field' }), { ...run, guards }];
    expect(await recorder.recordInbound(second, planned)).toEqual({
      outcome: { kind: 'duplicate', eventId: first.id },
      runs: [],
      deliveries: [],
    });
    const [runs, failures] = ['trigger_runs', 'failed_cycles'].map((table) =>
      db(table).whereIn('event_id', [first.id, second.id]),
    );
    expect(await runs).toMatchObject([{ event_id: first.id }]);
    expect(await failures).toEqual([]);
  });

  test('of two at once with one id and one key, one is accepted and has work to be started', async () => {
    const recorder = makeRecorder(db);
    const event = makeEvent({ direction: 'outbound', dedupeId: 'ses_1/step/1' });
    const committed = await Promise.all(
      [1, 2].map(() => recorder.recordOutbound(event, [], [run])),
    );
    expect(committed.map(({ outcome, runs }) => [outcome.kind, runs.length])).toEqual([
      ['accepted', 1],
      ['duplicate', 0],
    ]);
    expect(await db('trigger_runs').where({ event_id: event.id })).toHaveLength(1);
  });

  test('a bad row fails alone, the others of its batch are written', async () => {
    const recorder = makeRecorder(db);
    const bad = makeEvent({ type: 'a NUL: \0' });
    const results = await Promise.allSettled(
      [makeEvent(), bad, makeEvent()].map((event) => recorder.recordInbound(event, [])),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('a run whose condition has no value is born failed, and is a dead letter', async () => {
    const event = makeEvent();
    const failed = { ...run, failure: 'when: no such field' };
    const { runs } = await makeRecorder(db).recordInbound(event, [failed]);
    expect(runs).toEqual([]);
    expect(await db('dead_letters').where({ event_id: event.id })).toMatchObject([
      { kind: 'trigger_run', trigger: 'review', reason: 'when: no such field', state: 'open' },
    ]);
  });

  test('a guarded run is written with its keys, and only once', async () => {
    const recorder = makeRecorder(db);
    const events = [makeEvent({ dedupeId: 'guarded' }), makeEvent({ dedupeId: 'guarded' })];
    const committed = await Promise.all(
      events.map((event) => recorder.recordInbound(event, [{ ...run, guards }, run])),
    );
    const runs = committed.flatMap((each) => each.runs);
    expect(runs.map((row) => row.is_guarded)).toEqual([true, false]);
    const ids = (
      await db('trigger_runs').whereIn(
        'event_id',
        events.map(({ id }) => id),
      )
    ).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(await db('run_guards').whereIn('run_id', ids)).toMatchObject([
      {
        run_id: runs[0]?.id,
        trigger_id: 'trg_1',
        dedupe_key: 'acme/x@f',
        debounce_key: null,
        lane_key: '',
        throttle_key: 'ten_1',
        join_key: null,
        cycle: 1,
        ended_at: null,
      },
    ]);
  });

  test.each([
    ['of a trigger that only watches is born skipped', { isShadow: true }, 'skipped', 'shadow'],
    ['that can not be evaluated is born failed', { failure: 'when: no' }, 'failed', 'when: no'],
    [
      'of a trigger that only watches and can not be evaluated is born failed',
      { isShadow: true, failure: 'when: no' },
      'failed',
      'when: no',
    ],
  ])('a run %s, ended, and held by nothing', async (...[, change, state, reason]) => {
    const event = makeEvent();
    const planned = { ...run, guards, ...change };
    expect((await makeRecorder(db).recordInbound(event, [planned])).runs).toEqual([]);
    const [row] = await db('trigger_runs').where({ event_id: event.id });
    expect(row).toMatchObject({ state, reason, is_guarded: false, ended_at: event.receivedAt });
    expect(await db('run_guards').where({ run_id: row?.id ?? '' })).toEqual([]);
  });

  test('an event keeps its depth, and what its run emits is one deeper', async () => {
    const event = makeEvent({ depth: 3 });
    const { runs } = await makeRecorder(db).recordInbound(event, [run]);
    const [{ id } = { id: '' }] = runs;
    expect((await findEventHead(db, event.id, 'ten_1'))?.depth).toBe(3);
    expect(await findDepth(db, `${id}-c2-do/custom.a`)).toBe(4);
    expect(await findDepth(db, 'mine/custom.a')).toBe(0);
    expect(await findDepth(db, `run_${'0'.repeat(32)}/custom.a`)).toBe(0);
  });
});
