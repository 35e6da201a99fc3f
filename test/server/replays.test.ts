import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { listReplayPage } from '../../src/store/replay-selection.ts';
import { setReplayCompleted } from '../../src/store/replays.ts';
import { setReplayStarted } from '../../src/store/starts.ts';
import type { TriggerRow } from '../../src/store/tables.ts';
import { addDelivered, frame, nextMoment, openOne, start, startOver } from './replay-rows.ts';
import { addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('POST /v1/replays', () => {
  test('a dry run says how many, of which types, how long, and shows the newest ten', async () => {
    const ids = await addDelivered(api, { endpoint: 'ep_dry', count: 11 });
    await addDelivered(
      api,
      { endpoint: 'ep_dry', count: 1 },
      { state: 'dead', event_type: 'tool.called' },
    );
    await addDelivered(api, { endpoint: 'ep_dry', count: 1 }, { state: 'retrying' });
    const wakes = api.wakes();
    const { status, body } = await start(api, 'ep_dry', { dry_run: true, rate: 5 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      planned: 12,
      estimated_s: 3,
      per_type: [
        { event_type: 'session.created', count: 11 },
        { event_type: 'tool.called', count: 1 },
      ],
    });
    const sample = body['sample'] as Record<string, unknown>[];
    expect(sample).toHaveLength(10);
    expect(sample[0]).toMatchObject({
      event_type: 'tool.called',
      endpoint_id: 'ep_dry',
      trigger: null,
      state: 'dead',
    });
    expect(sample[1]).toMatchObject({ id: ids.at(-1), state: 'delivered' });
    expect(await api.db('replays')).toEqual([]);
    expect(api.wakes()).toBe(wakes);
  });

  test('a replay finds what ended in its frame, page by page', async () => {
    const endpoint_id = 'ep_pages';
    const ids = [
      ...(await addDelivered(api, { endpoint: endpoint_id, count: 1 })),
      ...(await addDelivered(
        api,
        { endpoint: endpoint_id, count: 1 },
        { state: 'dead', cycle: 3 },
      )),
      ...(await addDelivered(api, { endpoint: endpoint_id, count: 1 }, { state: 'skipped' })),
    ];
    await addDelivered(api, { endpoint: endpoint_id, count: 1 }, { tenant_id: 'ten_other' });
    await addDelivered(api, { endpoint: endpoint_id, count: 1 }, { event_type: 'tool.called' });
    const made = await start(api, endpoint_id, { event_types: ['session.*'] });
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({ planned: 3, estimated_s: 1, state: 'pending' });
    await addDelivered(api, { endpoint: endpoint_id, count: 1 });
    const replay = await api
      .db('replays')
      .where({ id: made.body['id'] as string })
      .first();
    if (!replay) throw new Error('The replay was not written');
    const first = await listReplayPage(api.db, replay, { after: null, limit: 2 });
    const rest = await listReplayPage(api.db, replay, { after: ids[1] ?? '', limit: 2 });
    expect([...first, ...rest]).toMatchObject([
      { id: ids[0], from: 1 },
      { id: ids[1], from: 3 },
      { id: ids[2], from: 1 },
    ]);
  });

  test('an inbound replay finds runs by type, state, trigger and channel', async () => {
    const at = new Date(Date.now() - 1000);
    const event_id = await addEvent(api, { received_at: at, id: makeId('evt', at) });
    const own = { id: makeId('run', at), created_at: at, event_id };
    await addRun(api, { ...own, state: 'failed', event_type: 'issues.opened' });
    await addRun(api, { state: 'failed', event_type: 'issues_opened', trigger_id: 'trg_2' });
    await addRun(api, { state: 'running', event_type: 'issues.opened' });
    await nextMoment();
    const planned = async (over: object): Promise<unknown> => {
      const request = { ...frame, direction: 'inbound', dry_run: true, ...over };
      return (await api.call('POST', '/v1/replays', request)).body['planned'];
    };
    expect(await planned({})).toBe(2);
    expect(await planned({ event_types: ['issues.*'] })).toBe(1);
    expect(await planned({ event_types: ['issues.*'], state: 'succeeded' })).toBe(0);
    expect(await planned({ trigger_id: 'trg_2' })).toBe(1);
    expect(await planned({ source: 'github' })).toBe(1);
    expect(await planned({ source: 'gitlab' })).toBe(0);
  });

  test('says by which revision runs are started again, and keeps it for what failed', async () => {
    const request = { ...frame, direction: 'inbound', trigger_id: 'trg_revised' };
    await addRun(api, { trigger_id: 'trg_revised' });
    await nextMoment();
    const preview = { ...request, dry_run: true };
    expect((await api.call('POST', '/v1/replays', preview)).body['revision']).toBe('as_then');
    const asNow = { ...request, revision: 'as_now' };
    const shown = await api.call('POST', '/v1/replays', { ...asNow, dry_run: true });
    expect(shown.body).toMatchObject({ planned: 1, revision: 'as_now' });
    const { body } = await api.call('POST', '/v1/replays', asNow);
    expect(body).toMatchObject({ planned: 1, revision: 'as_now' });
    const id = String(body['id']);
    const read = await api.call('GET', `/v1/replays/${id}`);
    expect(read.body).toMatchObject({ revision: 'as_now' });
  });

  test('more than 1,000 need the count of the preview, and a count that is given must be right', async () => {
    await addDelivered(api, { endpoint: 'ep_many', count: 3 });
    expect(await start(api, 'ep_many', { confirm: 2 })).toMatchObject({
      status: 409,
      body: { type: '/problems/confirm-needed' },
    });
    expect((await start(api, 'ep_many', { confirm: 3 })).status).toBe(202);
    const row = await api.db('deliveries').where({ endpoint_id: 'ep_many' }).first();
    const at = new Date(Date.now() - 1000);
    const rows = Array.from({ length: 998 }, () => ({ id: makeId('dlv', at), created_at: at }));
    await api.db('deliveries').insert(rows.map((each) => ({ ...row, ...each })));
    const refused = await start(api, 'ep_many');
    expect(refused.status).toBe(409);
    expect(refused.body['detail']).toContain('"confirm": 1001');
    expect((await start(api, 'ep_many', { confirm: 1001 })).status).toBe(202);
  });

  test.each([
    ['a frame that ends before it begins', { from: frame.to, to: frame.from }, '/to'],
    ['a frame of two years', { from: '2024-01-01T00:00:00Z' }, '/to'],
    [
      'a frame that is yet to come',
      {
        from: new Date(Date.now() + 3_600_000).toISOString(),
        to: new Date(Date.now() + 7_200_000).toISOString(),
      },
      '/from',
    ],
    ['a year that PostgreSQL does not know', { from: '0000-01-01T00:00:00Z' }, '/from'],
    ['a day without a time', { from: '2026-01-01' }, '/from'],
    ['a state of the other direction', { state: 'succeeded' }, '/state'],
    ['an endpoint of inbound runs', { direction: 'inbound', endpoint_id: 'ep_1' }, '/endpoint_id'],
    ['a channel of outbound deliveries', { source: 'github' }, '/source'],
    ['a trigger of outbound deliveries', { trigger_id: 'trg_1' }, '/trigger_id'],
    ['a revision of outbound deliveries', { revision: 'as_now' }, '/revision'],
    ['a rate of nothing', { rate: 0 }, '/rate'],
    ['a rate above 500', { rate: 501 }, '/rate'],
    ['an unknown field', { endpoint: 'ep_1' }, '/endpoint'],
  ])('%s is answered 422', async (_, change, pointer) => {
    const body = { ...frame, direction: 'outbound', ...change };
    const answer = await api.call('POST', '/v1/replays', body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });
});

describe('a replay by the revision of today', () => {
  /** What is left of a trigger's failed run, and the items of a replay of it. */
  async function replay(trigger: Partial<TriggerRow> | undefined) {
    const trigger_id = makeId('trg');
    const { db, tenantId } = api;
    const row = { id: trigger_id, tenant_id: tenantId, name: trigger_id, file: null, revision: 3 };
    if (trigger) await db('triggers').insert({ ...row, ...trigger });
    const event_id = await addEvent(api);
    const run = await addRun(api, { trigger_id, event_id, state: 'failed', revision: 1 });
    await db('run_guards').insert({ run_id: run, trigger_id, lane_key: 'before', cycle: 1 });
    await nextMoment();
    const request = { ...frame, direction: 'inbound', trigger_id, revision: 'as_now' };
    const id = String((await api.call('POST', '/v1/replays', request)).body['id']);
    const opened = await openOne(api, id, { id: run });
    const { body } = await api.call('GET', `/v1/replays/${id}/items`);
    const left = await db('trigger_runs').where({ id: run }).first();
    const guards = await db('run_guards').where({ run_id: run });
    return { opened, left, guards, id, items: body['data'] };
  }

  test('takes the current one, and asks the guards anew', async () => {
    const { opened, left, guards } = await replay({});
    expect(opened).toMatchObject({ kind: 'opened', cycle: 2 });
    expect(left).toMatchObject({ state: 'pending', cycle: 2, revision: 3, is_guarded: true });
    expect(guards).toEqual([]);
  });

  test.each([
    ['is gone', undefined, 'Its trigger is gone'],
    ['is disabled', { is_active: false }, /is disabled$/],
    ['has lost its file', { is_active: false, file: 'a.yaml' }, /^The file of trigger .* is gone$/],
    ['is held', { quarantine: 'too slow' }, /is held: too slow$/],
  ])('a run whose trigger %s fails, with the reason', async (_, trigger, reason) => {
    const { opened, left, guards, id, items } = await replay(trigger);
    expect(opened).toEqual({ kind: 'skipped' });
    expect(left).toMatchObject({ state: 'failed', cycle: 1, revision: 1 });
    expect(guards).toHaveLength(1);
    expect(items).toMatchObject([
      { state: 'failed', cycle: null, failure: expect.stringMatching(reason) as unknown },
    ]);
    await setReplayCompleted(api.db, id);
    const again = await api.call('POST', `/v1/replays/${id}/retry-failures`);
    expect(again.body).toMatchObject({ planned: 1, revision: 'as_now' });
  });

  test('a run that has not ended is left as it is', async () => {
    const trigger_id = makeId('trg');
    const own = { id: trigger_id, name: trigger_id, file: null, revision: 3 };
    await api.db('triggers').insert({ ...own, tenant_id: api.tenantId });
    const event_id = await addEvent(api);
    const run = await addRun(api, { trigger_id, event_id, state: 'running' });
    const { id } = await startOver(api, 'ep_running', 1);
    await api.db('replays').where({ id }).update({ revision: 'as_now' });
    await openOne(api, id, { id: run });
    expect(await api.db('trigger_runs').where({ id: run }).first()).toMatchObject({
      state: 'running',
      revision: 1,
    });
  });
});

test('the speed in a list of replays costs the items of the last minute, however many there were', async () => {
  const { id } = await startOver(api, 'ep_large', 1);
  await setReplayStarted(api.db, id);
  await api.db.raw(
    `insert into replay_items (replay_id, subject_id, cycle, origin, created_at)
     select ?, 'dlv_' || n, 2, 'history', now() - interval '1 hour' * (n / 100)
     from generate_series(1, 20000) as n`,
    [id],
  );
  await api.db.raw('vacuum analyze replay_items');
  const queries: { sql: string; bindings: readonly unknown[] }[] = [];
  const note = (query: { sql: string; bindings: readonly unknown[] }) => void queries.push(query);
  api.db.on('query', note);
  const { body } = await api.call('GET', '/v1/replays');
  api.db.off('query', note);
  expect((body['data'] as Record<string, unknown>[])[0]).toMatchObject({ per_minute: 99 });
  const reads = queries.filter(({ sql }) => sql.includes('replay_items'));
  expect(reads).toHaveLength(1);
  for (const { sql, bindings } of reads) {
    const text = sql.replaceAll(/\$\d+/g, '?');
    const { rows } = (await api.db.raw(`explain ${text}`, [...(bindings as string[])])) as {
      rows: Record<string, string>[];
    };
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Only Scan using replay_items_of_minute/);
  }
  const next = await api.call('GET', `/v1/replays/${id}/items?limit=200`);
  expect(next.body['data']).toHaveLength(200);
});
