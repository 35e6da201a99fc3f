import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
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

const run = { triggerId: 'trg_1', trigger: 'review', revision: 1, failure: null };

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
});
