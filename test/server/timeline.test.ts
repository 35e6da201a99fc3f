import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import type { PlannedRun } from '../../src/domain/trigger.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makePublish } from '../../src/runtime/publish.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { setQuarantined } from '../../src/store/trigger-quarantine.ts';
import { recordTriggerFile, setTriggersGone } from '../../src/store/triggers.ts';
import { definitionWith, onEvents, plannedRun } from '../support/definition.ts';
import { addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

async function addTrigger(name: string, over: object = {}): Promise<string> {
  const id = makeId('trg');
  const { tenantId } = api;
  const file = `${name}.yaml`;
  const said = definitionWith({ name, ...over });
  await recordTriggerFile(api.db, { id, tenantId, name, file, text: name, definition: said });
  return id;
}

async function record(planned: readonly PlannedRun[]): Promise<{ id: string; runIds: string[] }> {
  const receivedAt = new Date();
  const event: Event = {
    id: makeId('evt', receivedAt),
    tenantId: api.tenantId,
    direction: 'inbound',
    source: 'github',
    type: 'push',
    integrationId: null,
    dedupeId: null,
    receivedAt,
    contentType: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{"size": 1}'),
    traceparent: null,
  };
  const { runs } = await makeRecorder(api.db).recordInbound(event, planned);
  return { id: event.id, runIds: runs.map((run) => run.id) };
}

async function emit(key: string): Promise<string> {
  const recorder = makeRecorder(api.db);
  const starter = { start: async () => true, close: async () => undefined };
  const publish = makePublish({ db: api.db, recorder, starter, triggers: { plan: () => [] } });
  const data = { session_id: 's' };
  const { tenantId } = api;
  return (await publish({ tenantId, type: 'session.archived', data, key })).eventId;
}

async function explain(id: string): Promise<Record<string, unknown>> {
  const { status, body, text } = await api.call('GET', `/v1/events/${id}/explain`);
  if (status !== 200) throw new Error(text);
  return body;
}

describe('GET /v1/events/{id}/explain', () => {
  test('tells the way from the request to the last attempt', async () => {
    const url = 'https://consumer.example/hooks';
    const endpoint = { id: makeId('ep'), tenant_id: api.tenantId, url, description: null };
    const secret = { id: makeId('sec'), sealed: Buffer.alloc(1) };
    await recordEndpoint(api.db, { ...endpoint, event_types: ['session.*'] }, secret);
    const trigger = await addTrigger('fires');
    const { id, runIds } = await record([plannedRun({ triggerId: trigger, trigger: 'fires' })]);
    const [runId = ''] = runIds;
    const emitted = await emit(`${runId}-c2-do/session.archived`);
    const delivery = await api.db('deliveries').where({ event_id: emitted }).first();
    await api.db('attempts').insert({
      delivery_id: delivery?.id ?? '',
      delivery_created_at: delivery?.created_at ?? new Date(),
      cycle: 1,
      number: 1,
      started_at: new Date(Date.now() + 1000),
      duration_ms: 12,
      status: 500,
      reason: 'status_500',
      response_headers: {},
      response_body: Buffer.alloc(0),
      retry_after_ms: null,
    });

    const told = await explain(id);
    expect(told).toMatchObject({
      event: { id, source: 'github', body_bytes: 11 },
      verification: { channel: 'github', verified: true },
      caused_by: null,
      triggers: [{ trigger_id: trigger, fired: true, run_id: runId, why: 'fired' }],
      runs: [{ id: runId, emitted: [{ event_id: emitted, type: 'session.archived' }] }],
      deliveries: [
        {
          event_id: emitted,
          endpoint_url: url,
          attempts: [{ number: 1, status: 500, reason: 'status_500' }],
        },
      ],
      is_cut: false,
    });
    const steps = told['steps'] as { kind: string; at: string; title: string }[];
    expect(steps.map(({ kind }) => kind)).toEqual([
      'event',
      'verification',
      'trigger_run',
      'emitted',
      'delivery',
      'attempt',
    ]);
    expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted());
    expect(steps[0]?.title).toBe('Received from github');

    const outbound = await explain(emitted);
    expect(outbound).toMatchObject({
      caused_by: { run_id: runId, event_id: id },
      verification: null,
      triggers: [{ trigger_id: trigger, fired: false, why: 'another source: wants github' }],
      deliveries: [{ id: delivery?.id }],
    });
  });

  test('says of each trigger why it did not fire', async () => {
    const { id } = await record([]);
    await api.db('events').where({ id }).update({ type: 'push' });
    await addTrigger('late');
    await addTrigger('other-source', { on: onEvents('gitlab', ['push']) });
    await addTrigger('other-type', { on: onEvents('github', ['issues']) });
    await addTrigger('false', { when: 'body.size > 1' });
    await addTrigger('failing', { when: 'body.none > 1' });
    await addTrigger('gone');
    const all = await api.db('triggers').whereNot({ name: 'gone' }).select('file');
    const files = all.map(({ file }) => file ?? '');
    await setTriggersGone(api.db, api.tenantId, files);
    const judgements = (await explain(id))['triggers'] as { trigger: string; why: string }[];
    const whys = Object.fromEntries(judgements.map(({ trigger, why }) => [trigger, why]));
    expect(whys).toMatchObject({
      late: 'would fire today: its revision is newer than the event',
      'other-source': 'another source: wants gitlab',
      'other-type': 'another type: wants issues',
      false: 'condition is false: body.size > 1',
      failing: expect.stringMatching(/^condition failed: /) as unknown,
      gone: 'inactive',
    });
    expect(judgements.find(({ trigger }) => trigger === 'false')).toMatchObject({
      decisive: {
        expression: 'body.size > 1',
        offset: 0,
        outcome: 'false',
        values: [{ expression: 'body.size', value: '1' }],
      },
    });
    expect(judgements.find(({ trigger }) => trigger === 'late')).toMatchObject({
      fired: false,
      run_id: null,
      is_current_revision_newer_than_event: true,
    });
  });

  test('names the guard that held a run, and the platform where it holds a trigger', async () => {
    const shadow = await addTrigger('watches', { mode: 'shadow' });
    const slow = await addTrigger('slow', { when: 'body.size > 1' });
    const revision = { id: slow, revision: 1 };
    await setQuarantined(api.db, revision, 'its condition took 312 ms, 50 ms is the limit');
    const planned = plannedRun({ triggerId: shadow, trigger: 'watches', isShadow: true });
    const { id } = await record([planned]);
    expect((await explain(id))['triggers']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          trigger: 'watches',
          fired: false,
          run_id: expect.stringMatching(/^run_/) as unknown,
          why: 'skipped: shadow',
          decisive: null,
        }),
        expect.objectContaining({
          trigger: 'slow',
          why: 'quarantined: its condition took 312 ms, 50 ms is the limit',
        }),
      ]),
    );
  });

  test('what the platform publishes is judged by the triggers on events', async () => {
    const name = 'on-own';
    await addTrigger(name, { on: onEvents('events', ['session.*']), when: 'body.data.a == 1' });
    const body = Buffer.from('{"type": "session.created", "data": {"a": 2}}');
    const out = {
      direction: 'outbound',
      source: 'platform',
      type: 'session.created',
      body,
    } as const;
    const told = await explain(await addEvent(api, out));
    expect(told['triggers']).toContainEqual(
      expect.objectContaining({
        trigger: name,
        why: 'condition is false: body.data.a == 1',
        decisive: expect.objectContaining({
          values: [{ expression: 'body.data.a', value: '2' }],
        }) as unknown,
      }),
    );
  });

  test('what was published through the API says so', async () => {
    const out = { direction: 'outbound', source: 'platform' } as const;
    expect(await explain(await addEvent(api, out))).toMatchObject({ caused_by: 'api', runs: [] });
    const keyed = await addEvent(api, { ...out, dedupe_id: 'ses_1/created' });
    expect(await explain(keyed)).toMatchObject({ caused_by: null });
  });

  test('a body that is nested too deep is judged like any other', async () => {
    const body = Buffer.from('['.repeat(500) + ']'.repeat(500));
    const told = await explain(await addEvent(api, { body }));
    expect(told['triggers']).toContainEqual(
      expect.objectContaining({
        trigger: 'false',
        why: expect.stringMatching(/^condition failed/) as unknown,
      }),
    );
  });

  test('says that it is cut when there is more than it tells', async () => {
    const { id } = await record(
      Array.from({ length: 101 }, () => plannedRun({ triggerId: 'trg_many', trigger: 'fires' })),
    );
    const told = await explain(id);
    expect(told['runs']).toHaveLength(100);
    expect(told['is_cut']).toBe(true);
  });

  test('a condition cannot be asked once the payload is gone', async () => {
    await addTrigger('asks', { on: onEvents('gitea', ['fork']), when: 'body.size > 1' });
    await addTrigger('asks-nothing', { on: onEvents('gitea', ['fork']) });
    const gone = { payload_dropped_at: new Date(), payload_dropped_for: 'request' } as const;
    const body = Buffer.alloc(0);
    const told = await explain(
      await addEvent(api, { source: 'gitea', type: 'fork', body, ...gone }),
    );
    expect(told['triggers']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          trigger: 'asks',
          why: 'condition cannot be asked: the payload of the event is gone',
          decisive: null,
        }),
        expect.objectContaining({
          trigger: 'asks-nothing',
          why: expect.stringMatching(/^would fire today: it was not active then/) as unknown,
        }),
      ]),
    );
  });

  test("another tenant's event is not there", async () => {
    const id = await addEvent(api, { tenant_id: 'ten_other' });
    expect((await api.call('GET', `/v1/events/${id}/explain`)).status).toBe(404);
  });

  test('reads the body only when a condition is to be judged', async () => {
    await addTrigger('judged', { on: onEvents('gitea', ['push']), when: 'body.size > 1' });
    const bodyReads = async (over: object): Promise<number> => {
      const id = await addEvent(api, { body: Buffer.from('{"size": 2}'), ...over });
      let reads = 0;
      const count = ({ sql }: { sql: string }): void => {
        if (/select \*.*from "events"/.test(sql)) reads += 1;
      };
      api.db.on('query', count);
      const told = await explain(id);
      api.db.off('query', count);
      expect(told['event']).toMatchObject({ body_bytes: 11 });
      return reads;
    };
    expect(await bodyReads({ source: 'gitea', type: 'issue' })).toBe(0);
    expect(
      await bodyReads({ source: 'platform', direction: 'outbound', type: 'tool.called' }),
    ).toBe(0);
    expect(await bodyReads({ source: 'gitea', type: 'push' })).toBe(1);
  });
});
