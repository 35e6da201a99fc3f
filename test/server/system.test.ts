import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/runtime/config.ts';
import { readSystemStatus } from '../../src/runtime/system-status.ts';
import { openDatabase } from '../../src/store/database.ts';
import { recordDeadDelivery, recordFailedRun } from '../../src/store/dead-letters.ts';
import { defaultTenantName } from '../../src/store/tenants.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { addDelivery, addRun } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

const masterKey = randomBytes(32).toString('base64');

let api: ServedApi;
let asked = 0;
beforeAll(async () => {
  const url = await freshDatabaseUrl();
  const db = openDatabase({ url, connectionsMax: 4 });
  const withSecrets = new URL(url);
  withSecrets.password = 'hunter2';
  withSecrets.searchParams.set('sslpassword', 'hunter3');
  const config = readConfig({
    DATABASE_URL: withSecrets.href,
    TEMPORAL_ADDRESS: '127.0.0.1:9', // Nobody listens there.
    TEMPORAL_API_KEY: 'hunter4',
    MASTER_KEY: masterKey,
    AGENT_URL: 'https://hunter5:hunter5@agent.example/?code=hunter6&hunter7',
  });
  api = await serveApi({
    db,
    readSystem: () => {
      asked += 1;
      return readSystemStatus(db, config);
    },
  });
  await db('tenants').where({ id: api.tenantId }).update({ name: defaultTenantName });
});
afterAll(async () => api.close());

describe('GET /v1/system', () => {
  test('with Temporal away says so, and everything else', async () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const again = { cycle: 2, started_at: null, state: 'pending', start_after: at } as const;
    await addDelivery(api, again);
    await addDelivery(api, { tenant_id: 'ten_other', started_at: null });
    await addRun(api, { state: 'pending', started_at: null });
    const begun = performance.now();
    const { status, body } = await api.call('GET', '/v1/system');
    expect(performance.now() - begun).toBeLessThan(5000);
    expect([status, body]).toMatchObject([
      200,
      {
        node: process.version,
        postgres: { is_up: true, version: expect.stringMatching(/^\d+/) as string },
        temporal: {
          is_up: false,
          address: '127.0.0.1:9',
          namespace: 'default',
          server_version: null,
          task_queues: [],
        },
        unstarted: { deliveries: 1, trigger_runs: 1, replays: 0 },
        oldest_unstarted_at: at.toISOString(),
      },
    ]);
    expect(body['postgres']).toMatchObject({ connections: expect.any(Number) as number });
    expect(Number((body['postgres'] as { size_bytes: number }).size_bytes)).toBeGreaterThan(1e6);
  });

  test('shows the configuration as it is set, and no secret of it', async () => {
    const { body, text } = await api.call('GET', '/v1/system');
    expect(text).not.toMatch(/hunter\d/);
    expect(text).not.toContain(masterKey);
    const config = body['config'] as { name: string; value: string | null }[];
    const values = Object.fromEntries(config.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      DATABASE_URL: expect.stringContaining(':***@') as string,
      TEMPORAL_API_KEY: '***',
      MASTER_KEY: '***',
      AGENT_URL: 'https://***:***@agent.example/?code=***&***',
      DELIVERY_SCHEDULE: '0s,30s,2m,10m,1h',
      DELIVERY_TIMEOUT: '2s',
      PORT: '8080',
      EGRESS_ALLOW: '',
      PUBLIC_URL: null,
    });
  });

  test('shows the configuration to the tenant of the operator alone', async () => {
    const headers = { Authorization: `Bearer ${await api.makeKey(['read'])}` };
    const { status, body } = await api.fetch('/v1/system', { headers });
    expect([status, body]).toMatchObject([200, { config: [], postgres: { is_up: true } }]);
  });

  test('many that ask at once or one after the other ask the parts once', async () => {
    const before = asked;
    await Promise.all([1, 2, 3].map(() => api.call('GET', '/v1/system')));
    await api.call('GET', '/v1/system');
    expect(asked - before).toBeLessThanOrEqual(1);
  });

  test('answers with PostgreSQL away', async () => {
    const away = await serveApi();
    const Cookie = await away.logIn();
    await away.db.destroy();
    const { status, body } = await away.fetch('/v1/system', { headers: { Cookie } });
    expect([status, body]).toMatchObject([
      200,
      {
        config: [],
        postgres: { is_up: false },
        unstarted: { deliveries: null, trigger_runs: null, replays: null },
        oldest_unstarted_at: null,
      },
    ]);
    await away.close();
  });
});

describe('GET /v1/system/accounting', () => {
  const read = async () => (await api.call('GET', '/v1/system/accounting')).body;

  test('adds up while things die, are redriven and discarded', async () => {
    const dead = [await addDelivery(api), await addDelivery(api), await addDelivery(api)];
    for (const id of dead) await recordDeadDelivery(api.db, { id, cycle: 1 }, 'timeout');
    await api.call('POST', '/v1/dead-letters/redrive', { ids: dead.slice(0, 1) });
    await api.call('POST', '/v1/dead-letters/discard', { ids: dead.slice(1, 2), reason: 'Old' });
    const run = await addRun(api, { state: 'failed', reason: 'broke' });
    const row = await api.db('trigger_runs').where({ id: run }).first();
    if (row) await recordFailedRun(api.db, row);
    expect(await read()).toMatchObject({
      is_balanced: true,
      imbalances: [],
      deliveries: { dead: 2, pending: 2 },
      trigger_runs: { failed: 1, pending: 1 },
      dead_letters: { open: 2, redriven: 1, discarded: 1 },
      events: {},
    });
  });

  test('names what does not', async () => {
    const dead = await addDelivery(api, { state: 'dead' });
    const failed = await addRun(api, { state: 'failed', cycle: 2 });
    const alive = await addDelivery(api);
    await recordDeadDelivery(api.db, { id: alive, cycle: 1 }, 'timeout');
    await api.db('deliveries').where({ id: alive }).update({ state: 'delivered' });
    const body = await read();
    expect(body['is_balanced']).toBe(false);
    expect(body['imbalances']).toEqual([
      { rule: expect.stringMatching(/^A dead delivery/) as string, count: 1, ids: [dead] },
      { rule: expect.stringMatching(/^A failed trigger run/) as string, count: 1, ids: [failed] },
      { rule: expect.stringMatching(/of no dead delivery/) as string, count: 1, ids: [alive] },
    ]);
  });
});
