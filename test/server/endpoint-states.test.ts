import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliveryKey } from '../../src/store/deliveries.ts';
import { settleForgotten } from '../../src/store/endpoint-resumes.ts';
import { lockStopped, setParked, setParkedPending } from '../../src/store/parked-deliveries.ts';
import { addDelivery, addEndpoint } from './rows.ts';
import { addMany } from './many-deliveries.ts';
import { serveApi } from './served-api.ts';
import type { Answer, ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

const to = (id: string, move: string, body?: unknown): Promise<Answer> =>
  api.call('POST', `/v1/endpoints/${id}/${move}`, body);

const parked = { state: 'parked', last_reason: 'endpoint_paused' } as const;

async function actionsOn(id: string): Promise<string[]> {
  const rows = await api.db('audit_log').where({ subject: id }).orderBy('id');
  return rows.map(({ action }) => action);
}

describe('endpointStateRoutes()', () => {
  test('pause, disable and resume move an endpoint, and each is in the audit log once', async () => {
    const id = await addEndpoint(api);
    expect((await to(id, 'pause')).body).toMatchObject({ state: 'paused' });
    expect((await to(id, 'pause')).body).toMatchObject({ state_reason: 'operator' });
    expect((await to(id, 'disable')).body).toMatchObject({ state: 'disabled' });
    const resumed = await to(id, 'resume');
    expect(resumed.body).toMatchObject({
      endpoint: { id, state: 'enabled', state_reason: null, held: 0 },
      resumed: 0,
    });
    await api.call('PATCH', `/v1/endpoints/${id}`, { description: 'x' });
    await api.call('DELETE', `/v1/endpoints/${id}`);
    expect(await actionsOn(id)).toEqual([
      'endpoint.create',
      'endpoint.pause',
      'endpoint.disable',
      'endpoint.resume',
      'endpoint.change',
      'endpoint.delete',
    ]);
    expect((await to(id, 'pause')).status).toBe(404);
  });

  test('resume sends what was held back: never started in its cycle, else in the next', async () => {
    const endpoint_id = await addEndpoint(api);
    await to(endpoint_id, 'pause');
    const born = await addDelivery(api, { ...parked, endpoint_id, started_at: null });
    const ended = await addDelivery(api, { ...parked, endpoint_id, attempt_count: 2 });
    const other = await addDelivery(api, { ...parked, endpoint_id: 'ep_other' });
    const path = `/v1/endpoints/${endpoint_id}`;
    expect((await api.call('GET', path)).body).toMatchObject({ held: 2 });
    const listed = await api.call('GET', `/v1/endpoints?text=${endpoint_id}`);
    expect(listed.body['data']).toMatchObject([{ held: 2, recent: { deliveries: 2 } }]);

    const wakes = api.wakes();
    expect((await to(endpoint_id, 'resume')).body).toMatchObject({
      endpoint: { held: 0 },
      resumed: 2,
    });
    expect(api.wakes()).toBe(wakes + 1);
    const rows = await api.db('deliveries').whereIn('id', [born, ended, other]).orderBy('id');
    expect(rows).toMatchObject([
      { state: 'pending', cycle: 1, started_at: null, last_reason: null },
      { state: 'pending', cycle: 2, started_at: null, attempt_count: 0 },
      { state: 'parked', cycle: 1 },
    ]);
    expect((await to(endpoint_id, 'resume')).body).toMatchObject({ resumed: 0 });
  });

  test('a resume lets go more than one statement takes', async () => {
    const endpoint_id = await addEndpoint(api);
    await to(endpoint_id, 'pause');
    await addMany(api, 1501, { ...parked, endpoint_id, started_at: null });
    expect((await to(endpoint_id, 'resume', { confirm: 1501 })).body).toMatchObject({
      resumed: 1501,
    });
  });

  test('a resume that was cut off is finished by the next process', async () => {
    const enabled = await addEndpoint(api);
    const paused = await addEndpoint(api);
    await to(paused, 'pause');
    const left = await addDelivery(api, { ...parked, endpoint_id: enabled });
    const held = await addDelivery(api, { ...parked, endpoint_id: paused });
    await settleForgotten(api.db);
    const rows = await api.db('deliveries').whereIn('id', [left, held]).orderBy('id');
    expect(rows).toMatchObject([{ state: 'pending', cycle: 2 }, { state: 'parked' }]);
  });

  test('a resume ends when its endpoint is paused again or deleted meanwhile', async () => {
    const paused = await addEndpoint(api);
    const deleted = await addEndpoint(api);
    await to(paused, 'pause');
    await api.call('DELETE', `/v1/endpoints/${deleted}`);
    const held = await addDelivery(api, { ...parked, endpoint_id: paused });
    const ended = await addDelivery(api, { ...parked, endpoint_id: deleted });
    expect(await setParkedPending(api.db, paused)).toBe(0);
    expect(await setParkedPending(api.db, deleted)).toBe(0);
    await settleForgotten(api.db);
    const rows = await api.db('deliveries').whereIn('id', [held, ended]).orderBy('id');
    expect(rows).toMatchObject([{ state: 'parked', cycle: 1 }, { state: 'cancelled' }]);
  });

  test('nothing is held back for an endpoint that was deleted while it was paused', async () => {
    const endpointId = await addEndpoint(api);
    await to(endpointId, 'pause');
    const kept = await addDelivery(api, { endpoint_id: endpointId });
    expect(await setParked(api.db, { id: kept, cycle: 1, endpointId })).toBe(true);
    await api.call('DELETE', `/v1/endpoints/${endpointId}`);
    const late = await addDelivery(api, { endpoint_id: endpointId });
    expect(await setParked(api.db, { id: late, cycle: 1, endpointId })).toBe(false);
    expect(await lockStopped(api.db, [endpointId])).toEqual(new Map());
  });

  test('what a deleted endpoint held back ends as cancelled', async () => {
    const endpoint_id = await addEndpoint(api);
    const id = await addDelivery(api, { endpoint_id, state: 'parked' });
    await api.call('DELETE', `/v1/endpoints/${endpoint_id}`);
    expect((await api.call('GET', `/v1/deliveries/${id}`)).body).toMatchObject({
      state: 'cancelled',
      last_reason: 'endpoint_deleted',
      endpoint: { id: endpoint_id, is_deleted: true },
    });
  });

  test("another tenant's endpoint is not there", async () => {
    const id = await addEndpoint(api);
    const key = await api.makeKey(['read', 'write']);
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    for (const move of ['pause', 'resume', 'disable', 'secrets', 'test-events']) {
      const init = { method: 'POST', headers, body: '{}' };
      expect((await api.fetch(`/v1/endpoints/${id}/${move}`, init)).status).toBe(404);
    }
    expect((await api.fetch(`/v1/endpoints/${id}/secrets`, { headers })).status).toBe(404);
    expect((await api.call('GET', `/v1/endpoints/${id}`)).body).toMatchObject({ state: 'enabled' });
  });
});

describe('endpointSecretRoutes()', () => {
  test('a new secret is shown once, and the earlier one ends after the overlap', async () => {
    const id = await addEndpoint(api);
    const path = `/v1/endpoints/${id}/secrets`;
    const made = await api.call('POST', path, { overlap_hours: 2 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ secret: 'whsec_c2VjcmV0', expires_at: null });
    const listed = await api.call('GET', path);
    expect(listed.text).not.toContain('whsec_');
    const [newest, earlier] = listed.body['data'] as Record<string, string>[];
    expect(newest).toMatchObject({ id: made.body['id'], expires_at: null });
    const endsInMs = Date.parse(earlier?.['expires_at'] ?? '') - Date.now();
    expect(Math.abs(endsInMs - 2 * 3_600_000)).toBeLessThan(10_000);

    await api.call('POST', path, { overlap_hours: 168 });
    const later = (await api.call('GET', path)).body['data'] as Record<string, string>[];
    expect(later).toHaveLength(3);
    expect(later[2]).toEqual(earlier); // A longer overlap does not lengthen what ends before.
    expect(await actionsOn(id)).toContain('endpoint.rotate_secret');
  });

  test.each([
    [0, 201],
    [168, 201],
    [-1, 422],
    [169, 422],
  ])('an overlap of %d hours is answered %d', async (overlap_hours, status) => {
    const path = `/v1/endpoints/${await addEndpoint(api)}/secrets`;
    expect((await api.call('POST', path, { overlap_hours })).status).toBe(status);
  });

  test('an eleventh valid secret is refused', async () => {
    const path = `/v1/endpoints/${await addEndpoint(api)}/secrets`;
    const statuses: number[] = [];
    for (let count = 2; count <= 11; count += 1) {
      statuses.push((await api.call('POST', path, {})).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 9 }, () => 201), 422]);
  });
});

describe('findEndpointHealth()', () => {
  test('tells rate, latencies and the failures since the last success', async () => {
    const endpoint_id = await addEndpoint(api);
    const at = (second: number): Date => new Date(Date.now() - 100_000 + second * 1000);
    const outcomes = [null, 'status', null, 'timeout', 'status'] as const;
    for (const [index, reason] of outcomes.entries()) {
      const state = reason === null ? 'delivered' : 'retrying';
      const id = await addDelivery(api, { endpoint_id, state });
      const { created_at } = deliveryKey(id);
      await api.db('attempts').insert({
        delivery_id: id,
        delivery_created_at: created_at,
        cycle: 1,
        number: 1,
        started_at: at(index),
        duration_ms: (index + 1) * 10,
        status: 200,
        reason,
        response_headers: {},
        response_body: Buffer.alloc(0),
        retry_after_ms: null,
      });
    }
    const { body } = await api.call('GET', `/v1/endpoints/${endpoint_id}`);
    expect(body['health']).toMatchObject({
      last_24h: { deliveries: 5, delivered: 2, dead: 0, attempts: 5, failed_attempts: 3 },
      success_rate: 0.4,
      p50_ms: 30,
      p95_ms: 50,
      consecutive_failures: 2,
    });
    const listed = await api.call('GET', `/v1/endpoints?text=${endpoint_id}`);
    expect(listed.body['data']).toMatchObject([
      {
        recent: {
          deliveries: 5,
          delivered: 2,
          retrying: 3,
          dead: 0,
          last_failed_at: expect.any(String) as string,
        },
      },
    ]);
  });

  test('an endpoint without deliveries has no rate', async () => {
    const id = await addEndpoint(api);
    const { body } = await api.call('GET', `/v1/endpoints/${id}`);
    expect(body['health']).toMatchObject({
      success_rate: null,
      p50_ms: null,
      last_success_at: null,
    });
    const listed = await api.call('GET', `/v1/endpoints?text=${id}`);
    expect(listed.body['data']).toMatchObject([{ recent: { last_failed_at: null } }]);
  });
});
