import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordFailedRun } from '../../src/store/dead-letters.ts';
import { addDead, addManyDead } from './dead-letter-rows.ts';
import { addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());
beforeEach(async () => {
  await api.db('failed_cycles').delete();
  await api.db('audit_log').delete();
});

const redrive = async (body: unknown): Promise<Answer> =>
  api.call('POST', '/v1/dead-letters/redrive', body);
const discard = async (body: object): Promise<Answer> =>
  api.call('POST', '/v1/dead-letters/discard', { reason: 'Not needed', ...body });

const audited = () =>
  api.db('audit_log').orderBy('id').select('actor', 'action', 'subject', 'detail');

describe('discarding', () => {
  test('says who and why, once, and leaves the delivery dead', async () => {
    const id = await addDead(api);
    const first = await discard({ ids: [id, 'dlv_none\0'], reason: 'Customer left' });
    expect([first.status, first.body]).toEqual([
      200,
      {
        matched: 1,
        discarded: 1,
        remaining: 0,
        next_cursor: null,
        results: [
          { id, state: 'discarded' },
          { id: 'dlv_none\0', state: 'refused', reason: 'not found' },
        ],
      },
    ]);
    const letter = await api.call('GET', `/v1/dead-letters/${id}`);
    expect(letter.body).toMatchObject({ state: 'discarded', settled_reason: 'Customer left' });
    expect(letter.body['settled_by']).toMatch(/^key_/);
    expect(letter.body['settled_at']).not.toBeNull();
    const second = await redrive({ ids: [id] });
    expect(second.body).toMatchObject({ redriven: 0, results: [{ reason: 'already discarded' }] });
    expect((await api.call('GET', `/v1/deliveries/${id}`)).body).toMatchObject({ state: 'dead' });
    expect(await audited()).toMatchObject([
      {
        actor: letter.body['settled_by'],
        action: 'dead_letter.discard',
        subject: id,
        detail: { ids: [id], matched: 1, discarded: 1, refused: 1, reason: 'Customer left' },
      },
      { action: 'dead_letter.redrive', subject: id, detail: { redriven: 0, refused: 1 } },
    ]);
  });

  test('by a filter takes the open ones that match, of this tenant', async () => {
    const matching = await addDead(api, { endpoint_id: 'ep_x' });
    const other = await addDead(api, { endpoint_id: 'ep_y' });
    const foreign = await addDead(api, { endpoint_id: 'ep_x', tenant_id: 'ten_other' });
    const { body } = await discard({ filter: { endpoint_id: 'ep_x' } });
    expect(body).toMatchObject({ matched: 1, results: [{ id: matching, state: 'discarded' }] });
    const rows = await api.db('failed_cycles').where({ state: 'open' }).pluck('id');
    expect(rows.toSorted()).toEqual([other, foreign].toSorted());
    expect(await audited()).toMatchObject([
      { subject: '*', detail: { filter: { endpoint_id: 'ep_x' }, discarded: 1 } },
    ]);
  });

  test.each([
    ['without a reason', { ids: ['dlv_1'], reason: '' }, '/reason'],
    ['with half a character as reason', { ids: ['dlv_1'], reason: '\ud800' }, '/reason'],
    ['of nothing', {}, '/ids'],
    ['of ids and a filter', { ids: ['dlv_1'], filter: {} }, '/ids'],
    ['of settled ones', { filter: { state: 'redriven' } }, '/filter/state'],
    ['of a filter that does not exist', { filter: { endpoint: 'ep_1' } }, '/filter/endpoint'],
    ['with U+0000 in a filter', { filter: { trigger: 'a\0' } }, '/filter/trigger'],
    ['with a cursor that is none', { filter: {}, cursor: 'abc' }, '/cursor'],
    ['of ids with a count', { ids: ['dlv_1'], confirm: 1 }, '/confirm'],
  ])('%s is answered 422', async (_, body, pointer) => {
    const answer = await discard(body);
    expect([answer.status, answer.body['errors']]).toMatchObject([422, [{ pointer }]]);
  });
});

describe('redriving', () => {
  test('keeps why, when it is said', async () => {
    const id = await addDead(api);
    const { status } = await redrive({ ids: [id], reason: 'They have fixed it' });
    expect(status).toBe(202);
    const letter = await api.call('GET', `/v1/dead-letters/${id}`);
    const said = { state: 'redriven', settled_reason: 'They have fixed it' };
    expect(letter.body).toMatchObject(said);
    expect(await audited()).toMatchObject([
      { action: 'dead_letter.redrive', subject: id, detail: { reason: 'They have fixed it' } },
    ]);
    const other = await addDead(api);
    expect((await redrive({ ids: [other], reason: '' })).body['errors']).toMatchObject([
      { pointer: '/reason' },
    ]);
    await redrive({ ids: [other] });
    const silent = await api.call('GET', `/v1/dead-letters/${other}`);
    expect(silent.body).toMatchObject({ state: 'redriven', settled_reason: null });
  });
});

describe('a dry run', () => {
  test.each(['redrive', 'discard'])(
    'of %s counts, shows a few, and changes nothing',
    async (verb) => {
      const id = await addDead(api, { endpoint_id: 'ep_dry' });
      await addManyDead(api, 6, 'tool.error');
      const before = await api.db('failed_cycles').orderBy('id');
      const wakes = api.wakes();
      const body = { dry_run: true, ...(verb === 'discard' && { reason: 'x' }) };
      const ask = (more: object) =>
        api.call('POST', `/v1/dead-letters/${verb}`, { ...body, ...more });
      const filtered = await ask({ filter: { event_type: 'tool.error' } });
      expect([filtered.status, filtered.body['matched']]).toEqual([200, 6]);
      expect(filtered.body['sample']).toHaveLength(5);
      const named = await ask({ ids: [id, 'dlv_none'] });
      expect(named.body).toMatchObject({ matched: 1, sample: [{ id, state: 'open' }] });
      expect(await api.db('failed_cycles').orderBy('id')).toEqual(before);
      expect([await audited(), api.wakes()]).toEqual([[], wakes]);
    },
  );
});

describe('redriving by a filter', () => {
  test('of more than 1,000 needs their number, and goes on piece by piece to the end', async () => {
    await addManyDead(api, 2300, 'session.archived');
    const filter = { event_type: 'session.archived' };
    const unsure = await redrive({ filter });
    expect([unsure.status, unsure.body['type']]).toEqual([409, '/problems/confirm-needed']);
    expect(unsure.body['detail']).toContain('2300');
    expect((await redrive({ filter, confirm: 2299 })).status).toBe(409);
    expect(await api.db('deliveries').where({ cycle: 2, event_type: 'session.archived' })).toEqual(
      [],
    );

    const first = await redrive({ filter, confirm: 2300 });
    expect(first.body).toMatchObject({ matched: 2300, redriven: 1000, remaining: 1300 });
    // What dies again, or anew, is not this bulk's: a consumer that answers 410 would keep it going for ever.
    const died = await addDead(api, { event_type: 'session.archived' });
    const counts: unknown[] = [];
    let cursor = first.body['next_cursor'];
    while (cursor !== null) {
      const { body } = await redrive({ filter, cursor });
      counts.push([body['matched'], body['redriven'], body['remaining']]);
      cursor = body['next_cursor'];
    }
    expect(counts).toEqual([
      [1300, 1000, 300],
      [300, 300, 0],
    ]);
    expect(await api.db('failed_cycles').where({ state: 'open' }).pluck('id')).toEqual([died]);
    const [{ again } = { again: 0 }] = await api
      .db('deliveries')
      .where({ cycle: 2, state: 'pending', event_type: 'session.archived' })
      .count({ again: '*' });
    expect(Number(again)).toBe(2300);
    expect(await audited()).toHaveLength(3);
  });

  test('leaves open what cannot be redriven, says so, and still ends', async () => {
    const id = await addDead(api);
    await api.db('deliveries').where({ id }).delete();
    const { body } = await redrive({ filter: {} });
    expect(body).toMatchObject({
      matched: 1,
      redriven: 0,
      next_cursor: null,
      results: [{ id, state: 'refused', reason: 'its delivery or run is gone or went on' }],
    });
    expect((await api.call('GET', `/v1/dead-letters/${id}`)).body).toMatchObject({ state: 'open' });
  });
});

test('of operators who redrive and discard the same ones at once, each dead letter has one', async () => {
  await addManyDead(api, 400, 'session.finished');
  const runs = await addRun(api, { state: 'failed', event_type: 'session.finished' });
  const row = await api.db('trigger_runs').where({ id: runs }).first();
  if (row) await recordFailedRun(api.db, row);
  const ids = await api.db('failed_cycles').orderByRaw('random()').pluck('id');
  const filter = { event_type: 'session.finished' };
  const answers = await Promise.all([
    redrive({ filter }),
    redrive({ ids }),
    discard({ filter }),
    redrive({ ids: ids.toReversed() }),
    discard({ ids }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 200, 202, 200]);
  const done = (name: string): number =>
    answers.reduce((sum, { body }) => sum + Number(body[name] ?? 0), 0);
  expect(done('redriven') + done('discarded')).toBe(401);
  const again = await api.db('deliveries').where({ event_type: 'session.finished', cycle: 2 });
  const runAgain = await api.db('trigger_runs').where({ id: runs, cycle: 2 });
  expect(again.length + runAgain.length).toBe(done('redriven'));
  expect(await api.db('failed_cycles').where({ state: 'discarded' })).toHaveLength(
    done('discarded'),
  );
});

test('of operators who come at the very same moment, the second finds all settled', async () => {
  await addManyDead(api, 50, 'tool.error');
  const filter = { event_type: 'tool.error' };
  const ids = await api.db('failed_cycles').pluck('id');
  // Nobody can settle anything while the test holds them; whoever comes waits in line.
  const gate = await api.db.transaction();
  await gate('failed_cycles').select('id').forUpdate();
  const waiting = (count: number) =>
    vi.waitFor(async () => {
      const activity = gate('pg_stat_activity').where({ wait_event_type: 'Lock' });
      expect(await activity.andWhereRaw('datname = current_database()')).toHaveLength(count);
    }, 30_000);
  const first = discard({ filter });
  await waiting(1);
  const others = [redrive({ filter }), redrive({ ids })];
  await waiting(3);
  await gate.rollback();
  expect((await first).body).toMatchObject({ discarded: 50 });
  const answers = await Promise.all(others);
  expect(answers.map(({ body }) => body['redriven'])).toEqual([0, 0]);
  expect(await api.db('deliveries').where({ ...filter, cycle: 2 })).toEqual([]);
});
