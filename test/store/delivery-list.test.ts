import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeId } from '../../src/runtime/ids.ts';
import { listDeliveries } from '../../src/store/deliveries.ts';
import type { DeliveryFilter } from '../../src/store/deliveries.ts';
import { listEndpointActivity } from '../../src/store/endpoint-health.ts';
import { countWaiting } from '../../src/store/endpoint-resumes.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';

/** Enough that reading all of them is the slower plan, and little enough to be written in seconds. */
const rows = 50_000;

const endpointIds = Array.from({ length: 20 }, (_, index) => `ep_${index}`);

/** A first page takes no longer, also of 200,000 deliveries; a busy machine is slower than a server. */
const pageMs = 200;

let db: Knex;
let tenantId: string;
const from = Date.now();
beforeAll(async () => {
  db = await freshDatabase();
  tenantId = (await ensureTenant(db, 'many', makeId('ten'))).id;
  // One a second, so that they lie in two partitions; every tenth event goes to a second endpoint.
  await db.raw(
    `insert into deliveries (id, tenant_id, event_id, event_type, endpoint_id, state, last_reason, created_at,
       start_after, started_at)
     select 'dlv_' || instant || substr(md5('d' || n), 1, 20), ?,
       'evt_' || instant || substr(md5('e' || n), 1, 20),
       case when n % 10 = 0 then 'tool.called' when n % 1000 = 1 then 'custom.rare' else 'session.created' end,
       'ep_' || n % 20,
       case when n % 500 = 0 then 'dead' when n % 50 = 1 then 'parked' else 'delivered' end,
       case when n % 50 = 1 then 'endpoint_paused' end,
       to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0), now()
     from generate_series(1, ${rows}) as n,
       lateral (select ${from}::bigint + n * ${Math.floor(86_400_000 / rows)} as ms) as m,
       lateral (select lpad(to_hex(ms), 12, '0') as instant) as i`,
    [tenantId],
  );
  await db('endpoints').insert(
    endpointIds.map((id) => ({
      id,
      tenant_id: tenantId,
      url: 'https://example.com',
      event_types: ['*'],
      state: 'paused' as const,
    })),
  );
  await db.raw('vacuum analyze deliveries');
});
afterAll(() => db.destroy());

const page = { limit: 51 };

/** The plan of the one query that an action makes, with every node in it. */
async function planOf(act: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const made: { sql: string; bindings: unknown[] }[] = [];
  const note = (query: { sql: string; bindings: unknown[] }): void => void made.push(query);
  db.on('query', note);
  await act();
  db.removeListener('query', note);
  const [query] = made;
  if (!query) throw new Error('No query was made');
  const explain = `explain (analyze, format json) ${query.sql.replaceAll(/\$\d+/g, '?')}`;
  const answer = await db.raw<{ rows: { 'QUERY PLAN': { Plan: Record<string, unknown> }[] }[] }>(
    explain,
    query.bindings as Knex.RawBinding[],
  );
  return nodesOf(answer.rows[0]?.['QUERY PLAN'][0]?.Plan ?? {});
}

function nodesOf(node: Record<string, unknown>): Record<string, unknown>[] {
  const below = (node['Plans'] ?? []) as Record<string, unknown>[];
  return [node, ...below.flatMap(nodesOf)];
}

/** More than this is not a page and the few rows that were looked at for it. */
const fewRows = 500;

/** What reads deliveries without an index, or sorts more than a few: node, table and rows. */
function heavy(nodes: readonly Record<string, unknown>[]): string[] {
  return nodes
    .filter((node) => {
      const isScan = String(node['Relation Name']).startsWith('deliveries_');
      if (node['Node Type'] === 'Seq Scan') return isScan && rowsRead(node) > 0;
      return node['Node Type'] === 'Sort' && sortedRows(node) > fewRows;
    })
    .map((node) => `${String(node['Node Type'])} ${String(node['Relation Name'])}`);
}

function rowsRead(node: Record<string, unknown>): number {
  return Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0);
}

function sortedRows(node: Record<string, unknown>): number {
  const [input = {}] = (node['Plans'] ?? []) as Record<string, unknown>[];
  return Number(input['Actual Rows']) * Number(input['Actual Loops']);
}

const instantHex = (from + 86_400_000 / 2).toString(16).padStart(12, '0');

describe('listDeliveries()', () => {
  test.each<[string, DeliveryFilter]>([
    ['nothing', {}],
    ['a common state', { state: 'delivered' }],
    ['a rare state', { state: 'dead' }],
    ['a state that none has', { state: 'retrying' }],
    ['a type', { eventType: 'tool.called' }],
    ['a rare type', { eventType: 'custom.rare' }],
    ['an endpoint', { endpointId: 'ep_7' }],
    ['an endpoint and a state', { endpointId: 'ep_0', state: 'dead' }],
    ['a state and a type', { state: 'dead', eventType: 'tool.called' }],
    [
      'an endpoint, a state and a type',
      { endpointId: 'ep_1', state: 'delivered', eventType: 'custom.rare' },
    ],
    ['a time', { from: new Date(from + 3_600_000), to: new Date(from + 7_200_000) }],
    ['a time and a state', { from: new Date(from + 3_600_000), state: 'dead' }],
    ['the beginning of an id', { text: `dlv_${instantHex.slice(0, 9)}` }],
    ['the beginning of either id', { text: instantHex.slice(0, 10) }],
    ['the beginning of an event id', { text: `evt_${instantHex.slice(0, 8)}` }],
  ])('narrowed by %s, reads an index in order', async (_, filter) => {
    const nodes = await planOf(() => listDeliveries(db, tenantId, { filter, page }));
    expect(heavy(nodes)).toEqual([]);
    expect(Number(nodes[0]?.['Actual Total Time'])).toBeLessThan(pageMs);
  });

  test('narrowed by one id or one event, reads the few rows that match', async () => {
    const [row] = await listDeliveries(db, tenantId, { filter: {}, page: { limit: 1 } });
    const filters = [
      { text: row?.id ?? '' },
      { text: row?.event_id ?? '' },
      { eventId: row?.event_id },
    ];
    for (const filter of filters) {
      const nodes = await planOf(() => listDeliveries(db, tenantId, { filter, page }));
      expect(heavy(nodes)).toEqual([]);
      expect(Math.max(...nodes.map(rowsRead))).toBe(1);
    }
  });

  test('the second page of a list goes on where the first ended', async () => {
    const first = await listDeliveries(db, tenantId, { filter: { state: 'dead' }, page });
    const cursor = first.at(-1)?.id ?? '';
    const second = () =>
      listDeliveries(db, tenantId, { filter: { state: 'dead' }, page: { limit: 50, cursor } });
    expect((await second()).length).toBe(rows / 500 - 51);
    expect(heavy(await planOf(second))).toEqual([]);
  });
});

describe('listEndpointActivity()', () => {
  test('reads the newest 50 deliveries of each endpoint', async () => {
    const list = () => listEndpointActivity(db, endpointIds);
    const activity = await list();
    expect(activity.get('ep_2')).toMatchObject({ deliveries: 50, delivered: 50 });
    const nodes = await planOf(list);
    expect(heavy(nodes)).toEqual([]);
    expect(Number(nodes[0]?.['Actual Total Time'])).toBeLessThan(pageMs);
  });
});

describe('countWaiting()', () => {
  test('reads of each endpoint only what waits for it', async () => {
    const count = () => countWaiting(db, endpointIds);
    const waiting = await count();
    expect(waiting.get('ep_1')).toEqual({ held: rows / 100, skipped: 0 });
    expect(waiting.get('ep_2')).toBeUndefined();
    expect(heavy(await planOf(count))).toEqual([]);
  });
});
