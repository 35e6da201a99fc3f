import { asyncLocalStorage } from '@temporalio/activity';
import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest';
import { replayPage } from '../../activities/replay-page.ts';
import { addDelivered, replayRow, start } from '../server/replay-rows.ts';
import { serveApi } from '../server/served-api.ts';
import type { ServedApi } from '../server/served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
afterEach(() => vi.restoreAllMocks());

/** What a worker gives an activity. */
const context = {
  heartbeat: () => undefined,
  sleep: async () => undefined,
} as unknown as Context;

/** A Temporal that keeps no history. */
const client = {
  options: { namespace: 'default' },
  withDeadline: (_: unknown, act: () => Promise<unknown>) => act(),
  workflowService: { getWorkflowExecutionHistory: async () => ({}) },
} as unknown as Client;
const starter = { start: async () => true, close: async () => undefined };

function page(replayId: string, after: string | null) {
  const parts = { db: api.db, client, starter };
  return asyncLocalStorage.run(context, () => replayPage(parts, { replayId, after }));
}

test('a first page that is slow to judge starts something, and is not taken for the last', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_slow', count: 3 });
  const filter = 'body == {}';
  const { body } = await start(api, 'ep_slow', { filter });
  const id = String(body['id']);
  let slow = 0;
  const real = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => {
    slow += 30_000; // As when the machine slept: each look at the clock is later than a page may end.
    return real() + slow;
  });
  let { next } = await page(id, null);
  expect(next).toBe(ids[0]);
  while (next !== null) ({ next } = await page(id, next));
  expect(await replayRow(api, id)).toMatchObject({ planned: 3, done: 3, failed: 0 });
});

test('a page of nothing is the last', async () => {
  const { body } = await start(api, 'ep_nothing');
  expect(await page(String(body['id']), null)).toEqual({ next: null });
});

test('cancelled while a page is under way it opens nothing more, and says that it rests', async () => {
  const ids = await addDelivered(api, { endpoint: 'ep_cut', count: 5 });
  const id = String((await start(api, 'ep_cut', { rate: 1 })).body['id']);
  let starts = 0;
  const cancelling = {
    ...starter,
    start: async () => {
      starts += 1;
      if (starts === 2) await api.call('POST', `/v1/replays/${id}/cancel`);
      return true;
    },
  };
  const parts = { db: api.db, client, starter: cancelling };
  const ended = await asyncLocalStorage.run(context, () =>
    replayPage(parts, { replayId: id, after: null }),
  );
  expect(ended).toEqual({ next: ids[1], hold: 'paused' });
  expect(await page(id, ids[1] ?? null)).toEqual({ next: ids[1], hold: 'ended' });
  expect(await replayRow(api, id)).toMatchObject({ state: 'cancelled', done: 2, failed: 0 });
  const moved = await api.db('deliveries').where({ endpoint_id: 'ep_cut', cycle: 2 });
  expect(moved.map((row) => row.id).toSorted()).toEqual(ids.slice(0, 2));
});
