import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
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
});

const list = async (query: string): Promise<Answer> => api.call('GET', `/v1/dead-letters${query}`);
const idsOf = ({ body }: Answer): string[] =>
  (body['data'] as { id: string }[]).map(({ id }) => id);
describe('a list of dead letters', () => {
  test('shows where each one died, and one by its id', async () => {
    const made = await api.call('POST', '/v1/endpoints', {
      url: 'https://dead.example/in',
      event_types: ['*'],
    });
    const endpoint_id = String(made.body['id']);
    const id = await addDead(api, { endpoint_id, cycle: 2 }, 'timeout');
    const { body } = await list('');
    expect(body['data']).toEqual([
      {
        id: `${id}-c2`,
        kind: 'delivery',
        subject_id: id,
        cycle: 2,
        workflow_id: `${id}-c2`,
        event_id: expect.any(String) as string,
        event_type: 'session.created',
        endpoint_id,
        endpoint_url: 'https://dead.example/in',
        trigger: null,
        reason: 'timeout',
        died_at: expect.any(String) as string,
        state: 'open',
        settled_at: null,
        settled_by: null,
        settled_reason: null,
      },
    ]);
    const one = await api.call('GET', `/v1/dead-letters/${id}-c2`);
    expect([body['data']]).toEqual([[one.body]]);
    await api.call('DELETE', `/v1/endpoints/${endpoint_id}`);
    const after = await api.call('GET', `/v1/dead-letters/${id}-c2`);
    expect(after.body).toMatchObject({ endpoint_id, endpoint_url: null });
    expect((await api.call('GET', '/v1/dead-letters/dlv_none')).status).toBe(404);
  });

  test('comes newest death first, page by page, though many died in one instant', async () => {
    await addManyDead(api, 7, 'session.created');
    const first = await addDead(api);
    // Microseconds apart, which a cursor in milliseconds would lose.
    await api.db.raw(`update failed_cycles set died_at = now() - interval '1 hour' where id = ?`, [
      first,
    ]);
    await api.db.raw(
      `update failed_cycles set died_at = died_at + n * interval '1 microsecond'
       from (select id as same, row_number() over (order by id) % 3 as n from failed_cycles) k
       where id = same and event_type = 'session.created' and id <> ?`,
      [first],
    );
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 4; page += 1) {
      const answer = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(answer));
      cursor = (answer.body['next_cursor'] as string | null) ?? '';
    }
    const rows = await api.db('failed_cycles').orderByRaw('died_at desc, id desc').pluck('id');
    expect(seen).toEqual(rows);
    expect([seen.length, seen.at(-1), cursor]).toEqual([8, first, '']);
  });

  test.each([
    ['state', 'state=open', 'state=discarded'],
    ['kind', 'kind=delivery', 'kind=trigger_run'],
    ['endpoint', 'endpoint_id=ep_f', 'endpoint_id=ep_g'],
    ['reason', 'reason=gone', 'reason=timeout'],
    ['event type', 'event_type=tool.called', 'event_type=tool.error'],
    ['time', 'from=2000-01-01T00:00:00Z', 'to=2000-01-01T00:00:00Z'],
    ['part of the id of its event', 'text=vt_f_', 'text=vtXf'],
  ])('is narrowed by its %s', async (_, matching, other) => {
    const over = { endpoint_id: 'ep_f', event_type: 'tool.called', event_id: 'evt_f_1' };
    const id = await addDead(api, over, 'gone');
    expect(idsOf(await list(`?${matching}`))).toEqual([id]);
    expect(idsOf(await list(`?${other}`))).toEqual([]);
  });

  test('is found by its whole id, the one of its event, and the trigger of its run', async () => {
    const event_id = makeId('evt');
    const delivery = await addDead(api, { event_id });
    const run = await addRun(api, { state: 'failed', trigger: 'review', reason: 'broke' });
    const row = await api.db('trigger_runs').where({ id: run }).first();
    if (row) await recordFailedRun(api.db, row);
    expect(idsOf(await list(`?text=${event_id}`))).toEqual([delivery]);
    expect(idsOf(await list(`?text=${delivery}`))).toEqual([delivery]);
    expect(idsOf(await list('?trigger=review'))).toEqual([run]);
  });

  test('refuses a cursor that is none, and one of another filter', async () => {
    await addManyDead(api, 3, 'tool.called');
    const page = await list('?limit=2&state=open');
    const cursor = String(page.body['next_cursor']);
    expect((await list(`?limit=2&state=open&cursor=${cursor}`)).body).toMatchObject({
      data: [expect.anything()],
      next_cursor: null,
    });
    const forged = Buffer.from(cursor, 'base64url')
      .toString()
      .replace(/-\d\d-\d\dT/, '-99-99T');
    for (const wrong of [
      `cursor=${cursor}`,
      'cursor=dlv_1',
      `state=open&cursor=${Buffer.from(forged).toString('base64url')}`,
    ]) {
      const answer = await list(`?${wrong}`);
      expect(answer.status).toBe(422);
      expect(answer.body['errors']).toMatchObject([{ pointer: '?cursor' }]);
    }
  });

  test('reads a page on an index, however many there are', async () => {
    await addManyDead(api, 2000, 'tool.called');
    await api.db('failed_cycles').update({ state: 'redriven' });
    await addManyDead(api, 100, 'tool.called');
    await api.db.raw('analyze failed_cycles');
    const queries: { sql: string; bindings: readonly unknown[] }[] = [];
    const note = (query: { sql: string; bindings: readonly unknown[] }) => void queries.push(query);
    api.db.on('query', note);
    const page = await list('?state=open');
    await list(`?state=open&cursor=${String(page.body['next_cursor'])}`);
    api.db.off('query', note);
    const reads = queries.filter(({ sql }) => sql.includes('dead_letters'));
    expect(reads).toHaveLength(2);
    for (const { sql, bindings } of reads) {
      const text = sql.replaceAll(/\$\d+/g, '?');
      const { rows } = (await api.db.raw(`explain ${text}`, [...(bindings as string[])])) as {
        rows: Record<string, string>[];
      };
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/failed_cycles_by_state/);
      expect(plan).not.toMatch(/Sort/);
    }
  });
});

describe('groups of dead letters', () => {
  test('count open ones by place and reason, most first', async () => {
    await addDead(api, { endpoint_id: 'ep_a' }, 'timeout');
    await addDead(api, { endpoint_id: 'ep_a' }, 'timeout');
    await addDead(api, { endpoint_id: 'ep_b' }, 'timeout');
    const discarded = await addDead(api, { endpoint_id: 'ep_b' }, 'timeout');
    await api.call('POST', '/v1/dead-letters/discard', { ids: [discarded], reason: 'x' });
    await addDead(api, { tenant_id: 'ten_other', endpoint_id: 'ep_a' }, 'timeout');
    const { body } = await api.call('GET', '/v1/dead-letters/groups');
    expect(body['data']).toMatchObject([
      { kind: 'delivery', endpoint_id: 'ep_a', endpoint_url: null, reason: 'timeout', count: 2 },
      { endpoint_id: 'ep_b', count: 1, trigger: null, first_died_at: expect.any(String) as string },
    ]);
    expect(body['is_cut']).toBe(false);
    const settled = await api.call('GET', '/v1/dead-letters/groups?state=discarded');
    expect(settled.body['data']).toMatchObject([{ endpoint_id: 'ep_b', count: 1 }]);
  });

  test('are the 200 largest, and say so when there are more', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `ep_${index}`);
    await Promise.all(ids.map((endpoint_id) => addDead(api, { endpoint_id }, 'timeout')));
    await addDead(api, { endpoint_id: 'ep_7' }, 'timeout');
    const whole = await api.call('GET', '/v1/dead-letters/groups');
    expect(whole.body).toMatchObject({ data: { length: 200 }, is_cut: false });
    await addDead(api, { endpoint_id: 'ep_201' }, 'timeout');
    const cut = await api.call('GET', '/v1/dead-letters/groups');
    expect(cut.body).toMatchObject({ data: { length: 200, 0: { count: 2 } }, is_cut: true });
  });
});
