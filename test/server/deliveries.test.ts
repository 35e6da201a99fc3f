import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliveryKey } from '../../src/store/deliveries.ts';
import type { AttemptRow } from '../../src/store/delivery-tables.ts';
import { addDelivery, addEndpoint, addEvent } from './rows.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(async () => api.close());

async function addAttempt(id: string, over: Partial<AttemptRow> = {}): Promise<void> {
  await api.db('attempts').insert({
    delivery_id: id,
    delivery_created_at: deliveryKey(id).created_at,
    cycle: 1,
    number: 1,
    started_at: new Date(),
    duration_ms: 12,
    status: 500,
    reason: 'status',
    response_headers: {},
    response_body: Buffer.from('no'),
    retry_after_ms: null,
    ...over,
  });
}

describe('deliveryRoutes()', () => {
  test('a list is narrowed by type, time and the beginning of an id', async () => {
    const endpoint_id = 'ep_narrow';
    const id = await addDelivery(api, { endpoint_id, event_type: 'tool.called' });
    await new Promise((resolve) => setTimeout(resolve, 5)); // Another instant, so another beginning.
    const later = await addDelivery(api, { endpoint_id });
    const { event_id, created_at } = (await api.db('deliveries').where({ id }).first()) ?? {};
    const at = created_at?.toISOString() ?? '';
    const list = async (query: string): Promise<unknown> => {
      const { body } = await api.call('GET', `/v1/deliveries?endpoint_id=${endpoint_id}&${query}`);
      return (body['data'] as { id: string }[]).map((row) => row.id);
    };
    const before = new Date((created_at?.getTime() ?? 0) + 1).toISOString();
    expect(await list('event_type=tool.called')).toEqual([id]);
    expect(await list(`from=${at}`)).toEqual([later, id]);
    expect(await list(`from=${at}&to=${before}`)).toEqual([id]);
    expect(await list(`to=${at}`)).toEqual([]);
    for (const text of [id, id.slice(0, 20), id.slice(4, 24), `${id}-c2`, event_id ?? '']) {
      expect({ text, ids: await list(`text=${text}`) }).toEqual({ text, ids: [id] });
    }
    expect(await list(`text=${event_id?.slice(4, 30)}`)).toEqual([id]);
    expect(await list(`text=${id.slice(0, 8)}`)).toEqual([later, id]);
    expect(await list(`text=evt_${id.slice(4)}`)).toEqual([]);
  });

  test.each(['abc', 'dlv_', 'session.created', '%', 'dlv_0199zz'])(
    'refuses the text "%s", which begins no id',
    async (text) => {
      const answer = await api.call('GET', `/v1/deliveries?text=${encodeURIComponent(text)}`);
      expect(answer.status).toBe(422);
    },
  );

  test('the ladder of a delivery that is retried shows what was, what is next and what may come', async () => {
    const endpoint_id = await addEndpoint(api);
    const next_attempt_at = new Date(Date.now() + 60_000);
    const retrying = { state: 'retrying', attempt_count: 2, next_attempt_at } as const;
    const id = await addDelivery(api, { endpoint_id, cycle: 2, ...retrying });
    await addAttempt(id, { cycle: 1, status: 410, reason: 'gone' });
    await addAttempt(id, { cycle: 2, retry_after_ms: 60_000 });
    await addAttempt(id, { cycle: 2, number: 2, status: null, reason: 'timeout' });
    const { body } = await api.call('GET', `/v1/deliveries/${id}`);
    expect(body).toMatchObject({
      workflow_id: `${id}-c2`,
      endpoint_url: 'https://example.com/hook',
      schedule: [0, 30_000, 120_000, 600_000, 3_600_000],
      endpoint: { id: endpoint_id, state: 'enabled', is_deleted: false },
      ladder: [
        { number: 1, state: 'failed', planned_wait_ms: 0, attempt: { next_wait_ms: 60_000 } },
        { number: 2, state: 'failed', attempt: { reason: 'timeout', next_wait_ms: 120_000 } },
        { number: 3, state: 'scheduled', at: next_attempt_at.toISOString() },
        { number: 4, state: 'waiting', planned_wait_ms: 600_000, at: null },
        { number: 5, state: 'waiting', at: null },
      ],
      cycles: [
        { cycle: 1, workflow_id: id, attempts: [{ reason: 'gone', next_wait_ms: null }] },
        { cycle: 2, workflow_id: `${id}-c2`, attempts: [{ number: 1 }, { number: 2 }] },
      ],
    });
  });

  test.each([
    ['delivered', new Date(), ['done', 'unused', 'unused', 'unused', 'unused']],
    ['pending', new Date(), ['running', 'waiting', 'waiting', 'waiting', 'waiting']],
    ['pending', null, ['scheduled', 'waiting', 'waiting', 'waiting', 'waiting']],
    ['parked', null, ['waiting', 'waiting', 'waiting', 'waiting', 'waiting']],
    ['skipped', null, ['unused', 'unused', 'unused', 'unused', 'unused']],
  ] as const)(
    'the ladder of a delivery that is %s, started %s',
    async (state, started_at, rungs) => {
      const id = await addDelivery(api, { state, started_at });
      if (state === 'delivered') await addAttempt(id, { status: 200, reason: null });
      const { body } = await api.call('GET', `/v1/deliveries/${id}`);
      expect((body['ladder'] as { state: string }[]).map((rung) => rung.state)).toEqual(rungs);
      expect(body['endpoint']).toBeNull();
    },
  );

  test('attempts tell when they were signed and how long the next one waits', async () => {
    const id = await addDelivery(api, { state: 'retrying' });
    await addAttempt(id, { started_at: new Date('2026-01-31T12:00:00.900Z') });
    const { body } = await api.call('GET', `/v1/deliveries/${id}/attempts`);
    expect(body['data']).toMatchObject([
      { timestamp: '1769860800', retry_after_ms: null, next_wait_ms: 30_000, response_body: 'no' },
    ]);
  });
});

describe('what a delivery of many redrives answers', () => {
  test('attempts of one cycle, of all the newest 200; of the cycles the newest 20', async () => {
    const id = await addDelivery(api, { cycle: 45, state: 'retrying' });
    for (let cycle = 1; cycle <= 45; cycle += 1) {
      for (let number = 1; number <= 5; number += 1) await addAttempt(id, { cycle, number });
    }
    const keysOf = async (query: string): Promise<string[]> => {
      const { body } = await api.call('GET', `/v1/deliveries/${id}/attempts${query}`);
      const rows = body['data'] as { cycle: number; number: number }[];
      return rows.map(({ cycle, number }) => `${cycle}.${number}`);
    };
    const all = await keysOf('');
    expect([all.length, all[0], all.at(-1)]).toEqual([200, '6.1', '45.5']);
    expect(await keysOf('?cycle=2')).toEqual(['2.1', '2.2', '2.3', '2.4', '2.5']);
    expect(await keysOf('?cycle=46')).toEqual([]);
    const { status } = await api.call('GET', `/v1/deliveries/${id}/attempts?cycle=0`);
    expect(status).toBe(422);
    const { body } = await api.call('GET', `/v1/deliveries/${id}`);
    const cycles = body['cycles'] as { cycle: number; attempts: unknown[] }[];
    expect([cycles.length, cycles[0]?.cycle, cycles.at(-1)?.cycle]).toEqual([20, 26, 45]);
    expect(cycles.every(({ attempts }) => attempts.length === 5)).toBe(true);
  });
});

describe('deliveryRequestRoutes()', () => {
  test('shows what was sent, and commands that come to the same signatures', async () => {
    const sent = Buffer.from(`{"text":"it's 5 € \\"now\\""}`);
    const event_id = await addEvent(api, { type: 'session.created', body: sent });
    const id = await addDelivery(api, { endpoint_id: await addEndpoint(api), event_id });
    const started_at = new Date(Date.now() + 1000);
    await addAttempt(id, { started_at });
    const { status, body, text } = await api.call('GET', `/v1/deliveries/${id}/request`);
    expect(status).toBe(200);
    expect(text).not.toContain('whsec_c2VjcmV0');
    const headers = body['headers'] as Record<string, string>;
    const timestamp = String(Math.floor(started_at.getTime() / 1000));
    expect(body).toMatchObject({
      is_sent: true,
      cycle: 1,
      number: 1,
      method: 'POST',
      url: 'https://example.com/hook',
      body: sent.toString(),
      timestamp,
      headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'x-webhook-attempt': '1' },
      signed: [
        { header: 'webhook-signature', base_string_prefix: `${id}.${timestamp}.` },
        { header: 'x-webhook-signature', base_string_prefix: `${timestamp}.` },
      ],
    });
    const { shell } = body['verify'] as { shell: string };
    const env = { PATH: process.env['PATH'], SECRET: 'whsec_c2VjcmV0' };
    const printed = execFileSync('sh', ['-c', shell], { env }).toString();
    expect(printed).toBe(
      `webhook-signature: ${headers['webhook-signature']}\nx-webhook-signature: ${headers['x-webhook-signature']}\n`,
    );
  });

  test('shows an attempt to come, and none that was not made and will not be', async () => {
    const event_id = await addEvent(api, { body: Buffer.from([0xff]) });
    const id = await addDelivery(api, { endpoint_id: await addEndpoint(api), event_id, cycle: 2 });
    const path = `/v1/deliveries/${id}/request`;
    const coming = await api.call('GET', `${path}?number=2`);
    expect(coming.body).toMatchObject({
      is_sent: false,
      cycle: 2,
      number: 2,
      body: null,
      body_base64: '/w==',
      headers: {
        'x-webhook-attempt': '2',
        'webhook-signature': null, // Whoever reads could send it before the platform does.
        'x-webhook-signature': null,
      },
      signed: [
        { base_string_prefix: expect.stringContaining(`${id}.`) as string },
        { base_string_prefix: expect.stringMatching(/^\d+\.$/) as string },
      ],
    });
    expect((await api.call('GET', `${path}?cycle=1`)).status).toBe(404);
    expect((await api.call('GET', `${path}?number=6`)).status).toBe(404);
    expect((await api.call('GET', `${path}?number=0`)).status).toBe(422);
  });

  test.each([
    ['pending', 200],
    ['retrying', 200],
    ['parked', 200],
    ['delivered', 404],
    ['dead', 404],
    ['cancelled', 404],
    ['skipped', 404],
  ] as const)(
    'an attempt that was not made of a delivery that is %s: %d',
    async (state, status) => {
      const event_id = await addEvent(api);
      const id = await addDelivery(api, { endpoint_id: await addEndpoint(api), event_id, state });
      const path = `/v1/deliveries/${id}/request?number=2`;
      expect((await api.call('GET', path)).status).toBe(status);
    },
  );

  test('a secret that was made after an attempt is not said to have signed it', async () => {
    const endpoint_id = await addEndpoint(api);
    const event_id = await addEvent(api);
    const id = await addDelivery(api, { endpoint_id, event_id });
    await api
      .db('endpoint_secrets')
      .where({ endpoint_id })
      .update({ created_at: new Date(0) });
    await addAttempt(id, { started_at: new Date(Date.now() - 60_000) });
    await api.call('POST', `/v1/endpoints/${endpoint_id}/secrets`, {});
    const signatures = async (query: string): Promise<number> => {
      const { body } = await api.call('GET', `/v1/deliveries/${id}/request${query}`);
      return String((body['headers'] as Record<string, string>)['webhook-signature']).split(' ')
        .length;
    };
    expect(await signatures('')).toBe(1);
    await addAttempt(id, { number: 2, started_at: new Date(Date.now() + 1000) });
    expect(await signatures('')).toBe(2);
  });
});

describe('deliveryRedriveRoutes()', () => {
  test('of two redrives at once one opens the next cycle and the other is refused', async () => {
    const id = await addDelivery(api, { state: 'dead' });
    const wakes = api.wakes();
    const redrive = () => api.call('POST', `/v1/deliveries/${id}/redrive`);
    const answers = await Promise.all([redrive(), redrive()]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
    const bodies = answers.map(({ body }) => body);
    expect(bodies).toContainEqual({ id, cycle: 2, workflow_id: `${id}-c2` });
    expect(bodies).toContainEqual(
      expect.objectContaining({ type: '/problems/delivery-not-ended' }),
    );
    expect(api.wakes()).toBe(wakes + 1);
    expect(await api.db('audit_log').where({ subject: id })).toMatchObject([
      { action: 'delivery.redrive', detail: { cycle: 2, from: 'dead' } },
    ]);
  });

  test.each([
    ['delivered', 202],
    ['parked', 202],
    ['cancelled', 202],
    ['skipped', 202],
    ['pending', 409],
    ['retrying', 409],
  ] as const)('a delivery that is %s is answered %d', async (state, status) => {
    const id = await addDelivery(api, { state });
    expect((await api.call('POST', `/v1/deliveries/${id}/redrive`)).status).toBe(status);
  });

  test("another tenant's delivery is not there", async () => {
    const id = await addDelivery(api, { state: 'dead', tenant_id: 'ten_other' });
    expect((await api.call('POST', `/v1/deliveries/${id}/redrive`)).status).toBe(404);
    expect((await api.call('GET', `/v1/deliveries/${id}/request`)).status).toBe(404);
  });
});
