import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { listReplayPage } from '../../src/store/replays.ts';
import { addDelivery, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('deadLetterRoutes()', () => {
  test('a dead letter is redriven once: the second time it is refused', async () => {
    const id = await addDelivery(api);
    await recordDeadDelivery(api.db, { id, cycle: 1 }, 'status_500');
    const listed = await api.call('GET', '/v1/dead-letters?state=open&kind=delivery');
    expect(listed.body['data']).toEqual([
      expect.objectContaining({ id, kind: 'delivery', reason: 'status_500', state: 'open' }),
    ]);
    const first = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id, 'dlv_none'] });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      redriven: 1,
      results: [
        { id, state: 'redriven' },
        { id: 'dlv_none', state: 'refused', reason: 'not found' },
      ],
    });
    expect(api.wakes()).toBe(1);
    const second = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id] });
    expect(second.body).toMatchObject({ redriven: 0, results: [{ id, state: 'refused' }] });
    const delivery = await api.call('GET', `/v1/deliveries/${id}`);
    expect(delivery.body).toMatchObject({ state: 'pending', cycle: 2 });
    expect(api.wakes()).toBe(1);
  });

  test("another tenant's dead letter is not found", async () => {
    const id = await addDelivery(api, { tenant_id: 'ten_other' });
    await recordDeadDelivery(api.db, { id, cycle: 1 }, 'status_500');
    const { body } = await api.call('POST', '/v1/dead-letters/redrive', { ids: [id] });
    expect(body['results']).toEqual([{ id, state: 'refused', reason: 'not found' }]);
    expect(await api.db('deliveries').where({ id }).first()).toMatchObject({ cycle: 1 });
  });

  test.each([[[]], [Array.from({ length: 1001 }, () => 'dlv_1')]])(
    'takes 1 to 1,000 ids',
    async (ids) => {
      expect((await api.call('POST', '/v1/dead-letters/redrive', { ids })).status).toBe(422);
    },
  );
});

describe('replayRoutes()', () => {
  const hour = 3_600_000;
  const frame = {
    from: new Date(Date.now() - hour).toISOString(),
    to: new Date(Date.now() + hour).toISOString(),
  };

  test('a dry run counts and writes nothing', async () => {
    await addDelivery(api, { state: 'delivered', endpoint_id: 'ep_dry' });
    await addDelivery(api, { state: 'retrying', endpoint_id: 'ep_dry' });
    const wakes = api.wakes();
    const { status, body } = await api.call('POST', '/v1/replays', {
      ...frame,
      direction: 'outbound',
      endpoint_id: 'ep_dry',
      dry_run: true,
    });
    expect([status, body]).toEqual([200, { planned: 1 }]);
    expect(await api.db('replays')).toEqual([]);
    expect(api.wakes()).toBe(wakes);
  });

  test('a replay finds what ended in its frame, page by page, and shows its progress', async () => {
    const endpoint_id = 'ep_pages';
    const ids = [
      await addDelivery(api, { state: 'delivered', endpoint_id }),
      await addDelivery(api, { state: 'dead', endpoint_id, cycle: 3 }),
      await addDelivery(api, { state: 'skipped', endpoint_id }),
    ];
    await addDelivery(api, { state: 'delivered', endpoint_id, tenant_id: 'ten_other' });
    await addDelivery(api, { state: 'delivered', endpoint_id, event_type: 'tool.called' });
    await new Promise((resolve) => setTimeout(resolve, 5)); // A row of the replay's own millisecond is not older than it.
    const made = await api.call('POST', '/v1/replays', {
      ...frame,
      direction: 'outbound',
      endpoint_id,
      event_types: ['session.*'],
    });
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({ planned: 3, state: 'pending' });
    await addDelivery(api, { state: 'delivered', endpoint_id });
    const replay = await api
      .db('replays')
      .where({ id: made.body['id'] as string })
      .first();
    if (!replay) throw new Error('The replay was not written');
    const first = await listReplayPage(api.db, replay, { after: null, limit: 2 });
    const rest = await listReplayPage(api.db, replay, { after: ids[1] ?? '', limit: 2 });
    expect([...first, ...rest]).toEqual([
      { id: ids[0], from: 1 },
      { id: ids[1], from: 3 },
      { id: ids[2], from: 1 },
    ]);
    await api.db('replay_items').insert([
      { replay_id: replay.id, subject_id: 'a', cycle: 2, origin: 'history', failure: null },
      { replay_id: replay.id, subject_id: 'b', cycle: 2, origin: 'row', failure: null },
      { replay_id: replay.id, subject_id: 'c', cycle: null, origin: null, failure: 'gone' },
    ]);
    const read = await api.call('GET', made.headers.get('Location') ?? '');
    expect(read.body).toMatchObject({ planned: 3, done: 2, failed: 1, from_row: 1 });
    expect((await api.call('GET', '/v1/replays')).body['data']).toEqual([read.body]);
  });

  test('an inbound replay finds trigger runs by the type and state of their events', async () => {
    await addRun(api, { state: 'failed', event_type: 'issues.opened' });
    await addRun(api, { state: 'failed', event_type: 'issues_opened' });
    await addRun(api, { state: 'running', event_type: 'issues.opened' });
    await new Promise((resolve) => setTimeout(resolve, 5)); // As above.
    const request = { ...frame, direction: 'inbound', event_types: ['issues.*'], dry_run: true };
    const all = await api.call('POST', '/v1/replays', request);
    expect(all.body).toEqual({ planned: 1 });
    const succeeded = await api.call('POST', '/v1/replays', { ...request, state: 'succeeded' });
    expect(succeeded.body).toEqual({ planned: 0 });
  });

  test.each([
    ['a frame that ends before it begins', { from: frame.to, to: frame.from }, '/to'],
    ['a frame of two years', { from: '2024-01-01T00:00:00Z' }, '/to'],
    ['a year that PostgreSQL does not know', { from: '0000-01-01T00:00:00Z' }, '/from'],
    ['a day without a time', { from: '2026-01-01' }, '/from'],
    ['a state of the other direction', { state: 'succeeded' }, '/state'],
    ['an endpoint of inbound runs', { direction: 'inbound', endpoint_id: 'ep_1' }, '/endpoint_id'],
    ['an unknown field', { endpoint: 'ep_1' }, '/endpoint'],
  ])('%s is answered 422', async (_, change, pointer) => {
    const body = { ...frame, direction: 'outbound', ...change };
    const answer = await api.call('POST', '/v1/replays', body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
  });
});
