import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setReplayCompleted } from '../../src/store/replays.ts';
import { claimUnstarted, setReplayStarted } from '../../src/store/starts.ts';
import { addDelivered, frame, openOne, start, startOver } from './replay-rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
const poked: string[] = [];
beforeAll(async () => {
  api = await serveApi({ pokeReplay: (id) => poked.push(id) });
});
afterAll(async () => api.close());

describe('a replay that is going', () => {
  test('shows what it does, who made it and how far it is, and lists its items', async () => {
    const ids = await addDelivered(api, { endpoint: 'ep_shown', count: 4 });
    const made = await start(api, 'ep_shown', { state: 'delivered', rate: 2 });
    const id = String(made.body['id']);
    await setReplayStarted(api.db, id);
    await openOne(api, id, { id: ids[0] });
    await openOne(api, id, { id: ids[1], origin: 'row' });
    await openOne(api, id, { id: ids[2], from: 7 });
    const { body } = await api.call('GET', made.headers.get('Location') ?? '');
    expect(body).toMatchObject({
      state: 'running',
      rate: 2,
      planned: 4,
      done: 2,
      failed: 1,
      from_row: 1,
      per_minute: 3,
      eta_s: 1,
      paused_at: null,
      ended_at: null,
      filter: { ...frame, direction: 'outbound', endpoint_id: 'ep_shown', state: 'delivered' },
    });
    expect(body['created_by']).toMatch(/^key_/);
    const list = await api.call('GET', '/v1/replays');
    const listed = { ...body, outcomes: null };
    expect((list.body['data'] as Record<string, unknown>[])[0]).toEqual(listed);
    const items = await api.call('GET', `/v1/replays/${id}/items?limit=2`);
    expect(items.body).toMatchObject({
      data: [
        { id: ids[2], state: 'failed', cycle: null, failure: 'Not ended any more' },
        { id: ids[1], state: 'done', cycle: 2, origin: 'row', failure: null },
      ],
      next_cursor: ids[1],
    });
    const rest = await api.call('GET', `/v1/replays/${id}/items?limit=2&cursor=${ids[1]}`);
    expect(rest.body).toMatchObject({ data: [{ id: ids[0], cycle: 2 }], next_cursor: null });
    const failed = await api.call('GET', `/v1/replays/${id}/items?state=failed`);
    expect(failed.body['data']).toMatchObject([{ id: ids[2] }]);
  });

  test('opens each item once, also when its page is repeated', async () => {
    const { id, ids } = await startOver(api, 'ep_once', 1);
    expect(await openOne(api, id, { id: ids[0] })).toMatchObject({
      kind: 'opened',
      cycle: 2,
      rate: 20,
    });
    await api
      .db('deliveries')
      .where({ id: ids[0] ?? '' })
      .update({ state: 'delivered' });
    expect(await openOne(api, id, { id: ids[0], from: 2 })).toEqual({ kind: 'skipped' });
    const { body } = await api.call('GET', `/v1/replays/${id}`);
    expect(body).toMatchObject({ done: 1, failed: 0 });
  });

  test('paused it starts nothing more and leaves no trace, resumed it goes on', async () => {
    const { id, ids } = await startOver(api, 'ep_paused', 2);
    await setReplayStarted(api.db, id);
    const paused = await api.call('POST', `/v1/replays/${id}/pause`);
    expect(paused).toMatchObject({ status: 200, body: { state: 'paused', eta_s: null } });
    expect(paused.body['paused_at']).not.toBeNull();
    expect(poked.at(-1)).toBe(id);
    expect(await openOne(api, id, { id: ids[0] })).toEqual({ kind: 'stopped' });
    expect(await api.db('replay_items').where({ replay_id: id })).toEqual([]);
    const key = { id: ids[0] ?? '' };
    const delivery = await api.db('deliveries').where(key).first();
    expect(delivery).toMatchObject({ state: 'delivered', cycle: 1 });
    const resumed = await api.call('POST', `/v1/replays/${id}/resume`);
    expect(resumed.body).toMatchObject({ state: 'running', paused_at: null });
    expect(await openOne(api, id, { id: ids[0] })).toMatchObject({ kind: 'opened' });
  });

  test('cancelled it stays cancelled, whoever says that it is through or has started', async () => {
    const { id, ids } = await startOver(api, 'ep_cancelled', 2);
    await openOne(api, id, { id: ids[0] });
    const cancelled = await api.call('POST', `/v1/replays/${id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled', done: 1 } });
    expect(await openOne(api, id, { id: ids[1] })).toEqual({ kind: 'stopped' });
    await setReplayCompleted(api.db, id);
    await setReplayStarted(api.db, id);
    const { body } = await api.call('GET', `/v1/replays/${id}`);
    expect(body).toMatchObject({ state: 'cancelled', done: 1, failed: 0, skipped: 0, eta_s: null });
    expect(body['ended_at']).not.toBeNull();
  });

  test('cancelled before its workflow began it is not started any more', async () => {
    const { id } = await startOver(api, 'ep_unstarted', 1);
    const other = await startOver(api, 'ep_unstarted_too', 1);
    await api.call('POST', `/v1/replays/${id}/cancel`);
    const claimed = (await claimUnstarted(api.db)).replays.map((replay) => replay.id);
    expect(claimed).not.toContain(id);
    expect(claimed).toContain(other.id);
  });

  test('completed before its start was noted it stays completed, and counts what had changed', async () => {
    const { id, ids } = await startOver(api, 'ep_fast', 2);
    await openOne(api, id, { id: ids[0] });
    await setReplayCompleted(api.db, id);
    await setReplayStarted(api.db, id);
    const { body } = await api.call('GET', `/v1/replays/${id}`);
    expect(body).toMatchObject({ state: 'completed', planned: 2, done: 1, skipped: 1 });
  });

  test('its rate changes at once, within bounds, until it has ended', async () => {
    const { id, ids } = await startOver(api, 'ep_rate', 1);
    const path = `/v1/replays/${id}`;
    expect((await api.call('PATCH', path, { rate: 501 })).status).toBe(422);
    expect((await api.call('PATCH', path, { rate: 500 })).body).toMatchObject({ rate: 500 });
    expect(await openOne(api, id, { id: ids[0] })).toMatchObject({ rate: 500 });
    await setReplayCompleted(api.db, id);
    const late = await api.call('PATCH', path, { rate: 1 });
    expect(late).toMatchObject({ status: 409, body: { type: '/problems/replay-state' } });
  });

  test.each([
    ['resume', 'running'],
    ['pause', 'paused'],
    ['pause', 'completed'],
    ['resume', 'cancelled'],
    ['cancel', 'completed'],
    ['cancel', 'cancelled'],
    ['retry-failures', 'running'],
  ] as const)('%s is refused when it is %s', async (verb, state) => {
    const { id } = await startOver(api, 'ep_refused', 1);
    await api.db('replays').where({ id }).update({ state });
    const pokes = poked.length;
    const answer = await api.call('POST', `/v1/replays/${id}/${verb}`);
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/replay-state' } });
    expect(answer.body['detail']).toContain(`it is ${state}`);
    expect(poked).toHaveLength(pokes);
  });

  test('what people do to it is in the audit log, what was refused is not', async () => {
    const { id } = await startOver(api, 'ep_audit', 1);
    for (const verb of ['pause', 'pause', 'resume', 'cancel']) {
      await api.call('POST', `/v1/replays/${id}/${verb}`);
    }
    const rows = await api.db('audit_log').where({ subject: id }).orderBy('id');
    expect(rows.map(({ action }) => action)).toEqual([
      'replay.start',
      'replay.pause',
      'replay.resume',
      'replay.cancel',
    ]);
    expect(rows[0]).toMatchObject({ detail: { planned: 1, filter: { endpoint_id: 'ep_audit' } } });
  });

  test.each([
    ['GET', ''],
    ['GET', '/items'],
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['POST', '/cancel'],
    ['POST', '/retry-failures'],
    ['PATCH', ''],
  ])("%s %s of another tenant's replay is 404", async (method, path) => {
    const { id } = await startOver(api, 'ep_foreign', 1);
    await api.db('replays').where({ id }).update({ tenant_id: 'ten_other' });
    const body = method === 'PATCH' ? { rate: 5 } : undefined;
    const answer = await api.call(method, `/v1/replays/${id}${path}`, body);
    expect(answer.status).toBe(404);
    expect(await api.db('replays').where({ id }).first()).toMatchObject({ state: 'pending' });
  });
});
