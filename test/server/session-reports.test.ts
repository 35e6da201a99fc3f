import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import type { Publish } from '../../src/runtime/publish.ts';
import { sessionReportRoutes } from '../../server/routes/session-reports.ts';
import type { ServedApi } from './served-api.ts';
import {
  entriesOf,
  openSession,
  publishedOf,
  publishFor,
  servePublishing,
} from './served-sessions.ts';

let api: ServedApi;
let other: ServedApi | undefined;
beforeAll(async () => {
  api = await servePublishing();
});
afterAll(async () => {
  await other?.close();
  await api.close();
});

const step = { id: 's1', action: 'read_file', confidence: 0.93 };
const callerOf = ({ tenantId }: ServedApi) =>
  ({
    tenantId,
    actor: 'test',
    scopes: [],
    itemId: '',
    query: {},
    traceparent: null,
    claimId: null,
  }) as const;
const sha256 = (text: string): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('POST /v1/sessions/{id}/steps', () => {
  test('publishes agent.step with all that it says, and keeps it as an entry', async () => {
    const path = await openSession(api);
    const { status, body } = await api.call('POST', `${path}/steps`, { ...step, file: 'a.ts' });
    const data = { action: 'read_file', confidence: 0.93, file: 'a.ts' };
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { number: 1, kind: 'step', id: 's1', data, told_at: null },
    });
    const session_id = path.split('/').at(-1);
    expect(await publishedOf(api, path)).toEqual([['agent.step', { ...data, session_id }]]);
    const event = await api.call('GET', `/v1/events/${String(body['event_id'])}`);
    expect(event.body).toMatchObject({ type: 'agent.step', source: 'platform' });
    expect(await entriesOf(api, path)).toEqual([body]);
  });

  test('repeated under its id it is the same entry and the same event', async () => {
    const path = await openSession(api);
    const first = await api.call('POST', `${path}/steps`, step);
    const again = await api.call('POST', `${path}/steps`, { ...step, confidence: 0.93 });
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(await publishedOf(api, path)).toHaveLength(1);
  });

  test('something else under the same id is refused: one of both would be lost', async () => {
    const path = await openSession(api);
    await api.call('POST', `${path}/steps`, step);
    const { status, body } = await api.call('POST', `${path}/steps`, { ...step, action: 'write' });
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { type: '/problems/report-id-taken' },
    });
  });

  test('a crash between the entry and its event is healed by the repeat, also after the end', async () => {
    const path = await openSession(api);
    const { db } = api;
    let isDown = true;
    const publish: Publish = (publication) => {
      if (isDown) return Promise.reject(new Error('Down'));
      return publishFor(db)(publication);
    };
    const [steps] = sessionReportRoutes({ db, publish, wake: () => undefined });
    const call = { ...callerOf(api), id: path.split('/').at(-1) ?? '', body: step };
    await expect(steps?.run(call)).rejects.toThrow('Down');
    expect(await publishedOf(api, path)).toEqual([]);
    await api.call('POST', `${path}/finish`, { cost: 1 });
    isDown = false;
    await steps?.run(call);
    expect(await publishedOf(api, path)).toHaveLength(1);
    const [entry] = await entriesOf(api, path);
    const event = await api.call('GET', `/v1/events/${String(entry?.['event_id'])}`);
    expect(event.body).toMatchObject({ type: 'agent.step' });
  });

  test('of two that differ under one id at once, the one that is kept is the one published', async () => {
    const path = await openSession(api);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        api.call('POST', `${path}/steps`, { ...step, action: `action-${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [entry] = await entriesOf(api, path);
    const session_id = path.split('/').at(-1);
    const kept: unknown = entry?.['data'];
    expect(await publishedOf(api, path)).toMatchObject([['agent.step', { session_id }]]);
    expect((await publishedOf(api, path))[0]?.[1]).toMatchObject({ ...Object(kept) });
  });

  test.each([
    ['a zero below zero', '{"id": "s1", "action": "read", "confidence": -0}'],
    [
      'a field with the name of one of ours',
      '{"id": "s1", "action": "read", "confidence": 1, "error_event_id": "x"}',
    ],
  ])('takes %s, and its repeat', async (_name, body) => {
    const path = await openSession(api);
    const key = await api.makeKey(['write'], api.tenantId);
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const send = async () => api.fetch(`${path}/steps`, { method: 'POST', headers, body });
    expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
    expect(await publishedOf(api, path)).toHaveLength(1);
  });

  test.each([
    ['no id', { id: undefined }, '/id'],
    ['an empty action', { action: '' }, '/action'],
    ['a confidence above 1', { confidence: 1.01 }, '/confidence'],
    ['a confidence below 0', { confidence: -0.01 }, '/confidence'],
    ['a confidence in words', { confidence: 'high' }, '/confidence'],
  ])('refuses %s and names the field', async (_name, over, pointer) => {
    const path = await openSession(api);
    const { status, body } = await api.call('POST', `${path}/steps`, { ...step, ...over });
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer }]);
    expect(await entriesOf(api, path)).toEqual([]);
    expect((await api.call('POST', `${path}/steps`, step)).status).toBe(200);
  });

  test('the same report at two servers, 50 times at once, is one event', async () => {
    const { db } = api;
    const path = await openSession(api);
    const second = (other ??= await servePublishing(db));
    const key = await api.makeKey(['write'], api.tenantId);
    const init = {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(step),
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? api : second).fetch(`${path}/steps`, init)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(await publishedOf(api, path)).toHaveLength(1);
    expect(await entriesOf(api, path)).toHaveLength(1);
  });

  test('10,000 steps are 10,000 entries in a row, and the session can be finished', async () => {
    const path = await openSession(api);
    const session_id = path.split('/').at(-1) ?? '';
    const { db } = api;
    const publish = publishFor(db);
    const [steps] = sessionReportRoutes({ db, publish, wake: () => undefined });
    const ids = Array.from({ length: 10_000 }, (_, i) => String(i));
    const report = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        await steps?.run({ ...callerOf(api), id: session_id, body: { ...step, id } });
      }
    };
    await Promise.all(Array.from({ length: 200 }, report));
    const finished = await api.call('POST', `${path}/finish`, { cost: 1 });
    expect(finished.body).toMatchObject({ state: 'finished', entry_count: 10_001 });
    const facts = await api
      .db('session_entries')
      .where({ session_id, kind: 'step' })
      .select(api.db.raw('max(number) as last, count(distinct event_id)::integer as events'))
      .first();
    expect(facts).toEqual({ last: 10_000, events: 10_000 });
  }, 300_000);
});

describe('POST /v1/sessions/{id}/tools', () => {
  const call = { id: 't1', tool_name: 'search' };

  test('publishes tool.called with a hash of the arguments, which are kept nowhere', async () => {
    const path = await openSession(api);
    const args = { query: 'the secret', a: 1 };
    const { status, body } = await api.call('POST', `${path}/tools`, { ...call, args });
    expect(status).toBe(200);
    const args_hash = sha256('{"a":1,"query":"the secret"}');
    expect(body).toMatchObject({ kind: 'tool', data: { tool_name: 'search', args_hash } });
    const session_id = path.split('/').at(-1);
    expect(await publishedOf(api, path)).toEqual([
      ['tool.called', { tool_name: 'search', args_hash, session_id }],
    ]);
    const stored = JSON.stringify([await api.db('session_entries'), await api.db('sessions')]);
    expect(stored).not.toContain('the secret');
  });

  test('with an error publishes tool.error too, and a repeat publishes nothing', async () => {
    const path = await openSession(api);
    const failed = { ...call, args_hash: 'sha256:9f86d081', error: 'timeout' };
    const first = await api.call('POST', `${path}/tools`, failed);
    const again = await api.call('POST', `${path}/tools`, failed);
    expect(again).toMatchObject({ status: 200, body: first.body });
    const session_id = path.split('/').at(-1);
    expect(await publishedOf(api, path)).toEqual([
      ['tool.called', { tool_name: 'search', args_hash: 'sha256:9f86d081', session_id }],
      ['tool.error', { tool_name: 'search', error: 'timeout', session_id }],
    ]);
    const { data } = first.body as { data: Record<string, unknown> };
    const event = await api.call('GET', `/v1/events/${String(data['error_event_id'])}`);
    expect(event.body).toMatchObject({ type: 'tool.error' });
  });

  test.each([
    ['neither arguments nor their hash', {}, '/args'],
    ['both', { args: {}, args_hash: 'sha256:00' }, '/args'],
    ['arguments under another name', { args: {}, arguments: { q: 1 } }, '/arguments'],
    ['an empty error', { args: {}, error: '' }, '/error'],
    ['no tool', { args: {}, tool_name: '' }, '/tool_name'],
  ])('refuses %s', async (_name, over, pointer) => {
    const path = await openSession(api);
    const { status, body } = await api.call('POST', `${path}/tools`, { ...call, ...over });
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });
});

describe('POST /v1/sessions/{id}/finish', () => {
  test('takes cost and artifacts once, and has the workflow look', async () => {
    const path = await openSession(api);
    const wakes = api.wakes();
    const result = { cost: 0.42, artifacts: [{ name: 'report.md' }] };
    const { status, body } = await api.call('POST', `${path}/finish`, result);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { ...result, state: 'finished', currency: 'USD', failure: null },
    });
    expect(api.wakes()).toBe(wakes + 1);
    const again = await api.call('POST', `${path}/finish`, { ...result, currency: 'USD' });
    expect(again).toMatchObject({ status: 200, body });
  });

  test.each([
    ['a cost below 0', { cost: -0.01 }, '/cost'],
    ['no cost', {}, '/cost'],
    ['a currency in small letters', { cost: 1, currency: 'usd' }, '/currency'],
    ['a cost above what can be summed', { cost: 1_000_000_001 }, '/cost'],
    ['artifacts that are no list', { cost: 1, artifacts: {} }, '/artifacts'],
    ['more than 1,000 artifacts', { cost: 1, artifacts: Array(1001).fill(0) }, '/artifacts'],
  ])('refuses %s', async (_name, result, pointer) => {
    const path = await openSession(api);
    const { status, body } = await api.call('POST', `${path}/finish`, result);
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer }]);
  });

  test.each([
    ['that are larger than they were sent', 60_000, 422],
    ['of nearly 1 MiB', 45_000, 200],
  ])('artifacts %s: %i numbers, %i', async (_name, count, expected) => {
    const path = await openSession(api);
    const key = await api.makeKey(['write'], api.tenantId);
    const { status } = await api.fetch(`${path}/finish`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: `{"cost": 1, "artifacts": [[${Array(count).fill('1e20').join()}]]}`,
    });
    expect(status).toBe(expected);
  });

  test.each(['finish', 'archive'])('after %s only a repeat is taken', async (verb) => {
    const path = await openSession(api);
    await api.call('POST', `${path}/steps`, step);
    await api.call('POST', `${path}/${verb}`, verb === 'finish' ? { cost: 1 } : undefined);
    expect((await api.call('POST', `${path}/steps`, step)).status).toBe(200);
    const refused = await Promise.all([
      api.call('POST', `${path}/steps`, { ...step, id: 's2' }),
      api.call('POST', `${path}/tools`, { id: 't1', tool_name: 'search', args: {} }),
      api.call('POST', `${path}/finish`, { cost: 2 }),
    ]);
    for (const { status, body } of refused) {
      expect({ status, body }).toMatchObject({
        status: 409,
        body: { type: '/problems/session-ended' },
      });
    }
  });
});
