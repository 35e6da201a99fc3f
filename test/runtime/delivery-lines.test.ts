import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import { makeDeliveryLines, makeLineSweep } from '../../src/runtime/delivery-lines.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import type { Starter } from '../../src/runtime/starter.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import { addLine, waiting } from '../support/delivery-line.ts';

let db: Knex;
let tenantId: string;
beforeAll(async () => {
  db = await freshDatabase();
  ({ id: tenantId } = await ensureTenant(db, 'lines', makeId('ten')));
});
afterAll(() => db.destroy());

describe('makeLineSweep()', () => {
  test('what was let go and not started by anyone is started by a pass of the sweeper', async () => {
    await db('deliveries').del();
    const { ids } = await addLine(db, waiting, waiting);
    const started: string[] = [];
    const sweep = makeLineSweep({ db, starter: starterInto(started) });
    await sweep();
    await sweep();
    expect(started).toEqual([ids[0]]);
  });
});

describe('makeDeliveryLines()', () => {
  const log = pino({ level: 'silent' });

  test('starts the next of a key when one has ended, and nothing for one without a key', async () => {
    const { line, ids } = await addLine(db, { state: 'delivered' }, waiting);
    const started: string[] = [];
    const lines = makeDeliveryLines({ db, log, starter: starterInto(started) });
    await lines.leave({ ...line, order_key: null });
    expect(started).toEqual([]);
    await lines.leave(line);
    expect(started).toEqual([ids[1]]);
  });

  test('does not fail the attempt that was delivered when the database is away', async () => {
    const away = openDatabase({ url: 'postgres://127.0.0.1:1/x', connectionsMax: 1 });
    const lines = makeDeliveryLines({ db: away, log, starter: starterInto([]) });
    await expect(lines.leave({ endpoint_id: 'ep_1', order_key: 'x' })).resolves.toBeUndefined();
    await away.destroy();
  });
});

describe('recordOutbound()', () => {
  test('answers the first of each key to be started, and none while one is under way', async () => {
    const endpoint = await addEndpoint({});
    const publish = async (...keys: readonly (string | null)[]): Promise<string[]> => {
      const planned = keys.map((orderKey) => ({ endpoint, orderKey, failure: null }));
      const { deliveries } = await makeRecorder(db).recordOutbound(outbound(), planned, []);
      for (const row of deliveries) expect(row.is_in_line).toBe(false);
      return deliveries.map((row) => row.order_key ?? 'none');
    };
    expect((await publish('a', 'a', 'b', null)).toSorted()).toEqual(['a', 'b', 'none']);
    expect(await publish('a', null, null)).toEqual(['none', 'none']);
    await db('deliveries').where({ endpoint_id: endpoint.id, is_in_line: false }).update({
      state: 'delivered',
    });
    expect(await publish('a')).toEqual(['a']); // An older one.
    const rows = await db('deliveries').where({ endpoint_id: endpoint.id, order_key: 'a' });
    expect(rows.filter((row) => row.is_in_line)).toHaveLength(2);
  });

  test('what is held back or skipped at birth is in no line', async () => {
    const paused = await addEndpoint({ state: 'paused' });
    const planned = { orderKey: 'a', failure: null };
    const event = outbound();
    await makeRecorder(db).recordOutbound(
      event,
      [
        { ...planned, endpoint: paused },
        { ...planned, endpoint: await addEndpoint({}), failure: 'filter_error' },
      ],
      [],
    );
    const rows = await db('deliveries').where({ event_id: event.id }).orderBy('state');
    expect(rows.map(({ state, is_in_line }) => ({ state, is_in_line }))).toEqual([
      { state: 'parked', is_in_line: false },
      { state: 'skipped', is_in_line: false },
    ]);
  });

  test('what was to be born parked gets in line when its endpoint was resumed in that moment', async () => {
    const endpoint = { ...(await addEndpoint({})), state: 'paused' as const };
    const event = outbound();
    const planned = [1, 2].map(() => ({ endpoint, orderKey: 'a', failure: null }));
    const { deliveries } = await makeRecorder(db).recordOutbound(event, planned, []);
    expect(deliveries).toHaveLength(1);
    const inLine = await db('deliveries').where({ event_id: event.id, is_in_line: true });
    expect(inLine).toHaveLength(1);
  });
});

function starterInto(started: string[]): Pick<Starter, 'start'> {
  return {
    start: async ({ deliveries = [] }) => {
      started.push(...deliveries.map(({ id }) => id));
      return true;
    },
  };
}

async function addEndpoint(over: Partial<EndpointRow>): Promise<EndpointRow> {
  const [id, secretId] = [makeId('ep'), makeId('sec')];
  const row = { id, tenant_id: tenantId, url: 'https://x.example/', description: null };
  const secret = { id: secretId, sealed: Buffer.from('x') };
  await recordEndpoint(db, { ...row, event_types: ['*'] }, secret);
  const [endpoint] = await db('endpoints')
    .where({ id })
    .update({ url: row.url, ...over })
    .returning('*');
  if (!endpoint) throw new Error('The endpoint was not written');
  return endpoint;
}

function outbound(): Event {
  const receivedAt = new Date();
  return {
    id: makeId('evt', receivedAt),
    tenantId,
    direction: 'outbound',
    source: 'platform',
    type: 'session.archived',
    integrationId: null,
    dedupeId: null,
    receivedAt,
    contentType: 'application/json',
    headers: {},
    query: '',
    body: Buffer.from('{}'),
    traceparent: null,
  };
}
