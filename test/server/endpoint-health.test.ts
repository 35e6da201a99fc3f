import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailingEndpointRow } from '../../src/store/endpoint-health-tables.ts';
import { addDelivery, addEndpoint } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const since = new Date('2026-01-31T12:00:00.000Z');
const later = new Date('2026-01-31T12:10:00.000Z');

async function addFailing(over: Partial<FailingEndpointRow> = {}): Promise<string> {
  const endpoint_id = await addEndpoint(api);
  await api.db('failing_endpoints').insert({
    endpoint_id,
    tenant_id: api.tenantId,
    failing_since: since,
    failures: 12,
    last_failed_at: later,
    last_reason: 'timeout',
    stage: 1,
    ...over,
  });
  return endpoint_id;
}

async function healthOf(id: string): Promise<unknown> {
  return (await api.call('GET', `/v1/endpoints/${id}`)).body['health'];
}

async function failing(): Promise<unknown> {
  const { body } = await api.call('GET', '/v1/endpoints?health=failing&limit=200');
  return (body['data'] as { id: string }[]).map(({ id }) => id);
}

const healthy = {
  deadline_ms: 2000,
  consecutive_failures: 0,
  stage: 0,
  failing_since: null,
  outage: null,
  recovering: false,
};

describe('the health of an endpoint', () => {
  test('that does not fail', async () => {
    const id = await addEndpoint(api);
    await api.call('PATCH', `/v1/endpoints/${id}`, { timeout: '5s' });
    expect(await healthOf(id)).toMatchObject({ ...healthy, deadline_ms: 5000 });
    expect(await failing()).not.toContain(id);
  });

  test('that fails, and whose deliveries wait', async () => {
    const id = await addFailing({ outage_since: later, probes: 3, probe_at: later });
    const parked = { endpoint_id: id, state: 'parked' } as const;
    await addDelivery(api, { ...parked, last_reason: 'outage' });
    await addDelivery(api, { ...parked, last_reason: 'held' });
    expect(await healthOf(id)).toMatchObject({
      ...healthy,
      consecutive_failures: 12,
      stage: 1,
      failing_since: since.toISOString(),
      outage: {
        since: later.toISOString(),
        probes: 3,
        next_probe_at: later.toISOString(),
        parked: 1,
      },
    });
    expect(await failing()).toContain(id);
    const { body } = await api.call('GET', `/v1/endpoints?text=${id}`);
    expect(body['data']).toMatchObject([{ id, stage: 1 }]);
  });

  test('that answers and gets what waited', async () => {
    const id = await addFailing({ recovered_at: later, drained_to: '' });
    expect(await healthOf(id)).toMatchObject({ ...healthy, recovering: true });
    expect(await failing()).not.toContain(id);
  });
});

describe('a person', () => {
  test('who resumes it ends the outage and lets go what waits for its end', async () => {
    const id = await addFailing({ outage_since: later, probe_at: later });
    const waits = await addDelivery(api, {
      endpoint_id: id,
      state: 'parked',
      last_reason: 'outage',
    });
    const { status, body } = await api.call('POST', `/v1/endpoints/${id}/resume`, {});
    expect([status, body['resumed']]).toEqual([200, 1]);
    expect(await api.db('deliveries').where({ id: waits }).first()).toMatchObject({
      state: 'pending',
    });
    expect(await healthOf(id)).toMatchObject({ outage: null, stage: 1 });
  });

  test('who wants an attempt now makes the delivery the probe', async () => {
    const id = await addFailing({ outage_since: later, probe_at: later });
    const deliveryId = await addDelivery(api, {
      endpoint_id: id,
      state: 'parked',
      last_reason: 'outage',
    });
    const { status } = await api.call('POST', `/v1/deliveries/${deliveryId}/attempt-now`);
    expect(status).toBe(202);
    expect(await api.db('failing_endpoints').where({ endpoint_id: id }).first()).toMatchObject({
      probe_id: deliveryId,
    });
  });

  test('who disables it is told of to those who asked', async () => {
    const id = await addFailing();
    await api.call('POST', `/v1/endpoints/${id}/disable`);
    await api.call('POST', `/v1/endpoints/${id}/disable`);
    expect(await api.db('operational_notices').where({ endpoint_id: id })).toMatchObject([
      {
        type: 'endpoint.disabled',
        data: { reason: 'operator', failures: 12, since: since.toISOString() },
      },
    ]);
    expect(await healthOf(id)).toMatchObject(healthy);
  });
});
