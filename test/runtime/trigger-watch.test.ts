import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makePublish } from '../../src/runtime/publish.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { watchTriggers } from '../../src/runtime/trigger-watch.ts';
import type { TriggerWatch } from '../../src/runtime/trigger-watch.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { listTriggers, recordTriggerFile } from '../../src/store/triggers.ts';
import { definitionWith, onEvents } from '../support/definition.ts';
import { freshDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
/** Each look at the clock is as much later. */
const clock = { stepMs: 0 };
let atMs = 0;

let db: Knex;
let tenantId: string;
let watch: TriggerWatch;
beforeAll(async () => {
  db = await freshDatabase();
  tenantId = (await ensureTenant(db, 'default', makeId('ten'))).id;
  watch = await watchTriggers(db, log, () => (atMs += clock.stepMs));
});
afterAll(async () => {
  watch.close();
  await db.destroy();
});

beforeEach(async () => {
  clock.stepMs = 0;
  await db('trigger_revisions').del();
  await db('triggers').del();
});

async function record(definition: Partial<TriggerDefinition>, text: string): Promise<void> {
  const said = definitionWith(definition);
  const { name } = said;
  const file = `${name}.yaml`;
  await recordTriggerFile(db, { id: makeId('trg'), tenantId, name, file, text, definition: said });
}

async function save(definition: Partial<TriggerDefinition>, text: string): Promise<void> {
  await record(definition, text);
  await watch.reload();
}

function arrival(): Event {
  const receivedAt = new Date();
  return {
    id: makeId('evt', receivedAt),
    tenantId,
    direction: 'inbound',
    source: 'github',
    type: 'push',
    integrationId: null,
    dedupeId: null,
    receivedAt,
    contentType: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{"ok": true}'),
    traceparent: null,
  };
}

describe('watchTriggers()', () => {
  test('events meet what is committed once a reload has returned', async () => {
    expect(watch.plan(arrival(), null)).toEqual([]);
    await save({}, 'one');
    expect(watch.plan(arrival(), null)).toMatchObject([{ trigger: 'review', revision: 1 }]);
    await save({}, 'two');
    expect(watch.plan(arrival(), null)).toMatchObject([{ revision: 2 }]);
  });

  test('a trigger that takes too long is held until its next revision', async () => {
    await save({ when: 'body.ok' }, 'slow');
    clock.stepMs = 1200;
    expect(watch.plan(arrival(), null)).toHaveLength(1); // This event still has its run.
    clock.stepMs = 0;
    expect(watch.plan(arrival(), null)).toEqual([]);
    const quarantine = 'its condition took 1200 ms, 50 ms is the limit';
    await vi.waitFor(async () => {
      expect(await listTriggers(db, tenantId)).toMatchObject([{ quarantine }]);
    }, 30_000);
    await watch.reload();
    expect(watch.plan(arrival(), null)).toEqual([]);
    await save({ when: 'body.ok' }, 'faster');
    expect(await listTriggers(db, tenantId)).toMatchObject([{ quarantine: null }]);
    expect(watch.plan(arrival(), null)).toHaveLength(1);
  });
});

test.each([['null'], ['{}'], ['{"on": [{"source": "github", "events": [7]}]}']])(
  'a stored definition that is %s is held, and stops no other trigger',
  async (definition) => {
    await record({ name: 'broken' }, 'one');
    await db('trigger_revisions').update({ definition });
    await save({}, 'two');
    expect(watch.plan(arrival(), null)).toMatchObject([{ trigger: 'review' }]);
    const quarantine = 'what it says can not be read: save it again';
    await vi.waitFor(async () => {
      expect(await listTriggers(db, tenantId)).toMatchObject([
        { quarantine },
        { quarantine: null },
      ]);
    }, 30_000);
  },
);

describe('what the platform publishes', () => {
  const started: unknown[] = [];

  async function publish(type: string, depth?: number): Promise<string> {
    const starter = {
      start: async (work: unknown) => started.push(work) > 0,
      close: async () => undefined,
    };
    const publishing = makePublish({ db, recorder: makeRecorder(db), starter, triggers: watch });
    const data = { a: 1 };
    const published = { tenantId, type, data, ...(depth === undefined ? {} : { depth }) };
    return (await publishing(published)).eventId;
  }

  beforeEach(() => save({ on: onEvents('events', ['custom.*']), when: 'body.data.a == 1' }, 'own'));

  test('starts the triggers on events', async () => {
    const event_id = await publish('custom.made');
    const rows = await db('trigger_runs').where({ event_id });
    expect(rows).toMatchObject([{ trigger: 'review', state: 'pending' }]);
    expect(started).toContainEqual(
      expect.objectContaining({ runs: [expect.objectContaining({ id: rows[0]?.id })] as unknown }),
    );
  });

  test('starts nothing once it is too deep in a chain, and says so', async () => {
    const event_id = await publish('custom.made', 9);
    expect(await db('events').where({ id: event_id })).toMatchObject([{ depth: 9 }]);
    expect(await db('trigger_runs').where({ event_id })).toMatchObject([
      { state: 'failed', reason: expect.stringMatching(/^loop: 9 events/) as unknown },
    ]);
  });

  test('starts no trigger of a channel', async () => {
    await save({ on: onEvents('github', ['*']) }, 'channel');
    const event_id = await publish('custom.made');
    expect(await db('trigger_runs').where({ event_id })).toEqual([]);
  });
});
