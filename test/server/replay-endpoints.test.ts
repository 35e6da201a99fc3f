import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setReplayCompleted } from '../../src/store/replays.ts';
import { addDelivered, nextMoment, openOne, start } from './replay-rows.ts';
import { addEndpoint, addEvent, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('a delivery that keeps its id', () => {
  /** A replay of one dead delivery, whose endpoint has changed after it was made. */
  async function replayOf(change: object) {
    const endpoint = await addEndpoint(api);
    const [id = ''] = await addDelivered(api, { endpoint, count: 1 }, { state: 'dead' });
    const replay = String((await start(api, endpoint)).body['id']);
    await api.db('endpoints').where({ id: endpoint }).update(change);
    const opened = await openOne(api, replay, { id });
    const row = await api.db('deliveries').where({ id }).first();
    const items = await api.call('GET', `/v1/replays/${replay}/items`);
    return { id, endpoint, replay, opened, row, items: items.body['data'] };
  }

  test.each([
    ['deleted', { deleted_at: new Date() }],
    ['disabled', { state: 'disabled' }],
  ])('is not sent to an endpoint that is %s meanwhile, and stays dead', async (what, change) => {
    const { id, endpoint, replay, opened, row, items } = await replayOf(change);
    expect(opened).toEqual({ kind: 'skipped' });
    expect(row).toMatchObject({ state: 'dead', cycle: 1 });
    expect(items).toMatchObject([{ id, state: 'failed', failure: `Its endpoint is ${what}` }]);
    await setReplayCompleted(api.db, replay);
    const read = await api.call('GET', `/v1/replays/${replay}`);
    expect(read.body).toMatchObject({ planned: 1, done: 0, failed: 1, skipped: 0 });
    if (what === 'deleted') return;
    await api.db('endpoints').where({ id: endpoint }).update({ state: 'enabled' });
    const again = await api.call('POST', `/v1/replays/${replay}/retry-failures`);
    expect(await openOne(api, String(again.body['id']), { id })).toMatchObject({ cycle: 2 });
  });

  test('goes on at one that is paused meanwhile: it waits there', async () => {
    const { opened, row } = await replayOf({ state: 'paused' });
    expect(opened).toMatchObject({ kind: 'opened', cycle: 2 });
    expect(row).toMatchObject({ state: 'pending', cycle: 2 });
  });
});

test('two replays of the same things at once open each once, and both count what they did', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_twice', count: 12 });
  const replays = [await start(api, 'ep_twice'), await start(api, 'ep_twice')].map(({ body }) =>
    String(body['id']),
  );
  const outcomes = await Promise.all(
    ids.flatMap((id) => replays.map((replay) => openOne(api, replay, { id }))),
  );
  expect(outcomes.filter(({ kind }) => kind === 'opened')).toHaveLength(12);
  const rows = await api.db('deliveries').where({ endpoint_id: 'ep_twice' });
  expect(rows.every(({ cycle, state }) => cycle === 2 && state === 'pending')).toBe(true);
  const [first, second] = await Promise.all(
    replays.map(async (id) => (await api.call('GET', `/v1/replays/${id}`)).body),
  );
  expect(Number(first?.['done']) + Number(second?.['done'])).toBe(12);
  for (const body of [first, second]) {
    expect(Number(body?.['done']) + Number(body?.['failed'])).toBe(12);
  }
  const failed = await api.call('GET', `/v1/replays/${replays[0]}/items?state=failed`);
  for (const item of failed.body['data'] as object[]) {
    expect(item).toMatchObject({ failure: 'Not ended any more', cycle: null });
  }
});

test('a cancel in the middle of a page stops it at exactly what it counts', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_cut', count: 30 });
  const id = String((await start(api, 'ep_cut')).body['id']);
  const opening = ids.map((each) => openOne(api, id, { id: each }));
  await Promise.race(opening);
  const { body } = await api.call('POST', `/v1/replays/${id}/cancel`);
  const outcomes = await Promise.all(opening);
  const opened = outcomes.filter(({ kind }) => kind === 'opened');
  expect(outcomes.every(({ kind }) => kind === 'opened' || kind === 'stopped')).toBe(true);
  const moved = await api.db('deliveries').where({ endpoint_id: 'ep_cut', cycle: 2 });
  expect(moved).toHaveLength(opened.length);
  expect(await api.db('replay_items').where({ replay_id: id })).toHaveLength(opened.length);
  const read = await api.call('GET', `/v1/replays/${id}`);
  expect(read.body).toMatchObject({ state: 'cancelled', done: opened.length, failed: 0 });
  expect(body).toMatchObject({ state: 'cancelled', done: opened.length });
});

test('nothing to do is a replay too, that ends with nothing done', async () => {
  const preview = await start(api, 'ep_nothing', { dry_run: true });
  expect(preview.body).toMatchObject({ planned: 0, estimated_s: 0, confirm: 0, sample: [] });
  const { status, body } = await start(api, 'ep_nothing');
  expect([status, body]).toMatchObject([202, { planned: 0, estimated_s: 0 }]);
  const path = `/v1/replays/${String(body['id'])}`;
  const zeros = { planned: 0, done: 0, failed: 0, skipped: 0, per_minute: 0 };
  expect((await api.call('GET', path)).body).toMatchObject({ ...zeros, eta_s: 0 });
  await setReplayCompleted(api.db, String(body['id']));
  const ended = (await api.call('GET', path)).body;
  expect(ended).toMatchObject({ ...zeros, state: 'completed', eta_s: null });
  const again = await api.call('POST', `${path}/retry-failures`);
  expect(again).toMatchObject({ status: 409, body: { type: '/problems/replay-state' } });
});

test('says how many started from their history and how many from their row', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_origins', count: 3 });
  const id = String((await start(api, 'ep_origins')).body['id']);
  await openOne(api, id, { id: ids[0] });
  await openOne(api, id, { id: ids[1] });
  await openOne(api, id, { id: ids[2], origin: 'row' });
  const { body } = await api.call('GET', `/v1/replays/${id}`);
  expect(body).toMatchObject({ done: 3, from_history: 2, from_row: 1 });
});

test('a run goes on whatever became of endpoints', async () => {
  const run = await addRun(api, { trigger_id: 'trg_any', event_id: await addEvent(api) });
  await nextMoment();
  const from = new Date(Date.now() - 60_000).toISOString();
  const request = {
    from,
    to: new Date().toISOString(),
    direction: 'inbound',
    trigger_id: 'trg_any',
  };
  const { body } = await api.call('POST', '/v1/replays', request);
  expect(await openOne(api, String(body['id']), { id: run })).toMatchObject({ kind: 'opened' });
});

describe('the time that remains', () => {
  /** A replay of 1,000 that began ten minutes ago, and what it did so many seconds ago. */
  async function etaOf(rate: number, ages: readonly number[], change: object = {}) {
    const { body } = await start(api, 'ep_eta', { rate });
    const id = String(body['id']);
    const row = { state: 'running', planned: 1000 + ages.length, done: ages.length } as const;
    const began = { started_at: api.db.raw(`now() - interval '10 minutes'`) };
    await api
      .db('replays')
      .where({ id })
      .update({ ...row, ...began, ...change });
    const at = (age: number) => api.db.raw(`now() - ? * interval '1 second'`, [age]);
    const items = ages.map((age, n) => ({
      replay_id: id,
      subject_id: `dlv_${n}`,
      cycle: 2,
      origin: 'history' as const,
      created_at: at(age),
    }));
    if (items.length > 0) await api.db('replay_items').insert(items as never);
    const list = await api.call('GET', '/v1/replays?limit=1');
    return (list.body['data'] as Record<string, unknown>[])[0]?.['eta_s'];
  }
  /** So many per second, over the seconds from one age to another. */
  const steady = (perSecond: number, from: number, to: number) =>
    Array.from({ length: (from - to) * perSecond }, (_, n) => from - n / perSecond);

  test('is by the speed of the last seconds', async () => {
    const eta = Number(await etaOf(100, steady(2, 58, 0.5)));
    expect(eta).toBeGreaterThan(400);
    expect(eta).toBeLessThan(600);
  });

  test('is by the rate just after a rest', async () => {
    expect(await etaOf(20, steady(20, 3, 0))).toBe(50);
    expect(await etaOf(20, [])).toBe(50);
  });

  test('is by the new rate when it was lowered', async () => {
    expect(await etaOf(2, steady(50, 20, 0))).toBe(500);
  });

  test('is soon by the new speed when the rate was raised', async () => {
    const eta = Number(await etaOf(50, [...steady(2, 58, 15), ...steady(50, 14.5, 0)]));
    expect(eta).toBeLessThan(30);
  });

  test('is by the minute when little of it is anything to start', async () => {
    expect(await etaOf(20, [50, 30, 18])).toBe(20_000);
  });

  test('is unknown while it rests, and when it has ended', async () => {
    expect(await etaOf(20, steady(20, 30, 0), { state: 'paused' })).toBeNull();
    expect(await etaOf(20, steady(20, 30, 0), { state: 'cancelled' })).toBeNull();
  });
});
