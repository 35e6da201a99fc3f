import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFilter } from '../../src/domain/replay.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { judgeFirst, makeJudge } from '../../src/runtime/replay-judgement.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { listReplayPage } from '../../src/store/replay-selection.ts';
import { setReplayCompleted } from '../../src/store/replays.ts';
import {
  addDelivered,
  addOutbound,
  frame,
  nextMoment,
  openOne,
  replayRow,
  start,
} from './replay-rows.ts';
import { addDelivery, addEndpoint, addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

/** What a dry run of an endpoint's deliveries plans. */
async function plannedOf(endpoint: string, over: object): Promise<unknown> {
  return (await start(api, endpoint, { dry_run: true, ...over })).body['planned'];
}

describe('what a replay is narrowed to', () => {
  test('failed, never attempted, or everything', async () => {
    const endpoint = 'ep_groups';
    const add = (over: Partial<DeliveryRow>) => addDelivered(api, { endpoint, count: 1 }, over);
    await add({ state: 'dead', attempt_count: 5 });
    await add({ state: 'skipped' });
    await add({ state: 'cancelled', attempt_count: 2 });
    const [held = ''] = await add({ state: 'parked', cycle: 2 });
    const [tried = ''] = await add({ state: 'parked', cycle: 2 });
    const row = await api.db('deliveries').where({ id: tried }).first();
    await api.db('attempts').insert({
      delivery_id: tried,
      delivery_created_at: row?.created_at ?? new Date(),
      cycle: 1,
      number: 1,
      started_at: new Date(),
      duration_ms: 1,
      status: 500,
      reason: 'status',
      response_headers: {},
      response_body: Buffer.alloc(0),
    });
    expect(await plannedOf(endpoint, { state: 'all' })).toBe(5);
    expect(await plannedOf(endpoint, { state: 'failed' })).toBe(1);
    const { body } = await start(api, endpoint, { dry_run: true, state: 'never_attempted' });
    expect(body).toMatchObject({ planned: 2, sample: [{ id: held }, { state: 'skipped' }] });
  });

  test('the runs that were skipped are those never attempted', async () => {
    const own = { trigger_id: 'trg_groups' };
    await addRun(api, { ...own, state: 'failed' });
    await addRun(api, { ...own, state: 'skipped' });
    await addRun(api, { ...own, state: 'skipped' });
    await nextMoment();
    const planned = async (state: string) => {
      const request = { ...frame, direction: 'inbound', ...own, state, dry_run: true };
      return (await api.call('POST', '/v1/replays', request)).body['planned'];
    };
    expect(await planned('failed')).toBe(1);
    expect(await planned('never_attempted')).toBe(2);
  });

  test.each([
    ['2xx', 1],
    ['4xx', 2],
    ['5xx', 1],
    ['none', 1],
  ])('a last attempt that was answered %s', async (status_class, planned) => {
    const endpoint = `ep_status_${status_class}`;
    for (const last_status of [200, 404, 410, 503, null]) {
      await addDelivered(api, { endpoint, count: 1 }, { last_status, attempt_count: 1 });
    }
    await addDelivered(api, { endpoint, count: 1 }, { state: 'skipped' });
    expect(await plannedOf(endpoint, { status_class })).toBe(planned);
  });
});

describe('a filter over the event', () => {
  const endpoint = 'ep_expression';
  const filter = 'body.data.amount > 10.0';
  const ids: string[] = [];
  beforeAll(async () => {
    for (const amount of [5, 50, 500, undefined]) {
      const body = Buffer.from(JSON.stringify({ type: 'session.created', data: { amount } }));
      const event_id = await addOutbound(api, { body });
      ids.push(await addDelivery(api, { state: 'delivered', endpoint_id: endpoint, event_id }));
    }
    await nextMoment();
  });

  test('counts what it matches, and what it has no value for as failures', async () => {
    const { body } = await start(api, endpoint, { dry_run: true, filter });
    expect(body).toMatchObject({
      planned: 3,
      planned_is_estimate: false,
      confirm: 3,
      failures: 1,
      sample: [{ id: ids[3] }, { id: ids[2] }, { id: ids[1] }],
      per_type: [{ event_type: 'session.created', count: 3 }],
    });
    expect(await plannedOf(endpoint, { filter: 'data.amount > 100.0' })).toBe(2); // As an endpoint's.
    expect(await plannedOf(endpoint, { filter: 'body.type == "session.created"' })).toBe(4);
    expect(await plannedOf(endpoint, { filter: 'body.type == "other"' })).toBe(0);
  });

  test('is kept, and judges each event with the reason where it has no value', async () => {
    const { body } = await start(api, endpoint, { filter });
    const id = String(body['id']);
    expect((await api.call('GET', `/v1/replays/${id}`)).body['filter']).toMatchObject({ filter });
    const replay = await replayRow(api, id);
    const judge = makeJudge(readFilter(replay.filter));
    if (!judge) throw new Error('There is nothing to judge by');
    const page = await listReplayPage(api.db, replay, { after: null, limit: 10 });
    const failure: unknown = expect.stringMatching(/^filter: .*amount.* \(at character \d+ of/);
    expect(await judgeFirst(api.db, judge, page)).toEqual(['other', 'match', 'match', { failure }]);
    await openOne(api, id, { id: ids[3], failure: 'filter: no value' });
    const items = await api.call('GET', `/v1/replays/${id}/items`);
    expect(items.body['data']).toMatchObject([{ state: 'failed', failure: 'filter: no value' }]);
  });

  test('judges as many events as may be in memory at once, and at least one', async () => {
    const judge = makeJudge({
      direction: 'inbound',
      expression: 'size(body) > 0',
      subscription: null,
    });
    if (!judge) throw new Error('There is nothing to judge by');
    const large = Buffer.alloc(6_000_000, 'a');
    const eventIds = [];
    for (const body of [large, large, Buffer.from('a')]) {
      eventIds.push(await addEvent(api, { body, content_type: 'text/plain' }));
    }
    const items = eventIds.map((eventId) => ({ eventId }));
    expect(await judgeFirst(api.db, judge, items)).toEqual(['match']);
    expect(await judgeFirst(api.db, judge, items.slice(1))).toEqual(['match', 'match']);
    const gone = [{ eventId: makeId('evt') }];
    expect(await judgeFirst(api.db, judge, gone)).toEqual([{ failure: 'Its event is gone' }]);
  });

  test.each([
    ['body.data.amount > 10.0 &&', 422],
    ['bodi.data.amount > 10.0', 422],
    ['1 + 1', 422],
    ['', 422],
    ['body.data.amount > 10.0 && true', 200],
  ])('%j is answered %i', async (expression, status) => {
    const answer = await start(api, endpoint, { dry_run: true, filter: expression });
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.body['errors']).toMatchObject([{ pointer: '/filter' }]);
  });

  test('says where in it something is wrong', async () => {
    const { body } = await start(api, endpoint, { filter: 'true && bodi.a' });
    expect(body['detail']).toMatch(/Unknown variable "bodi".*\(at character 9\)/);
  });
});

test.each([
  ['event', 'Its event is gone'],
  ['payload', 'Its payload is gone'],
])('an item whose %s is gone fails with that reason', async (what, failure) => {
  const endpoint = `ep_gone_${what}`;
  const [id = ''] = await addDelivered(api, { endpoint, count: 1 });
  const replay = String((await start(api, endpoint)).body['id']);
  const row = await api.db('deliveries').where({ id }).first();
  const event = api.db('events').where({ id: row?.event_id ?? '' });
  await (what === 'event' ? event.del() : event.update({ payload_dropped_at: new Date() }));
  expect(await openOne(api, replay, { id })).toEqual({ kind: 'skipped' });
  const items = await api.call('GET', `/v1/replays/${replay}/items`);
  expect(items.body['data']).toMatchObject([{ id, failure, cycle: null }]);
  expect(await api.db('deliveries').where({ id }).first()).toMatchObject({ cycle: 1 });
});

test('retry-failures takes what has died again, and not what somebody else has redriven since', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_died', count: 3 }, { state: 'dead' });
  const made = await start(api, 'ep_died', { status_class: undefined, state: 'failed' });
  const id = String(made.body['id']);
  for (const each of ids) await openOne(api, id, { id: each });
  const set = (index: number, change: object) =>
    api
      .db('deliveries')
      .where({ id: ids[index] ?? '' })
      .update(change);
  await set(0, { state: 'dead' });
  await set(1, { state: 'delivered' });
  await set(2, { state: 'dead', cycle: 3 });
  const read = await api.call('GET', `/v1/replays/${id}`);
  expect(read.body['outcomes']).toEqual({ succeeded: 1, failed: 2, under_way: 0, other: 0 });
  await setReplayCompleted(api.db, id);
  const again = await api.call('POST', `/v1/replays/${id}/retry-failures`);
  expect(again.body).toMatchObject({ planned: 1 });
  const replay = await replayRow(api, String(again.body['id']));
  const page = await listReplayPage(api.db, replay, { after: null, limit: 10 });
  expect(page).toMatchObject([{ id: ids[0], from: 2 }]);
});

test('outcomes of a replay of runs are those of the runs', async () => {
  const trigger_id = 'trg_outcomes';
  const event_id = await addEvent(api);
  const runs = [];
  for (let i = 0; i < 2; i += 1) runs.push(await addRun(api, { trigger_id, event_id }));
  await nextMoment();
  const request = { ...frame, direction: 'inbound', trigger_id };
  const id = String((await api.call('POST', '/v1/replays', request)).body['id']);
  for (const run of runs) await openOne(api, id, { id: run });
  await api
    .db('trigger_runs')
    .where({ id: runs[0] ?? '' })
    .update({ state: 'failed' });
  const { body } = await api.call('GET', `/v1/replays/${id}`);
  expect(body['outcomes']).toEqual({ succeeded: 0, failed: 1, under_way: 1, other: 0 });
});

describe.each([
  ['a status', { status_class: '5xx' }, '/status_class'],
  ['new ids', { ids: 'new' }, '/ids'],
])('%s', (_, fields, pointer) => {
  const request = { ...frame, dry_run: true, ...fields };

  test('is for deliveries', async () => {
    const { status } = await api.call('POST', '/v1/replays', { ...request, direction: 'outbound' });
    expect(status).toBe(200);
  });

  test('of trigger runs is answered 422', async () => {
    const answer = await api.call('POST', '/v1/replays', { ...request, direction: 'inbound' });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });
});

describe('another endpoint', () => {
  async function ask(over: object): Promise<unknown> {
    const target = { kind: 'endpoint', endpoint_id: await addEndpoint(api) };
    const request = { ...frame, direction: 'outbound', dry_run: true, target, ...over };
    const { status, body } = await api.call('POST', '/v1/replays', request);
    return {
      status,
      pointers: (body['errors'] as { pointer: string }[] | undefined)?.map(pointerOf),
    };
  }
  const pointerOf = ({ pointer }: { pointer: string }) => pointer;

  test.each([
    ['trigger runs', { direction: 'inbound' }, '/target'],
    ['kept ids', { ids: 'keep' }, '/ids'],
    ['another kind of target', { target: { kind: 'none' } }, '/target/kind'],
  ])('%s do not go with it', async (_, over, pointer) => {
    expect(await ask({ ids: 'new' })).toEqual({ status: 200, pointers: undefined });
    expect(await ask(over)).toEqual({ status: 422, pointers: [pointer] });
  });
});
