import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { searchAttributes } from '../../src/runtime/search-attributes.ts';
import { makeStarter } from '../../src/runtime/starter.ts';
import { findDelivery } from '../../src/store/deliveries.ts';
import { addDelivered, addOutbound, nextMoment, openOne, start } from '../server/replay-rows.ts';
import { addDelivery, addEndpoint, addEvent } from '../server/rows.ts';
import { serveApi } from '../server/served-api.ts';
import type { ServedApi } from '../server/served-api.ts';

let api: ServedApi;
let started: { id: string; input: unknown; replay: string | undefined }[] = [];
let histories = new Map<string, object>();
let isAway = false;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
beforeEach(() => {
  started = [];
  histories = new Map();
  isAway = false;
});

/** A Temporal that keeps what it is told to start, and the histories of a test. */
const client = {
  options: { namespace: 'default' },
  withDeadline: (_: number, act: () => Promise<unknown>) => act(),
  workflow: {
    async start(_: string, options: WorkflowStartOptions) {
      const { workflowId: id, args, typedSearchAttributes: found } = options;
      const replay = found && 'get' in found ? found.get(searchAttributes.replay) : undefined;
      started.push({ id, input: args?.[0], replay });
    },
  },
  workflowService: {
    async getWorkflowExecutionHistory({ execution }: { execution: { workflowId: string } }) {
      if (isAway) throw new Error('Away');
      const input = histories.get(execution.workflowId);
      if (!input) return {};
      const payloads = [defaultPayloadConverter.toPayload(input)];
      const workflowExecutionStartedEventAttributes = { input: { payloads } };
      return { history: { events: [{ workflowExecutionStartedEventAttributes }] } };
    },
  },
} as unknown as Client;

/** Start a delivery as the sweeper does. */
async function sweep(id: string): Promise<boolean> {
  const log = pino({ level: 'silent' });
  const publicUrl = 'https://example.com';
  const starter = makeStarter({ db: api.db, client, log, schedule: [0, 7], publicUrl });
  const row = await findDelivery(api.db, id);
  if (!row) throw new Error(`There is no delivery "${id}"`);
  const isStarted = await starter.start({ deliveries: [{ ...row, is_in_line: false }] });
  await starter.close();
  return isStarted;
}

test('what a replay has opened and the sweeper starts is under that replay, as it was told before', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_kept', count: 2 });
  const replay = String((await start(api, 'ep_kept')).body['id']);
  const [kept = '', bare = ''] = ids;
  await openOne(api, replay, { id: kept, origin: 'history' });
  await openOne(api, replay, { id: bare, origin: 'row' });
  histories.set(kept, { deliveryId: kept, cycle: 1, schedule: [0, 5], from: 2 });
  expect([await sweep(kept), await sweep(bare)]).toEqual([true, true]);
  expect(started).toEqual([
    { id: `${kept}-c2`, input: { deliveryId: kept, cycle: 2, schedule: [0, 5] }, replay },
    { id: `${bare}-c2`, input: { deliveryId: bare, cycle: 2, schedule: [0, 7] }, replay },
  ]);
});

test('is left to the next look while the history can not be read', async () => {
  const [id = ''] = await addDelivered(api, { endpoint: 'ep_away', count: 1 });
  const replay = String((await start(api, 'ep_away')).body['id']);
  await openOne(api, replay, { id });
  isAway = true;
  expect([await sweep(id), started]).toEqual([false, []]);
  isAway = false;
  expect(await sweep(id)).toBe(true);
  expect(started).toMatchObject([{ id: `${id}-c2`, replay }]);
});

test('a new delivery is under its replay, whether it repeats another or only its event', async () => {
  const endpoint = await addEndpoint(api);
  const [old = ''] = await addDelivered(api, { endpoint, count: 1 });
  const open = async (replay: string, item: string) => {
    const at = new Date();
    const fresh = { id: makeId('dlv', at), at, orderKey: 'a' };
    await openOne(api, replay, { id: item, origin: null, fresh });
    return fresh.id;
  };
  const again = String((await start(api, endpoint, { ids: 'new' })).body['id']);
  const repeated = await open(again, old);
  const event = await addOutbound(api, { type: 'custom.backfilled' });
  await nextMoment();
  const request = {
    endpoint_id: undefined,
    event_types: ['custom.backfilled'],
    target: { kind: 'endpoint', endpoint_id: endpoint },
  };
  const other = String((await start(api, endpoint, request)).body['id']);
  const backfilled = await open(other, event);
  await sweep(repeated);
  await sweep(backfilled);
  expect(started).toMatchObject([
    { id: repeated, replay: again },
    { id: backfilled, replay: other },
  ]);
});

test('nobody else is: another cycle, or the first one', async () => {
  const [id = ''] = await addDelivered(api, { endpoint: 'ep_else', count: 1 });
  const replay = String((await start(api, 'ep_else')).body['id']);
  await openOne(api, replay, { id });
  await api.db('deliveries').where({ id }).update({ cycle: 3 });
  await sweep(id);
  await sweep(await addDelivery(api, { event_id: await addEvent(api) }));
  expect(started.map((each) => each.replay)).toEqual([undefined, undefined]);
});
