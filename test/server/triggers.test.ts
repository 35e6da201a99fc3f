import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  const definition = { description: null, source: 'github', events: ['push'] };
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
      file: 'review.yaml',
      revision: 1,
      is_active: true,
      problem: null,
      description: null,
      source: 'github',
      events: ['push'],
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
