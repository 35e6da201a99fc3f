import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import { addDead } from './dead-letter-rows.ts';
import { addDelivery } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';
import { steeredRows } from './steered-rows.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
const { addRetrying } = steeredRows(() => api);
beforeEach(async () => void (await api.db('failed_cycles').delete()));
afterEach(() => void vi.restoreAllMocks());

const filter = { endpoint_id: 'ep_1' };

/** Each bulk, what one more for it is, and how it is named when it is done. */
const bulks: readonly (readonly [string, () => Promise<string>, string])[] = [
  ['deliveries/attempt-now', () => addRetrying(), 'due'],
  ['deliveries/cancel', () => addRetrying(), 'cancelled'],
  ['deliveries/hold', () => addRetrying(), 'held'],
  ['deliveries/redrive', () => addDead(api), 'redriven'],
  ['dead-letters/redrive', () => addDead(api), 'redriven'],
  ['dead-letters/discard', () => addDead(api), 'discarded'],
];

/** Before the first query of a kind. */
function justBefore(kind: RegExp, act: () => Promise<unknown>): void {
  const { prototype } = (api.db.client as { constructor: { prototype: Queries } }).constructor;
  const answering = Reflect.get(prototype, '_query') as Queries['_query'];
  let isDone = false;
  vi.spyOn(prototype, '_query').mockImplementation(async function (this: Queries, ...given) {
    if (!isDone && kind.test(given[1].sql)) {
      isDone = true;
      await act();
    }
    return answering.apply(this, given);
  });
}

/** Let a delivery become what a bulk is about; it was so before the bulk began, and is written now. */
async function turn(path: string, id: string): Promise<void> {
  if (/attempt-now|cancel|hold/.test(path)) {
    await api.db('deliveries').where({ id }).update({ state: 'retrying', ended_at: null });
    return;
  }
  await api.db('deliveries').where({ id }).update({ state: 'retrying' });
  await recordDeadDelivery(api.db, { id, cycle: 1 }, 'status');
  const died_at = api.db.raw(`now() - interval '1 minute'`);
  await api.db('failed_cycles').where({ subject_id: id }).update({ died_at });
}

interface Queries {
  _query: (this: Queries, ...given: [unknown, { readonly sql: string }]) => Promise<unknown>;
}

describe.each(bulks)('%s', (path, add, done) => {
  const call = async (body: object): Promise<Answer> => {
    const reason =
      path === 'deliveries/cancel' || path === 'dead-letters/discard' ? 'Why' : undefined;
    return api.call('POST', `/v1/${path}`, { filter, reason, ...body });
  };

  test('what has changed since the preview must be confirmed anew, and is then told of', async () => {
    await add();
    await add();
    const { matched } = (await call({ dry_run: true })).body;
    expect(matched).toBe(2);
    await add();
    const late = await call({ confirm: matched });
    expect(late).toMatchObject({
      status: 409,
      body: {
        type: '/problems/confirm-needed',
        errors: [{ pointer: '/confirm', detail: 'Must be 3' }],
      },
    });
    expect(await api.db('audit_log')).toEqual([]);
    expect((await call({ confirm: 3 })).body).toMatchObject({ matched: 3, [done]: 3 });
    const [entry, ...others] = await api.db('audit_log');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      actor: expect.stringMatching(/^key_/) as string,
      tenant_id: api.tenantId,
      detail: { filter, matched: 3, [done]: 3, refused: 0 },
    });
  });

  test('no more are changed than were confirmed, though one more comes in that moment', async () => {
    await add();
    await add();
    // It was there before, and comes to match now.
    const late = await addDelivery(api, {
      state: path.endsWith('redrive') ? 'retrying' : 'delivered',
    });
    justBefore(/^select \* from "deliveries"|for update/, async () => turn(path, late));
    const { status, body } = await call({ confirm: 2 });
    const isRefused = path.startsWith('dead-letters');
    expect({ status, body }).toMatchObject(
      isRefused
        ? { status: 409, body: { errors: [{ detail: 'Must be 3' }] } }
        : { body: { matched: 2, [done]: 2 } },
    );
    expect(await api.db('audit_log')).toHaveLength(isRefused ? 0 : 1);
  });
});
