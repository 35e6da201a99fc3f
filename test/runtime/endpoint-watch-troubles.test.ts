import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '../../src/domain/problem.ts';
import { lookAfterEndpoints } from '../../src/runtime/endpoint-watch.ts';
import type { EndpointWatchParts } from '../../src/runtime/endpoint-watch.ts';
import type { Publication } from '../../src/runtime/publish.ts';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import type { FailingEndpointRow } from '../../src/store/endpoint-health-tables.ts';
import { recordNotices } from '../../src/store/operational-notices.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { addDelivery, addEndpoint } from '../store/failing-rows.ts';
import { freshDatabase } from '../support/database.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

interface Watched {
  readonly parts: EndpointWatchParts;
  readonly published: Publication[];
  readonly lines: Record<string, unknown>[];
}

/** @param refuse - may throw instead of publishing */
function watched(refuse: (publication: Publication) => void = () => undefined): Watched {
  const published: Publication[] = [];
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): unknown => lines.push(JSON.parse(line) as Record<string, unknown>);
  const parts: EndpointWatchParts = {
    db,
    log: pino({ level: 'warn' }, { write }),
    wake: () => undefined,
    probeIntervalMs: 30_000,
    async publish(publication) {
      refuse(publication);
      published.push(publication);
      return { eventId: 'evt_1', status: 'accepted', deliveries: 0, skipped: 0 };
    },
  };
  return { parts, published, lines };
}

async function addFailing(
  { id: endpoint_id }: EndpointRow,
  over: Partial<FailingEndpointRow> = {},
): Promise<void> {
  const at = new Date(Date.now() - 60_000);
  const row = { endpoint_id, tenant_id: 'ten_1', failing_since: at, last_failed_at: at };
  await db('failing_endpoints').insert({ ...row, failures: 10, last_reason: 'timeout', ...over });
}

const parked = { state: 'parked', last_reason: 'outage' } as const;

describe('publishNotices()', () => {
  const hourAgo = new Date(Date.now() - 3_601_000);
  const isBad = ({ data }: Publication) => (data as { bad?: boolean }).bad === true;
  const notice = (data: Record<string, unknown>) =>
    ({ type: 'endpoint.failing', tenant_id: 'ten_1', endpoint_id: 'ep_1', data }) as const;
  const bads = () => Array.from({ length: 250 }, () => notice({ bad: true }));
  const left = async () => Number((await db('operational_notices').count())[0]?.['count']);

  test('what nobody can publish keeps nothing back; it is given up after an hour, and said', async () => {
    await recordNotices(db, bads());
    await recordNotices(db, [notice({ last: true })]);
    const refusing = watched((publication) => {
      if (isBad(publication)) throw new Problem('unknown-event-type', 'No such type');
    });
    await lookAfterEndpoints(refusing.parts);
    expect(refusing.published).toMatchObject([{ data: { last: true } }]);
    expect(await left(), 'another server may know it').toBe(250);
    expect(refusing.lines).toEqual([]);
    await db('operational_notices').update({ created_at: hourAgo });
    await lookAfterEndpoints(refusing.parts);
    expect(await left()).toBe(0);
    expect(refusing.lines).toHaveLength(250);
    expect(refusing.lines[0]).toMatchObject({
      level: 50,
      type: 'endpoint.failing',
      tenant: 'ten_1',
      endpoint: 'ep_1',
    });
  });

  test('a passing error loses none, however old, and keeps nothing back', async () => {
    await recordNotices(db, [...bads(), notice({ last: true })]);
    await db('operational_notices').update({ created_at: hourAgo });
    const failing = watched((publication) => {
      if (isBad(publication)) throw new Error('Out of memory');
    });
    await lookAfterEndpoints(failing.parts);
    expect(failing.published).toHaveLength(1);
    expect(await left()).toBe(250);
    let calls = 0;
    const away = watched(() => {
      calls += 1;
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    });
    await lookAfterEndpoints(away.parts);
    expect({ calls, left: await left() }, 'asks once').toEqual({ calls: 1, left: 250 });
    const well = watched();
    await lookAfterEndpoints(well.parts);
    expect({ published: well.published.length, left: await left() }).toEqual({
      published: 250,
      left: 0,
    });
  });
});

test('what fails for one endpoint keeps no other back', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const endpoint = await addEndpoint(db, { on_outage: 'park' });
    ids.push(await addDelivery(db, endpoint, parked));
    await addFailing(endpoint, { drained_to: '', stage: 0 });
  }
  const [bad = ''] = ids;
  await db.raw(`
    create function refuse() returns trigger as $$ begin raise 'No'; end $$ language plpgsql;
    create trigger refuse before update on deliveries for each row
    when (old.id = '${bad}') execute function refuse()`);
  const { parts, lines } = watched();
  await recordNotices(db, [
    { type: 'endpoint.failing', tenant_id: 'ten_1', endpoint_id: null, data: {} },
  ]);
  await lookAfterEndpoints(parts);
  await db.raw('drop trigger refuse on deliveries');
  const rows = await db('deliveries').whereIn('id', ids).orderBy('id');
  expect(rows.map(({ state }) => state)).toEqual(['parked', 'pending', 'pending']);
  expect(await db('operational_notices')).toEqual([]);
  expect(lines).toMatchObject([{ msg: expect.stringContaining('Could not') as string }]);
});

describe('an endpoint that fails and recovers again and again', () => {
  test('gets what died once an hour at most', async () => {
    const endpoint = await addEndpoint(db, { redrives_on_recovery: true });
    const id = await addDelivery(db, endpoint);
    const { parts } = watched();
    const cycles: number[] = [];
    for (let round = 1; round <= 4; round += 1) {
      const { cycle = 0 } = (await db('deliveries').where({ id }).first()) ?? {};
      cycles.push(cycle);
      await recordDeadDelivery(db, { id, cycle }, 'timeout');
      if (round === 3) {
        await db('failed_cycles').update({ settled_at: new Date(Date.now() - 3_601_000) });
      }
      await addFailing(endpoint, { stage: 1, recovered_at: new Date() });
      await lookAfterEndpoints(parts);
    }
    expect(cycles).toEqual([1, 2, 2, 3]);
    expect(await db('failed_cycles').where({ subject_id: id, state: 'open' })).toHaveLength(1);
  });
});

describe('two servers at once', () => {
  test('take each step once, and none of them fails', async () => {
    await db('failing_endpoints').delete();
    await db('deliveries').delete();
    const endpoints: EndpointRow[] = [];
    for (let n = 0; n < 6; n += 1) {
      const endpoint = await addEndpoint(db, { on_outage: 'park', redrives_on_recovery: true });
      endpoints.push(endpoint);
      await addFailing(endpoint, { drained_to: '', drain_step: 8, stage: 1, recovered_at: null });
      for (let each = 0; each < 8; each += 1) await addDelivery(db, endpoint, parked);
    }
    const dead = await addEndpoint(db, { redrives_on_recovery: true });
    const deadId = await addDelivery(db, dead);
    await recordDeadDelivery(db, { id: deadId, cycle: 1 }, 'timeout');
    await addFailing(dead, { stage: 1, told_stage: 1, recovered_at: new Date() });
    const [one, two] = [watched(), watched()];
    for (let look = 0; look < 3; look += 1) {
      await Promise.all([lookAfterEndpoints(one.parts), lookAfterEndpoints(two.parts)]);
    }
    expect([...one.lines, ...two.lines]).toEqual([]);
    const rows = await db('deliveries').where({ state: 'pending' });
    expect(rows.map(({ cycle }) => cycle)).toEqual(Array(49).fill(2));
    const told = [...one.published, ...two.published].filter(
      ({ type }) => type === 'endpoint.recovered',
    );
    expect(new Set(told.map(({ key }) => key)).size).toBe(1);
  });
});
