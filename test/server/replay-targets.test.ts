import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { setParkedPending } from '../../src/store/parked-deliveries.ts';
import { listReplayPage } from '../../src/store/replay-selection.ts';
import { setReplayCompleted } from '../../src/store/replays.ts';
import { claimUnstarted } from '../../src/store/starts.ts';
import {
  addDelivered,
  addOutbound,
  frame,
  nextMoment,
  openOne,
  replayRow,
  start,
} from './replay-rows.ts';
import { addDelivery, addEndpoint, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

describe('a replay to another endpoint', () => {
  /** Ask for all outbound events of `type` to be sent to an endpoint. */
  async function backfill(endpoint_id: string, type: string, over: object = {}): Promise<Answer> {
    const { target, ...rest } = { target: {}, ...over };
    return api.call('POST', '/v1/replays', {
      ...frame,
      direction: 'outbound',
      event_types: [type],
      target: { kind: 'endpoint', endpoint_id, ...target },
      ...rest,
    });
  }

  /** Open one event for a replay, as a worker does. */
  async function sendOne(replayId: unknown, event: string | undefined) {
    const at = new Date();
    const fresh = { id: makeId('dlv', at), at, orderKey: null };
    const opened = await openOne(api, String(replayId), { id: event, origin: null, fresh });
    const delivery = await api.db('deliveries').where({ id: fresh.id }).first();
    return { opened, delivery, id: fresh.id };
  }

  test('sends each event once, whether or not it had a delivery', async () => {
    const endpoint = await addEndpoint(api);
    await api
      .db('endpoints')
      .where({ id: endpoint })
      .update({ schedule_ms: [0, 1000] });
    const type = 'custom.backfilled';
    const events = [await addOutbound(api, { type }), await addOutbound(api, { type })];
    await addDelivery(api, { event_id: events[1] ?? '', event_type: type, endpoint_id: 'ep_old' });
    await addEvent(api, { type }); // Inbound: nobody's outbound event.
    await nextMoment();
    const preview = await backfill(endpoint, type, { dry_run: true });
    expect(preview.body).toMatchObject({
      planned: 2,
      sample: [{ id: events[1], event_id: events[1], state: 'recorded' }, { id: events[0] }],
      will: expect.stringContaining(endpoint) as unknown,
    });
    const { body } = await backfill(endpoint, type);
    const page = await listReplayPage(api.db, await replayRow(api, String(body['id'])), {
      after: null,
      limit: 10,
    });
    expect(page.map(({ id }) => id)).toEqual(events);
    const first = await sendOne(body['id'], events[0]);
    expect(first.opened).toMatchObject({ kind: 'opened', cycle: 1, deliveryId: first.id });
    expect(first.delivery).toMatchObject({
      tenant_id: api.tenantId,
      event_id: events[0],
      event_type: type,
      endpoint_id: endpoint,
      state: 'pending',
      cycle: 1,
      schedule_ms: [0, 1000],
      replay_of: null,
      started_at: null,
    });
    expect(await sendOne(body['id'], events[0])).toMatchObject({
      opened: { kind: 'skipped' },
      delivery: undefined,
    });
    const read = await api.call('GET', `/v1/replays/${String(body['id'])}`);
    expect(read.body).toMatchObject({
      target_endpoint_id: endpoint,
      ids: 'new',
      done: 1,
      failed: 0,
      from_row: 0,
      outcomes: { succeeded: 0, failed: 0, under_way: 1, other: 0 },
    });
    const items = await api.call('GET', `/v1/replays/${String(body['id'])}/items`);
    expect(items.body['data']).toMatchObject([
      { id: events[0], delivery_id: first.id, cycle: 1, origin: null },
    ]);
  });

  test('is found by the sweeper when its starter has died', async () => {
    const endpoint = await addEndpoint(api);
    const event = await addOutbound(api, { type: 'custom.swept' });
    await nextMoment();
    const { body } = await backfill(endpoint, 'custom.swept');
    const { id } = await sendOne(body['id'], event);
    const started = async () => (await claimUnstarted(api.db)).deliveries.map((row) => row.id);
    expect(await started()).not.toContain(id);
    await api
      .db('deliveries')
      .where({ id })
      .update({ start_after: new Date(0) });
    expect(await started()).toContain(id);
  });

  test('of what went to the endpoint of the filter, it names what it repeats', async () => {
    const endpoint = await addEndpoint(api);
    const [old = '', other = ''] = [
      ...(await addDelivered(api, { endpoint: 'ep_moved', count: 1 }, { state: 'dead' })),
      ...(await addDelivered(api, { endpoint: 'ep_moved', count: 1 })),
    ];
    const row = await api.db('deliveries').where({ id: old }).first();
    const narrowed = { endpoint_id: 'ep_moved', state: 'failed' };
    const { body } = await backfill(endpoint, 'session.created', narrowed);
    expect(body).toMatchObject({ planned: 1 });
    const { delivery } = await sendOne(body['id'], row?.event_id);
    expect(delivery).toMatchObject({ endpoint_id: endpoint, replay_of: old });
    const all = await backfill(endpoint, 'session.created', { endpoint_id: 'ep_moved' });
    expect(all.body).toMatchObject({ planned: 2 });
    expect(other).not.toBe('');
  });

  test('takes what the endpoint has asked for, unless it is told not to', async () => {
    const endpoint = await addEndpoint(api);
    const own = { event_types: ['custom.*'], filter: 'body.data.isWanted' };
    await api.db('endpoints').where({ id: endpoint }).update(own);
    const add = (type: string, data: object) =>
      addOutbound(api, { type, body: Buffer.from(JSON.stringify({ data })) });
    await add('custom.asked', { isWanted: true });
    await add('custom.asked', { isWanted: false });
    await add('session.asked', { isWanted: true });
    await nextMoment();
    const request = { event_types: ['custom.asked', 'session.asked'], dry_run: true };
    const asked = await backfill(endpoint, '', request);
    expect(asked.body).toMatchObject({ planned: 1 });
    const target = { ignore_subscription: true };
    expect((await backfill(endpoint, '', { ...request, target })).body['planned']).toBe(3);
  });

  test('leaves verbose types to endpoints that name them', async () => {
    const endpoint = await addEndpoint(api);
    await addOutbound(api, { type: 'agent.step' });
    await nextMoment();
    const planned = async () =>
      (await backfill(endpoint, 'agent.step', { dry_run: true })).body['planned'];
    expect(await planned()).toBe(0);
    const event_types = ['*', 'agent.step'];
    await api.db('endpoints').where({ id: endpoint }).update({ event_types });
    expect(await planned()).toBe(1);
  });

  test('what goes to a paused endpoint waits until it is resumed', async () => {
    const endpoint = await addEndpoint(api);
    const event = await addOutbound(api, { type: 'custom.parked' });
    await nextMoment();
    await api.db('endpoints').where({ id: endpoint }).update({ state: 'paused' });
    const { status, body } = await backfill(endpoint, 'custom.parked');
    expect(status).toBe(202);
    const { id, delivery } = await sendOne(body['id'], event);
    expect(delivery).toMatchObject({ state: 'parked', last_reason: 'endpoint_paused' });
    await api.db('endpoints').where({ id: endpoint }).update({ state: 'enabled' });
    await setParkedPending(api.db, endpoint);
    const let_go = await api.db('deliveries').where({ id }).first();
    expect(let_go).toMatchObject({ state: 'pending', cycle: 1, last_reason: null });
  });

  test.each([
    ['that is disabled', { state: 'disabled' }, 'Is disabled'],
    ['that is deleted', { deleted_at: new Date() }, 'No endpoint has the id'],
    ['of another tenant', { tenant_id: 'other' }, 'No endpoint has the id'],
  ] as const)('an endpoint %s is answered 422', async (_, change, detail) => {
    const id = await addEndpoint(api);
    expect((await backfill(id, 'custom.refused', { dry_run: true })).status).toBe(200);
    const tenant = 'tenant_id' in change ? { tenant_id: await api.makeTenant() } : {};
    await api
      .db('endpoints')
      .where({ id })
      .update({ ...change, ...tenant });
    const { status, body } = await backfill(id, 'custom.refused');
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer: '/target/endpoint_id' }]);
    expect(body['detail']).toContain(detail);
  });

  test('an endpoint that is disabled on the way makes its items fail', async () => {
    const endpoint = await addEndpoint(api);
    const event = await addOutbound(api, { type: 'custom.late' });
    await nextMoment();
    const { body } = await backfill(endpoint, 'custom.late');
    await api.db('endpoints').where({ id: endpoint }).update({ state: 'disabled' });
    const { opened, delivery } = await sendOne(body['id'], event);
    expect({ opened, delivery }).toEqual({ opened: { kind: 'skipped' }, delivery: undefined });
    const items = await api.call('GET', `/v1/replays/${String(body['id'])}/items`);
    expect(items.body['data']).toMatchObject([{ failure: 'Its endpoint is disabled' }]);
  });

  test('what has died of it is sent again under the id that it had', async () => {
    const endpoint = await addEndpoint(api);
    const events = [];
    for (let i = 0; i < 2; i += 1) events.push(await addOutbound(api, { type: 'custom.died' }));
    await nextMoment();
    const { body } = await backfill(endpoint, 'custom.died');
    const [died, well] = [
      await sendOne(body['id'], events[0]),
      await sendOne(body['id'], events[1]),
    ];
    await api.db('deliveries').where({ id: died.id }).update({ state: 'dead' });
    await api.db('deliveries').where({ id: well.id }).update({ state: 'delivered' });
    await setReplayCompleted(api.db, String(body['id']));
    const again = await api.call('POST', `/v1/replays/${String(body['id'])}/retry-failures`);
    expect(again.body).toMatchObject({ planned: 1, target_endpoint_id: endpoint });
    const { opened, delivery } = await sendOne(again.body['id'], events[0]);
    expect(opened).toMatchObject({ kind: 'opened', cycle: 2, deliveryId: died.id });
    expect(delivery).toBeUndefined();
    const row = await api.db('deliveries').where({ id: died.id }).first();
    expect(row).toMatchObject({ state: 'pending', cycle: 2 });
  });

  test('what was under way again when it was retried is not sent in a second delivery later', async () => {
    const endpoint = await addEndpoint(api);
    const event = await addOutbound(api, { type: 'custom.retried' });
    await nextMoment();
    const { body } = await backfill(endpoint, 'custom.retried');
    const made = await sendOne(body['id'], event);
    const set = (state: 'dead' | 'retrying') =>
      api.db('deliveries').where({ id: made.id }).update({ state });
    const retry = async (id: unknown) => {
      await setReplayCompleted(api.db, String(id));
      return api.call('POST', `/v1/replays/${String(id)}/retry-failures`);
    };
    await set('dead');
    const second = await retry(body['id']);
    await set('retrying');
    expect((await sendOne(second.body['id'], event)).opened).toEqual({ kind: 'skipped' });
    await set('dead');
    const third = await sendOne((await retry(second.body['id'])).body['id'], event);
    expect(third.opened).toMatchObject({ kind: 'opened', cycle: 2, deliveryId: made.id });
    expect(await api.db('deliveries').where({ event_id: event })).toHaveLength(1);
  });
});

describe('ids of a replay', () => {
  test('new ones: a delivery to the same endpoint that says what it repeats', async () => {
    const endpoint = await addEndpoint(api);
    const [old = ''] = await addDelivered(api, { endpoint, count: 1 }, { state: 'dead' });
    const preview = await start(api, endpoint, { ids: 'new', dry_run: true });
    expect(preview.body['will']).toMatch(/does not know/);
    const id = String((await start(api, endpoint, { ids: 'new' })).body['id']);
    const at = new Date();
    const fresh = { id: makeId('dlv', at), at, orderKey: null };
    await openOne(api, id, { id: old, origin: null, fresh });
    const rows = await api.db('deliveries').where({ endpoint_id: endpoint }).orderBy('id');
    expect(rows).toMatchObject([
      { id: old, state: 'dead', cycle: 1 },
      { id: fresh.id, state: 'pending', cycle: 1, replay_of: old, event_id: rows[0]?.event_id },
    ]);
  });

  test('new ones are not made of what is under way again', async () => {
    const endpoint = await addEndpoint(api);
    const [old = ''] = await addDelivered(api, { endpoint, count: 1 });
    const id = String((await start(api, endpoint, { ids: 'new' })).body['id']);
    await api.db('deliveries').where({ id: old }).update({ state: 'retrying' });
    const at = new Date();
    const fresh = { id: makeId('dlv', at), at, orderKey: null };
    const opened = await openOne(api, id, { id: old, origin: null, fresh });
    expect(opened).toEqual({ kind: 'skipped' });
    expect(await api.db('deliveries').where({ endpoint_id: endpoint })).toHaveLength(1);
  });

  test('kept, they are the default', async () => {
    const [id = ''] = await addDelivered(api, { endpoint: 'ep_kept', count: 1 });
    const preview = await start(api, 'ep_kept', { dry_run: true });
    expect(preview.body['will']).toMatch(/with the webhook-id that it had/);
    const made = await start(api, 'ep_kept', { ids: 'keep' });
    await openOne(api, String(made.body['id']), { id });
    expect(await api.db('deliveries').where({ endpoint_id: 'ep_kept' })).toMatchObject([
      { id, state: 'pending', cycle: 2 },
    ]);
  });
});
