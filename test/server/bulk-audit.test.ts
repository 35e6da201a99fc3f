import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { addDead, addManyDead } from './dead-letter-rows.ts';
import { addDelivery, addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { steeredRows } from './steered-rows.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
const { audited, addRetrying, addMany } = steeredRows(() => api);

type Add = () => Promise<string>;
const addWaiting: Add = () => addRetrying();
const addLetter: Add = () => addDead(api);

/** Each bulk, what one more for it is, and what it is refused for. */
const bulks: readonly (readonly [string, Add, Add])[] = [
  ['deliveries/attempt-now', addWaiting, () => addDelivery(api, { state: 'delivered' })],
  ['deliveries/cancel', addWaiting, () => addDelivery(api, { state: 'delivered' })],
  ['deliveries/hold', addWaiting, () => addDelivery(api, { state: 'delivered' })],
  ['deliveries/redrive', addLetter, addWaiting],
  ['dead-letters/redrive', addLetter, addSettled],
  ['dead-letters/discard', addLetter, addSettled],
];

async function addSettled(): Promise<string> {
  const id = await addDead(api);
  await api.db('failed_cycles').where({ id }).update({ state: 'discarded' });
  return id;
}

const kibs = (detail: unknown): number => Buffer.byteLength(JSON.stringify(detail)) / 1024;

/** A kept entry is well below this: a page of the audit log is read as one answer. */
const entryMaxKib = 64;

describe.each(bulks)('the audit log of POST /v1/%s', (path, add, addRefused) => {
  const call = async (body: object): Promise<Answer> => {
    const reason = path.endsWith('discard') ? 'Why' : undefined;
    return api.call('POST', `/v1/${path}`, { reason, ...body });
  };

  test('names what a filter has touched', async () => {
    const ids = [await add(), await add()];
    await addRefused();
    expect((await call({ filter: {} })).status).toBeLessThan(300);
    const [entry] = await audited();
    expect(entry).toMatchObject({ subject: '*', detail: { filter: {}, matched: 2, refused: 0 } });
    expect(entry?.detail).toMatchObject({ ids: ids.toSorted() });
    expect(entry?.detail).not.toHaveProperty('refused_ids');
  });

  test('tells what was done from what was named and refused', async () => {
    const [done, refused] = [await add(), await addRefused()];
    const foreign = makeId('dlv', new Date());
    await call({ ids: [refused, done, foreign, 'x'.repeat(100), 'dlv_none\0', done] });
    const [entry] = await audited();
    expect(entry).toMatchObject({ subject: '*', detail: { matched: 1, refused: 4 } });
    expect(entry?.detail).toMatchObject({ ids: [done], refused_ids: [refused] });
  });

  test('has the one that was named, once or twice, as its subject', async () => {
    const id = await add();
    await call({ ids: [id, id] });
    expect(await audited()).toMatchObject([{ subject: id, detail: { ids: [id], refused: 0 } }]);
  });

  test('stays small whatever is named', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(100, 'x'));
    expect((await call({ ids })).status).toBeLessThan(300);
    const [entry] = await audited();
    expect(entry?.detail).toMatchObject({ matched: 0, refused: 1000 });
    expect(kibs(entry?.detail)).toBeLessThan(1);
  });

  test('stays below 64 KiB when 1,000 are touched', async () => {
    if (add === addLetter) await addManyDead(api, 1000, 'tool.error');
    else await addMany(1000);
    expect((await call({ filter: { event_type: 'tool.error' } })).status).toBeLessThan(300);
    const [entry] = await audited();
    expect(entry).toHaveProperty('detail.ids.length', 1000);
    expect(kibs(entry?.detail)).toBeLessThan(entryMaxKib);
  });
});

test('names what a filter matched and could not be sent', async () => {
  const endpoint_id = await addEndpoint(api);
  const id = await addDead(api, { endpoint_id });
  await api.call('POST', `/v1/endpoints/${endpoint_id}/disable`);
  await api.db('audit_log').delete();
  await api.call('POST', '/v1/dead-letters/redrive', { filter: {} });
  const [entry] = await audited();
  expect(entry?.detail).toMatchObject({ matched: 1, redriven: 0, refused: 1, refused_ids: [id] });
  expect(entry?.detail).not.toHaveProperty('ids');
});
