import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listReplayPage } from '../../src/store/replay-selection.ts';
import { setReplayCompleted } from '../../src/store/replays.ts';
import { addMany } from './many-deliveries.ts';
import { nextMoment, openOne, replayRow, startOver } from './replay-rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('POST /v1/replays/{id}/retry-failures', () => {
  test('makes a replay of exactly the failed ones', async () => {
    const { id, ids } = await startOver(api, 'ep_retry', 3);
    await openOne(api, id, { id: ids[0] });
    await openOne(api, id, { id: ids[1], from: 7 });
    await setReplayCompleted(api.db, id);
    const wakes = api.wakes();
    const again = await api.call('POST', `/v1/replays/${id}/retry-failures`);
    expect(again).toMatchObject({
      status: 202,
      body: { planned: 1, state: 'pending', filter: { replay_id: id, endpoint_id: 'ep_retry' } },
    });
    expect(api.wakes()).toBe(wakes + 1);
    const replay = await api
      .db('replays')
      .where({ id: String(again.body['id']) })
      .first();
    if (!replay) throw new Error('The replay was not written');
    const page = await listReplayPage(api.db, replay, { after: null, limit: 10 });
    expect(page).toMatchObject([{ id: ids[1], from: 1 }]);
  });

  test('shows first what it would start, and holds to that number above 1,000', async () => {
    const { id, ids } = await startOver(api, 'ep_flood', 1);
    await openOne(api, id, { id: ids[0], from: 7 });
    await setReplayCompleted(api.db, id);
    const path = `/v1/replays/${id}/retry-failures`;
    const preview = await api.call('POST', path, { dry_run: true });
    expect(preview).toMatchObject({
      status: 200,
      body: { planned: 1, confirm: 1, sample: [{ id: ids[0] }], estimated_s: 1 },
    });
    expect(preview.body['will']).toMatch(/next cycle/);
    const wrong = await api.call('POST', path, { confirm: 2 });
    expect(wrong).toMatchObject({ status: 409, body: { type: '/problems/confirm-needed' } });
    await addMany(api, 1000, { state: 'dead', endpoint_id: 'ep_flood' });
    await api.db.raw(
      `insert into replay_items (replay_id, subject_id, failure, created_at)
       select ?, id, 'gone', now() from deliveries
       where endpoint_id = 'ep_flood' and state = 'dead'`,
      [id],
    );
    await nextMoment();
    const unconfirmed = await api.call('POST', path);
    expect(unconfirmed.body['detail']).toContain('send "confirm": 1001');
    expect(await api.db('replays').whereRaw(`filter ->> 'replayId' = ?`, [id])).toEqual([]);
    const confirmed = await api.call('POST', path, { confirm: 1001 });
    expect(confirmed).toMatchObject({ status: 202, body: { planned: 1001 } });
  });

  test('of two at once one is made, and the other is told of it', async () => {
    const { id, ids } = await startOver(api, 'ep_twice', 1);
    await openOne(api, id, { id: ids[0], from: 7 });
    await setReplayCompleted(api.db, id);
    const retry = () => api.call('POST', `/v1/replays/${id}/retry-failures`);
    const answers = await Promise.all([retry(), retry(), retry()]);
    const [made, ...more] = answers.filter(({ status }) => status === 202);
    expect(more).toEqual([]);
    const other = answers.find(({ status }) => status === 409);
    expect(other?.body['detail']).toContain(
      `Replay "${String(made?.body['id'])}" retries the failures of "${id}" already`,
    );
  });

  test('leaves to an earlier retry what that took up, however it ended, and no more', async () => {
    const { id, ids } = await startOver(api, 'ep_left', 2);
    await openOne(api, id, { id: ids[0], from: 7 });
    await openOne(api, id, { id: ids[1], from: 7 });
    await setReplayCompleted(api.db, id);
    const retry = () => api.call('POST', `/v1/replays/${id}/retry-failures`);
    const first = String((await retry()).body['id']);
    await openOne(api, first, { id: ids[0] });
    await api.call('POST', `/v1/replays/${first}/cancel`);
    const second = await retry();
    expect(second).toMatchObject({ status: 202, body: { planned: 1 } });
    const replay = await replayRow(api, String(second.body['id']));
    const page = await listReplayPage(api.db, replay, { after: null, limit: 10 });
    expect(page.map((row) => row.id)).toEqual([ids[1]]);
    await openOne(api, replay.id, { id: ids[1], from: 7 });
    await setReplayCompleted(api.db, replay.id);
    const third = await retry();
    expect(third.body['detail']).toContain(`taken up by "${replay.id}"`);
  });

  test('is refused when nothing failed', async () => {
    const { id } = await startOver(api, 'ep_flawless', 1);
    await setReplayCompleted(api.db, id);
    const answer = await api.call('POST', `/v1/replays/${id}/retry-failures`);
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/replay-state' } });
  });
});
