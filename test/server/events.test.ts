import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { listEvents } from '../../src/store/event-list.ts';
import type { EventFilter } from '../../src/store/event-list.ts';
import { addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

async function list(query: string): Promise<Record<string, unknown>[]> {
  const { status, body, text } = await api.call('GET', `/v1/events${query}`);
  if (status !== 200) throw new Error(text);
  return body['data'] as Record<string, unknown>[];
}

async function idsOf(query: string): Promise<unknown[]> {
  return (await list(query)).map(({ id }) => id);
}

describe('GET /v1/events', () => {
  test('a row tells of an event what is small; headers and body only when they are asked for', async () => {
    const headers = { a: 'b' };
    const id = await addEvent(api, { source: 'gerrit', headers, body: Buffer.from('{"a":1}') });
    const [row] = await list('?source=gerrit');
    expect(row).toMatchObject({ id, direction: 'inbound', source: 'gerrit', body_bytes: 7 });
    expect(Object.keys(row ?? {})).not.toContain('body');
    expect(Object.keys(row ?? {})).not.toContain('headers');
    const [whole] = await list('?source=gerrit&include=body');
    expect(whole).toMatchObject({ id, headers, body: { a: 1 } });
  });

  test('a body over 64 KiB is left out all the same', async () => {
    const id = await addEvent(api, { source: 'gitee', body: Buffer.alloc(65_537, ' ') });
    expect(await list('?source=gitee&include=body')).toMatchObject([
      { id, body: null, is_body_left_out: true, body_bytes: 65_537 },
    ]);
  });

  test('filters by type, whole or by its beginning', async () => {
    const opened = await addEvent(api, { source: 'lark', type: 'change.opened' });
    const closed = await addEvent(api, { source: 'lark', type: 'change.closed' });
    await addEvent(api, { source: 'lark', type: 'changed' });
    expect(await idsOf('?type=change.opened')).toEqual([opened]);
    expect(await idsOf('?type=change.*')).toEqual([closed, opened]);
    expect(await idsOf('?type=change.*&source=github')).toEqual([]);
    expect(await idsOf('?type=nothing.*')).toEqual([]);
    const first = await api.call('GET', '/v1/events?type=change.*&limit=1');
    expect(await idsOf(`?type=change.*&cursor=${String(first.body['next_cursor'])}`)).toEqual([
      opened,
    ]);
  });

  test('filters by state: those of which something is dead, each once, page by page', async () => {
    const failed: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const id = await addEvent(api, { source: 'gitlab', type: `fail.${name}` });
      failed.unshift(id);
      for (const cycle of [1, 2]) await addDeadLetter(id, cycle);
    }
    await addEvent(api, { source: 'gitlab', type: 'fail.none' });
    const [newest = '', ...older] = failed;
    expect(await idsOf('?state=failed')).toEqual(failed);
    expect(await idsOf('?state=failed&type=fail.one&direction=inbound')).toEqual([failed[2]]);
    expect(await idsOf('?state=failed&source=github')).toEqual([]);
    expect(await idsOf(`?state=failed&cursor=${newest}`)).toEqual(older);
    await api.db('failed_cycles').where({ event_id: newest }).update({ state: 'redriven' });
    expect(await idsOf('?state=failed')).toEqual(older);
  });

  async function addDeadLetter(event_id: string, cycle: number): Promise<void> {
    await api.db('failed_cycles').insert({
      id: makeId('dlv'),
      tenant_id: api.tenantId,
      kind: 'delivery',
      subject_id: makeId('dlv'),
      cycle,
      event_id,
      event_type: 'fail',
      reason: 'status',
    });
  }

  test('filters by direction: the platform’s own, or all channels together', async () => {
    const out = await addEvent(api, { direction: 'outbound', source: 'platform', type: 'a.out' });
    const inbound = await addEvent(api, { source: 'wecom', type: 'a.in' });
    expect(await idsOf('?direction=outbound')).toEqual([out]);
    expect((await idsOf('?direction=inbound'))[0]).toBe(inbound);
    expect(await idsOf('?direction=inbound')).not.toContain(out);
    expect(await idsOf('?direction=outbound&type=a.*')).toEqual([out]);
  });

  test('filters by integration and by time: from is in, to is not', async () => {
    const at = new Date();
    const id = await addEvent(api, {
      id: makeId('evt', at),
      received_at: at,
      integration_id: 'int_9',
    });
    const next = new Date(at.getTime() + 1);
    expect(await idsOf('?integration_id=int_9')).toEqual([id]);
    const from = (when: Date): string => `?integration_id=int_9&from=${when.toISOString()}`;
    expect(await idsOf(from(at))).toEqual([id]);
    expect(await idsOf(from(next))).toEqual([]);
    expect(await idsOf(`?integration_id=int_9&to=${next.toISOString()}`)).toEqual([id]);
    expect(await idsOf(`?integration_id=int_9&to=${at.toISOString()}`)).toEqual([]);
  });

  test('finds an event by its id, the beginning of it, or its dedupe id', async () => {
    const id = await addEvent(api, { dedupe_id: 'abc', integration_id: 'int_text' });
    await api.db('integrations').insert({
      id: 'int_text',
      tenant_id: api.tenantId,
      channel: 'github',
      mode: 'native',
    });
    const key = { owner: 'int_text', dedupe_id: 'abc', event_id: id, accepted_at: new Date() };
    await api.db('dedupe_keys').insert(key);
    expect(await idsOf(`?text=${id}`)).toEqual([id]);
    expect(await idsOf(`?text=${id.slice(0, 25)}`)).toEqual([id]);
    expect(await idsOf('?text=abc')).toEqual([id]);
    expect(await idsOf('?text=ab')).toEqual([]);
    expect(await idsOf(`?text=${id}&source=gitlab`)).toEqual([]);
  });

  test("another tenant's dedupe ids and integrations find nothing", async () => {
    const foreign = { tenant_id: 'ten_other', dedupe_id: 'theirs', integration_id: 'int_theirs' };
    const id = await addEvent(api, foreign);
    const key = { dedupe_id: 'theirs', event_id: id, accepted_at: new Date() };
    await api.db('dedupe_keys').insert({ ...key, owner: 'int_theirs' });
    expect(await idsOf('?text=theirs')).toEqual([]);
    expect(await idsOf('?integration_id=int_theirs')).toEqual([]);
    expect(await idsOf(`?text=${id}`)).toEqual([]);
  });

  test.each([
    '?from=yesterday',
    '?include=headers',
    '?text=',
    '?direction=up',
    '?integration_id=a b',
  ])('refuses %s', async (query) => {
    expect((await api.call('GET', `/v1/events${query}`)).status).toBe(422);
  });
});

describe('GET /v1/events/{id}', () => {
  test('tells all that was recorded, and the body as text too', async () => {
    const body = Buffer.from('{ "a": 1 }');
    const id = await addEvent(api, { query: 'a=1', integration_id: 'int_1', body });
    expect((await api.call('GET', `/v1/events/${id}`)).body).toMatchObject({
      id,
      query: 'a=1',
      content_type: 'application/json',
      integration_id: 'int_1',
      traceparent: null,
      body_bytes: 10,
      body: { a: 1 },
      body_text: '{ "a": 1 }',
      is_body_cut: false,
    });
  });

  test('of a long text the first 1 MiB is told, whole characters only', async () => {
    const body = Buffer.from(`a${'é'.repeat(600_000)}`);
    const id = await addEvent(api, { content_type: 'text/plain', body });
    const answer = (await api.call('GET', `/v1/events/${id}`)).body;
    expect(answer).toMatchObject({ is_body_cut: true, body_bytes: 1_200_001 });
    expect(String(answer['body_text'])).toBe(`a${'é'.repeat(524_287)}`);
  });

  test.each([
    ['nested 500 deep', Buffer.from('['.repeat(500) + ']'.repeat(500)), 'string'],
    ['nested 500,000 deep', Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)), 'string'],
    ['of 5 MiB', Buffer.from(`"${'<'.repeat(5_242_880)}"`), 'string'],
    ['of 5 MiB that are no text', Buffer.alloc(5_242_880, 0xff), 'object'],
  ])('answers a body %s', async (_, body, type) => {
    const id = await addEvent(api, { body });
    const answer = await api.call('GET', `/v1/events/${id}`);
    expect(answer.status).toBe(200);
    expect(typeof answer.body['body']).toBe(type);
  });
});

describe('listEvents()', () => {
  const rows = 50_000;

  beforeAll(async () => {
    // Ids as they are made: the instant, then what tells rows of one millisecond apart.
    for (let first = 1; first < rows; first += 5000) {
      await api.db.raw(
        `insert into events (id, tenant_id, direction, source, type, integration_id, headers, query, body, received_at)
         select 'evt_' || lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 20, '0'),
                'ten_many', case when n % 10 = 0 then 'outbound' else 'inbound' end,
                case when n % 10 = 0 then 'platform' when n % 1000 = 1 then 'gitlab' else 'github' end,
                case when n % 1000 = 1 then 'pull_request.opened' else 'push' end,
                'int_' || n % 1000, '{}', '', repeat('x', 500)::bytea, at
         from generate_series(?::integer, ?::integer) as n, lateral (
           select date_trunc('milliseconds', now()) + n * interval '1 ms' as at) as times`,
        [first, first + 4999],
      );
    }
    await api.db.raw(
      `insert into dedupe_keys
       select 'emit:ten_many', 'key_' || n, 'evt_' || n, now() from generate_series(1, ?) as n`,
      [rows],
    );
    await api.db.raw(
      `insert into failed_cycles (id, tenant_id, kind, subject_id, cycle, event_id, event_type, reason)
       select 'dlv_' || id, tenant_id, 'delivery', 'dlv_' || id, 1, id, type, 'status'
       from events where tenant_id = 'ten_many' and direction = 'outbound'`,
    );
    await api.db.raw('analyze events, dedupe_keys, failed_cycles');
  }, 60_000);

  const filters: [string, EventFilter][] = [
    ['nothing', {}],
    ['inbound', { direction: 'inbound' }],
    ['outbound', { direction: 'outbound' }],
    ['a rare source', { source: 'gitlab' }],
    ['a source without a row', { source: 'lark' }],
    ['a rare type', { type: 'pull_request.opened' }],
    ['the beginning of a type', { type: 'pull_request.*' }],
    ['a type without a row', { type: 'none' }],
    ['an integration', { integrationId: 'int_7' }],
    ['an integration without a row', { integrationId: 'int_none' }],
    ['a time', { from: new Date(Date.now() + 20_000), to: new Date(Date.now() + 20_100) }],
    ['an open dead letter', { state: 'failed' }],
    ['the beginning of an id', { text: 'evt_0000' }],
    ['a dedupe id', { text: 'key_17' }],
  ];

  test.each(filters)('the first page by %s reads an index, never the table', async (_, filter) => {
    const queries = await queriesOf(api.db, async () => {
      await listEvents(api.db, 'ten_many', { filter, page: { limit: 51 } });
    });
    expect(queries.length).toBeGreaterThan(0);
    for (const { sql, bindings } of queries) {
      const plan = await explain(api.db, sql, bindings);
      // Of a day that has no row yet even a look at all of it is nothing.
      expect(plan).not.toMatch(/Seq Scan on (?:events|dedupe_keys|failed_cycles).* rows=[1-9]/);
      expect(readRows(plan)).toBeLessThan(1000);
    }
  });
});

async function queriesOf(
  db: Knex,
  act: () => Promise<void>,
): Promise<{ sql: string; bindings: unknown[] }[]> {
  const queries: { sql: string; bindings: unknown[] }[] = [];
  const note = (query: { sql: string; bindings: unknown[] }): void => void queries.push(query);
  db.on('query', note);
  await act();
  db.removeListener('query', note);
  return queries;
}

async function explain(db: Knex, sql: string, bindings: unknown[]): Promise<string> {
  // As the driver got it: its numbered places are in order, as knex wrote them.
  const { rows } = await db.raw<{ rows: Record<string, string>[] }>(
    `explain (analyze, costs off) ${sql.replaceAll(/\$\d+/g, '?')}`,
    bindings as string[],
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Rows that scans gave on and threw away. */
function readRows(plan: string): number {
  const scans = plan.matchAll(/Scan.*?actual time=\S+ rows=(\d+)(?:\.\d+)? loops=(\d+)/g);
  const given = [...scans].map(([, rows, loops]) => Number(rows) * Number(loops));
  const thrown = [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].map(([, rows]) =>
    Number(rows),
  );
  return [...given, ...thrown].reduce((sum, rows) => sum + rows, 0);
}
