import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { definitionWith } from '../support/definition.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { recordTriggerFile, setTriggerProblem } from '../../src/store/triggers.ts';
import { addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

async function addTrigger(name: string, text: string): Promise<string> {
  const definition = definitionWith({ name });
  const { db, tenantId } = api;
  const file = `${name}.yaml`;
  await recordTriggerFile(db, { id: makeId('trg'), tenantId, name, file, text, definition });
  const row = await db('triggers').where({ name, tenant_id: tenantId }).first();
  return row?.id ?? '';
}

async function runsBy(query: string): Promise<unknown[]> {
  const { body, status, text } = await api.call('GET', `/v1/trigger-runs${query}`);
  if (status !== 200) throw new Error(text);
  return (body['data'] as { id: string }[]).map(({ id }) => id);
}

describe('triggerRoutes()', () => {
  test('shows what a trigger says, and what its runs of the last day came to', async () => {
    const id = await addTrigger('review', 'text 1');
    const at = new Date();
    const old = new Date(at.getTime() - 90_000_000);
    await addRun(api, { trigger_id: id, id: makeId('run', old), created_at: old });
    await addRun(api, { trigger_id: id, state: 'failed' });
    await addRun(api, { trigger_id: id, id: makeId('run', at), created_at: at });
    await addRun(api, { trigger_id: id, tenant_id: 'ten_other' });
    const trigger = {
      id,
      name: 'review',
      origin: 'file',
      file: 'review.yaml',
      revision: 1,
      is_active: true,
      quarantine: null,
      problem: null,
      description: null,
      on: [{ source: 'github', events: ['push'], as: null }],
      join: null,
      action: { kind: 'workflow', name: 'x' },
      dedupe: null,
      debounce: null,
      concurrency: null,
      throttle: null,
      timeout_s: null,
      retry: null,
      mode: 'active',
      created_at: expect.stringMatching(/Z$/) as unknown,
      runs_24h: 2,
      failures_24h: 1,
      last_run_at: expect.stringMatching(/Z$/) as unknown,
    };
    const { body } = await api.call('GET', '/v1/triggers');
    expect(body['data']).toEqual([trigger]);
    const one = await api.call('GET', `/v1/triggers/${id}`);
    expect(one.body).toEqual({ ...trigger, text: 'text 1' });
  });

  test('shows what its definition says of guards, retries and a join, times in seconds', async () => {
    const { db, tenantId } = api;
    const name = 'guarded';
    const definition = definitionWith({
      name,
      on: [
        { source: 'gitlab', events: ['merge_request'], as: 'mr', when: 'body.ok' },
        { source: 'gitlab', events: ['pipeline'], as: 'ci', when: null },
      ],
      join: { by: { mr: 'body.a', ci: 'body.b' }, withinMs: 7_200_000 },
      dedupe: { key: 'body.id', forMs: 86_400_000 },
      debounce: { key: null, forMs: 500 },
      concurrency: { key: 'body.url', limit: 1, onBusy: 'replace' },
      throttle: { key: null, limit: 30, perMs: 60_000 },
      action: { kind: 'forward', url: 'https://example.com', with: null },
      timeoutMs: 1_800_000,
      retry: { attempts: 3, backoffMs: 30_000 },
      mode: 'shadow',
    });
    const id = makeId('trg');
    await recordTriggerFile(db, { id, tenantId, name, file: `${name}.yaml`, text: '', definition });
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({
      on: [
        { source: 'gitlab', events: ['merge_request'], as: 'mr' },
        { source: 'gitlab', events: ['pipeline'], as: 'ci' },
      ],
      join: { by: { mr: 'body.a', ci: 'body.b' }, within_s: 7200 },
      dedupe: { key: 'body.id', for_s: 86_400 },
      debounce: { key: null, for_s: 0.5 },
      concurrency: { key: 'body.url', limit: 1, on_busy: 'replace' },
      throttle: { key: null, limit: 30, per_s: 60 },
      action: { kind: 'forward', url: 'https://example.com' },
      timeout_s: 1800,
      retry: { attempts: 3, backoff_s: 30 },
      mode: 'shadow',
    });
  });

  test('a trigger that never ran and was never good says so', async () => {
    const id = makeId('trg');
    const file = 'z.yaml';
    await setTriggerProblem(api.db, { id, tenantId: api.tenantId, file }, 'z.yaml:1:1: bad');
    expect((await api.call('GET', `/v1/triggers/${id}`)).body).toMatchObject({
      problem: 'z.yaml:1:1: bad',
      runs_24h: 0,
      last_run_at: null,
      text: null,
    });
  });

  test('lists revisions, the newest first, page by page', async () => {
    const id = await addTrigger('often', 'a');
    await addTrigger('often', 'b');
    await addTrigger('often', 'c');
    const first = await api.call('GET', `/v1/triggers/${id}/revisions?limit=2`);
    expect(first.body).toMatchObject({
      data: [
        { revision: 3, text: 'c', is_current: true },
        { revision: 2, text: 'b', is_current: false },
      ],
      next_cursor: '2',
    });
    const next = await api.call('GET', `/v1/triggers/${id}/revisions?limit=2&cursor=2`);
    expect(next.body).toMatchObject({ data: [{ revision: 1, text: 'a' }], next_cursor: null });
    expect((await api.call('GET', `/v1/triggers/${id}/revisions?cursor=x`)).status).toBe(422);
    expect((await api.call('GET', `/v1/triggers/${id}/revisions?limit=51`)).status).toBe(422);
  });

  test("another tenant's trigger is not there", async () => {
    const id = await addTrigger('foreign', 'a');
    const headers = { Authorization: `Bearer ${await api.makeKey(['read'])}` };
    for (const path of [`/v1/triggers/${id}`, `/v1/triggers/${id}/revisions`]) {
      expect((await api.call('GET', path)).status).toBe(200);
      expect((await api.fetch(path, { headers })).status).toBe(404);
    }
  });
});

describe('GET /v1/trigger-runs', () => {
  test('filters by trigger, state, event, time and text', async () => {
    const trigger = await addTrigger('filtered', 'a');
    const at = new Date(Date.now() - 60_000);
    const over = { trigger_id: trigger, trigger: 'filtered' };
    const early = await addRun(api, { ...over, id: makeId('run', at), created_at: at });
    const failed = await addRun(api, { ...over, state: 'failed', event_id: 'evt_f' });
    const by = (query: string): Promise<unknown[]> => runsBy(`?trigger_id=${trigger}${query}`);
    expect(await by('')).toEqual([failed, early]);
    expect(await by('&state=failed')).toEqual([failed]);
    expect(await by('&event_id=evt_f')).toEqual([failed]);
    expect(await by(`&to=${new Date(at.getTime() + 1).toISOString()}`)).toEqual([early]);
    expect(await by(`&from=${new Date(at.getTime() + 1).toISOString()}`)).toEqual([failed]);
    expect(await runsBy(`?text=${early}`)).toEqual([early]);
    expect(await runsBy(`?text=${early.slice(0, 25)}`)).toEqual([early]);
    expect(await runsBy('?text=evt_f')).toEqual([failed]);
    expect(await runsBy('?text=filtered')).toEqual([failed, early]);
    expect(await runsBy('?text=nothing')).toEqual([]);
  });

  test('tells when a run was started and has ended', async () => {
    const id = await addRun(api, { trigger_id: 'trg_told' });
    expect((await api.call('GET', `/v1/trigger-runs/${id}`)).body).toMatchObject({
      trigger_id: 'trg_told',
      started_at: expect.stringMatching(/Z$/) as unknown,
      ended_at: expect.stringMatching(/Z$/) as unknown,
    });
  });
});

describe('GET /v1/trigger-runs/{id}', () => {
  test('tells what holds a run back, and the events of its join', async () => {
    const id = await addRun(api, { state: 'pending', cycle: 2 });
    const at = new Date('2026-01-31T12:00:00Z');
    await api.db('run_guards').insert({
      run_id: id,
      trigger_id: 'trg_1',
      lane_key: 'a',
      join_key: 'j',
      part: 'mr',
      cycle: 2,
      admitted_at: at,
    });
    const slot = { run_id: id, trigger_id: 'trg_1', key: '' };
    await api.db('throttle_slots').insert([
      { ...slot, cycle: 1, go_at: new Date(0) },
      { ...slot, cycle: 2, go_at: at },
    ]);
    await api.db('join_parts').insert({ run_id: id, part: 'ci', event_id: 'evt_ci' });
    expect((await api.call('GET', `/v1/trigger-runs/${id}`)).body).toMatchObject({
      guards: {
        dedupe: null,
        debounce: null,
        concurrency: 'a',
        throttle: null,
        join: 'j',
        part: 'mr',
        join_until: null,
        go_at: at.toISOString(),
        admitted_at: at.toISOString(),
        replaced_by: null,
      },
      parts: [{ part: 'ci', event_id: 'evt_ci' }],
    });
  });

  test('a run that nothing holds has no guards', async () => {
    const id = await addRun(api);
    expect((await api.call('GET', `/v1/trigger-runs/${id}`)).body).toMatchObject({
      guards: null,
      parts: [],
    });
  });
});

describe('POST /v1/trigger-runs/{id}/redrive', () => {
  test('opens the next cycle of a run that has ended, once', async () => {
    const id = await addRun(api, { state: 'failed', reason: 'no' });
    const wakes = api.wakes();
    const redrive = (): ReturnType<ServedApi['call']> =>
      api.call('POST', `/v1/trigger-runs/${id}/redrive`);
    const answers = await Promise.all([redrive(), redrive(), redrive()]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
    expect(answers.find(({ status }) => status === 202)?.body).toMatchObject({
      id,
      state: 'pending',
      cycle: 2,
      workflow_id: `${id}-c2`,
      reason: null,
    });
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      type: '/problems/run-not-ended',
    });
    expect(api.wakes()).toBe(wakes + 1);
    const audit = await api.db('audit_log').where({ subject: id });
    expect(audit).toMatchObject([
      { action: 'trigger_run.redrive', tenant_id: api.tenantId, detail: { cycle: 2 } },
    ]);
  });

  test.each(['pending', 'running'] as const)('refuses one that is %s', async (state) => {
    const id = await addRun(api, { state });
    const { status, body } = await api.call('POST', `/v1/trigger-runs/${id}/redrive`);
    expect([status, body['detail']]).toEqual([409, `Trigger run "${id}" is ${state}`]);
    expect(await api.db('audit_log').where({ subject: id })).toEqual([]);
  });

  test("another tenant's run is not there", async () => {
    const id = await addRun(api, { tenant_id: 'ten_other' });
    expect((await api.call('POST', `/v1/trigger-runs/${id}/redrive`)).status).toBe(404);
  });
});
