import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { finishResume, settleForgotten } from '../../src/store/endpoint-resumes.ts';
import type { DeliveryRow } from '../../src/store/delivery-tables.ts';
import { setEndpoint } from '../../src/store/endpoints.ts';
import { setMissed, setParkedPending } from '../../src/store/parked-deliveries.ts';
import { addMany } from './many-deliveries.ts';
import { addDelivery, addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

let endpoint_id: string;
let path: string;
beforeEach(async () => {
  endpoint_id = await addEndpoint(api);
  path = `/v1/endpoints/${endpoint_id}`;
});

const move = (verb: string, body?: unknown): Promise<Answer> =>
  api.call('POST', `${path}/${verb}`, body);
const read = async (): Promise<Record<string, unknown>> => (await api.call('GET', path)).body;

const add = (over: Partial<DeliveryRow>): Promise<string> =>
  addDelivery(api, { endpoint_id, ...over });
const parked = { state: 'parked', last_reason: 'endpoint_paused' } as const;
const missed = () =>
  ({
    state: 'skipped',
    last_reason: 'endpoint_disabled',
    started_at: null,
    ended_at: new Date(),
  }) as const;

async function rowOf(id: string): Promise<DeliveryRow | undefined> {
  return api.db('deliveries').where({ id }).first();
}

describe('resumeRoute()', () => {
  test('sends what a disabled endpoint missed since then, new or under way, and nothing older', async () => {
    const old = await add({ ...missed(), ended_at: new Date(Date.now() - 3_600_000) });
    const underWay = await add({ state: 'retrying', attempt_count: 2, started_at: null });
    const untold = await add({ state: 'skipped', last_reason: 'filter_error: field not found' });
    await move('disable');
    const born = await add(missed());
    expect(await setMissed(api.db, { id: underWay, cycle: 1, endpointId: endpoint_id })).toBe(true);
    expect(await rowOf(underWay)).toMatchObject({ state: 'cancelled', attempt_count: 2 });
    expect(await read()).toMatchObject({ state: 'disabled', held: 0, skipped: 2 });
    const listed = await api.call('GET', `/v1/endpoints?text=${endpoint_id}`);
    expect(listed.body['data']).toMatchObject([{ held: 0, skipped: 2 }]);

    const wakes = api.wakes();
    expect((await move('resume')).body).toMatchObject({
      endpoint: { state: 'enabled', state_since: null, held: 0, skipped: 0 },
      resumed: 2,
      discarded: 0,
    });
    expect(api.wakes()).toBe(wakes + 1);
    expect(await rowOf(born)).toMatchObject({ state: 'pending', cycle: 1, ended_at: null });
    expect(await rowOf(underWay)).toMatchObject({ state: 'pending', cycle: 2, attempt_count: 0 });
    expect(await rowOf(old)).toMatchObject({ state: 'skipped' });
    expect(await rowOf(untold)).toMatchObject({ state: 'skipped' });
    expect((await move('resume')).body).toMatchObject({ resumed: 0 });
  });

  test('sends what an endpoint missed also when it was paused after it was disabled', async () => {
    await move('disable');
    const since = (await read())['state_since'];
    const id = await add(missed());
    expect((await move('pause')).body).toMatchObject({ state_since: since, skipped: 1 });
    expect((await move('resume')).body).toMatchObject({ resumed: 1 });
    expect(await rowOf(id)).toMatchObject({ state: 'pending' });
  });

  test('lets go what a pause and an outage parked, and not what a person held', async () => {
    await move('pause');
    const paused = await add(parked);
    const outage = await add({ ...parked, last_reason: 'outage' });
    const held = await add({ ...parked, last_reason: 'held' });
    expect(await read()).toMatchObject({ held: 2, skipped: 0 });
    expect((await move('resume', { held: 'deliver' })).body).toMatchObject({ resumed: 2 });
    expect(await rowOf(paused)).toMatchObject({ state: 'pending' });
    expect(await rowOf(outage)).toMatchObject({ state: 'pending' });
    expect(await rowOf(held)).toMatchObject({ state: 'parked' });
  });

  test('what goes in an order gets in line, the rest is to be started in order of id', async () => {
    await move('pause');
    await api.call('PATCH', path, { schedule: ['0s', '1m'] });
    const ordered = await add({ ...parked, order_key: 'ses_1', started_at: null });
    const first = await add({ ...parked, started_at: null });
    const second = await add({ ...parked, started_at: null });
    await move('resume');
    expect(await rowOf(ordered)).toMatchObject({ is_in_line: true, state: 'pending' });
    const [one, two] = [await rowOf(first), await rowOf(second)];
    expect(one).toMatchObject({ is_in_line: false, schedule_ms: [0, 60_000] });
    const order = await api.db('deliveries').where({ endpoint_id }).orderBy('start_after');
    expect(order.map(({ id }) => id)).toEqual([ordered, one?.id, two?.id]);
  });

  test('discard ends what is parked, leaves what was missed, and no later resume sends either', async () => {
    await move('disable');
    const paused = await add(parked);
    const outage = await add({ ...parked, last_reason: 'outage' });
    const skipped = await add(missed());
    const wakes = api.wakes();
    expect((await move('resume', { held: 'discard' })).body).toMatchObject({
      endpoint: { state: 'enabled', held: 0, skipped: 0 },
      resumed: 0,
      discarded: 2,
    });
    expect(api.wakes()).toBe(wakes);
    const cancelled = { state: 'cancelled', last_reason: 'discarded' };
    expect(await rowOf(paused)).toMatchObject({ ...cancelled, ended_at: expect.any(Date) as Date });
    expect(await rowOf(outage)).toMatchObject(cancelled);
    expect(await rowOf(skipped)).toMatchObject({ state: 'skipped', last_reason: 'discarded' });
    await move('disable');
    expect(await read()).toMatchObject({ held: 0, skipped: 0 });
    expect((await move('resume')).body).toMatchObject({ resumed: 0 });

    const [entry] = await api.db('audit_log').where({ subject: endpoint_id }).orderBy('id', 'desc');
    expect(entry).toMatchObject({ action: 'endpoint.resume', detail: { held: 'deliver' } });
    const all = await api.db('audit_log').where({ subject: endpoint_id }).orderBy('id');
    expect(all.map(({ detail }) => detail)).toContainEqual({
      from: 'disabled',
      reason: 'operator',
      held: 'discard',
      count: 2,
    });
    expect(all.every(({ actor }) => actor.startsWith('key_'))).toBe(true);
  });

  test('a dry run counts and changes nothing', async () => {
    await move('disable');
    await add(parked);
    await add(missed());
    const told = await move('resume', { dry_run: true });
    expect(told.body).toMatchObject({
      endpoint: { state: 'disabled', held: 1, skipped: 1 },
      resumed: 2,
      discarded: 0,
    });
    const discarding = await move('resume', { held: 'discard', dry_run: true });
    expect(discarding.body).toMatchObject({ resumed: 0, discarded: 1 });
    expect(await read()).toMatchObject({ state: 'disabled', held: 1, skipped: 1 });
  });

  test('more than 1,000 need a confirmation of how many', async () => {
    await move('pause');
    await addMany(api, 1000, { ...parked, endpoint_id });
    await move('disable');
    await add(missed());
    for (const body of [undefined, { confirm: 1000 }, { confirm: 1002 }]) {
      const refused = await move('resume', body);
      expect(refused).toMatchObject({ status: 409, body: { type: '/problems/confirm-needed' } });
      expect(refused.body['detail']).toContain('"confirm": 1001');
    }
    expect(await read()).toMatchObject({ state: 'disabled', held: 1000 });
    expect((await move('resume', { held: 'discard', confirm: 1001 })).status).toBe(409);
    const discarded = await move('resume', { held: 'discard' }); // Only the 1,000 are discarded.
    expect(discarded.body).toMatchObject({ discarded: 1000 });
  });

  test.each([
    [{ held: 'deliver' }, 200],
    [{ held: 'drop' }, 422],
    [{ held: null }, 422],
    [{ confirm: 0 }, 200],
    [{ confirm: -1 }, 422],
    [{ what: 1 }, 422],
    ['', 200],
    ['{', 400],
  ])('%j is answered %d', async (body, status) => {
    expect((await move('resume', body)).status).toBe(status);
  });
});

describe('settleForgotten()', () => {
  const begun = (resume_held: 'deliver' | 'discard') =>
    setEndpoint(
      api.db,
      { id: endpoint_id, tenantId: api.tenantId },
      { state: 'enabled', state_reason: null, resume_held },
    );

  test('finishes a resume that was cut off as its person chose: to send', async () => {
    await move('disable');
    const [held, skipped] = [await add(parked), await add(missed())];
    await begun('deliver');
    await settleForgotten(api.db);
    expect(await rowOf(held)).toMatchObject({ state: 'pending' });
    expect(await rowOf(skipped)).toMatchObject({ state: 'pending' });
    const row = await api.db('endpoints').where({ id: endpoint_id }).first();
    expect(row).toMatchObject({ resume_held: null, state_since: null });
  });

  test('or to discard', async () => {
    await move('disable');
    const [held, skipped] = [await add(parked), await add(missed())];
    await begun('discard');
    expect(await setParkedPending(api.db, endpoint_id)).toBe(0); // Nobody sends meanwhile.
    await settleForgotten(api.db);
    expect(await rowOf(held)).toMatchObject({ state: 'cancelled', last_reason: 'discarded' });
    expect(await rowOf(skipped)).toMatchObject({ state: 'skipped', last_reason: 'discarded' });
  });

  test('a pause ends a resume that was cut off', async () => {
    await move('pause');
    const held = await add(parked);
    await begun('discard');
    await move('pause');
    expect(await finishResume(api.db, endpoint_id, 'discard')).toBe(0);
    await settleForgotten(api.db);
    expect(await rowOf(held)).toMatchObject({ state: 'parked' });
    const row = await api.db('endpoints').where({ id: endpoint_id }).first();
    expect(row).toMatchObject({ resume_held: null, state_since: expect.any(Date) as Date });
  });

  test('leaves what an outage or a person parked', async () => {
    const outage = await add({ ...parked, last_reason: 'outage' });
    const held = await add({ ...parked, last_reason: 'held' });
    const now = new Date();
    await api.db('failing_endpoints').insert({
      endpoint_id,
      tenant_id: api.tenantId,
      failing_since: now,
      last_failed_at: now,
      outage_since: now,
    });
    await settleForgotten(api.db);
    expect(await rowOf(outage)).toMatchObject({ state: 'parked' });
    expect(await rowOf(held)).toMatchObject({ state: 'parked' });
  });
});

describe('setParkedPending()', () => {
  test('lets go those of some reasons, oldest first and no more than are asked for', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push(await add({ ...parked, last_reason: 'outage' }));
    }
    const paused = await add(parked);
    const options = { reasons: ['outage'], limit: 2 } as const;
    expect(await setParkedPending(api.db, endpoint_id, options)).toBe(2);
    const states = await Promise.all([...ids, paused].map(async (id) => (await rowOf(id))?.state));
    expect(states).toEqual(['pending', 'pending', 'parked', 'parked']);
  });
});
