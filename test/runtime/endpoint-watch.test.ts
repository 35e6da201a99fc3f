import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAfterEndpoints } from '../../src/runtime/endpoint-watch.ts';
import type { EndpointWatchParts } from '../../src/runtime/endpoint-watch.ts';
import { makePublish } from '../../src/runtime/publish.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { recordDeadDelivery } from '../../src/store/dead-letters.ts';
import type { DeliveryRow, EndpointRow } from '../../src/store/delivery-tables.ts';
import type { FailingEndpointRow } from '../../src/store/endpoint-health-tables.ts';
import { recordDisabled } from '../../src/store/failing-endpoints.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { freshDatabase } from '../support/database.ts';
import {
  addDelivery as addDeliveryRow,
  addEndpoint as addEndpointRow,
} from '../store/failing-rows.ts';

let db: Knex;
beforeAll(async () => {
  db = await freshDatabase();
  await ensureTenant(db, 'acme', 'ten_1');
});
afterAll(() => db.destroy());

const dayMs = 86_400_000;
const since = new Date('2026-01-31T12:00:00.000Z');

const addEndpoint = (over: Partial<EndpointRow> = {}): Promise<EndpointRow> =>
  addEndpointRow(db, { event_types: ['endpoint.*'], ...over });

async function addFailing(
  { id: endpoint_id }: EndpointRow,
  over: Partial<FailingEndpointRow> = {},
): Promise<void> {
  await db('failing_endpoints').insert({
    endpoint_id,
    tenant_id: 'ten_1',
    failing_since: since,
    failures: 10,
    last_failed_at: since,
    last_status: 503,
    last_reason: 'status',
    stage: 1,
    ...over,
  });
}

const addDelivery = (endpoint: EndpointRow, over: Partial<DeliveryRow> = {}): Promise<string> =>
  addDeliveryRow(db, endpoint, { state: 'retrying', ...over });

function makeParts(): EndpointWatchParts & { readonly wakes: () => number } {
  let wakes = 0;
  const starter = { start: async () => true, close: async () => undefined };
  const triggers = { plan: () => [] };
  return {
    db,
    log: pino({ level: 'silent' }),
    publish: makePublish({ db, recorder: makeRecorder(db), starter, triggers }),
    wake: () => (wakes += 1),
    probeIntervalMs: 30_000,
    wakes: () => wakes,
  };
}

interface Told {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** The operational events of an endpoint, oldest first, as consumers get them. */
async function toldOf({ id }: EndpointRow): Promise<Told[]> {
  const rows = await db('events').where('type', 'like', 'endpoint.%').orderBy('id');
  return rows
    .map(({ body }) => JSON.parse(body.toString()) as Told)
    .filter(({ data }) => data['endpoint_id'] === id);
}

const rowOf = ({ id }: EndpointRow) => db('failing_endpoints').where({ endpoint_id: id }).first();

describe('lookAfterEndpoints()', () => {
  test('tells each stage once, to those that asked for it and never to the endpoint itself', async () => {
    const endpoint = await addEndpoint({ event_types: ['*', 'endpoint.failing'] });
    const named = await addEndpoint({ event_types: ['endpoint.failing'] });
    const all = await addEndpoint({ event_types: ['*'] });
    const parts = makeParts();
    await addFailing(endpoint);
    await lookAfterEndpoints(parts);
    await lookAfterEndpoints(parts);
    await db('failing_endpoints')
      .where({ endpoint_id: endpoint.id })
      .update({ stage: 2, failures: 50 });
    await Promise.all([lookAfterEndpoints(parts), lookAfterEndpoints(makeParts())]);
    expect(await toldOf(endpoint)).toMatchObject([
      {
        type: 'endpoint.failing',
        data: {
          url: endpoint.url,
          stage: 1,
          failures: 10,
          since: since.toISOString(),
          reason: 'status',
          last_status: 503,
        },
      },
      { type: 'endpoint.failing', data: { stage: 2, failures: 50 } },
    ]);
    const countOf = async ({ id }: EndpointRow) =>
      (await db('deliveries').where({ endpoint_id: id })).length;
    expect(await countOf(named)).toBe(2);
    expect(await countOf(all)).toBe(0);
    expect(await countOf(endpoint)).toBe(0);
  });

  test('what could not be published is published at the next look, once', async () => {
    const endpoint = await addEndpoint();
    const parts = makeParts();
    await addFailing(endpoint);
    let calls = 0;
    const publish: EndpointWatchParts['publish'] = async (publication) => {
      calls += 1;
      if (calls === 1) throw new Error('No connection');
      await parts.publish(publication);
      throw new Error('The answer is lost');
    };
    await lookAfterEndpoints({ ...parts, publish });
    expect(await toldOf(endpoint)).toHaveLength(0);
    await lookAfterEndpoints({ ...parts, publish });
    expect(await toldOf(endpoint)).toHaveLength(1);
    await lookAfterEndpoints(parts);
    expect(await toldOf(endpoint)).toHaveLength(1);
    expect(await db('operational_notices')).toHaveLength(0);
  });

  test.each([
    ['told failing', 1],
    ['not told failing', 0],
  ])('an endpoint that was %s and has recovered is forgotten', async (_, told_stage) => {
    const endpoint = await addEndpoint();
    const recovered_at = new Date(since.getTime() + 1000);
    await addFailing(endpoint, { told_stage, recovered_at });
    await lookAfterEndpoints(makeParts());
    expect(await rowOf(endpoint)).toBeUndefined();
    const data = {
      since: since.toISOString(),
      recovered_at: recovered_at.toISOString(),
      failures: 10,
    };
    expect(await toldOf(endpoint)).toMatchObject(
      told_stage === 0 ? [] : [{ type: 'endpoint.recovered', data }],
    );
  });

  test.each([
    ['for five days and 250 times', 5 * dayMs, 250, 'retry', 'disabled'],
    ['for less than five days', 5 * dayMs - 1, 250, 'retry', 'enabled'],
    ['fewer than 250 times', 5 * dayMs, 249, 'retry', 'enabled'],
    ['while its deliveries wait', 5 * dayMs, 250, 'park', 'enabled'],
  ] as const)('one that failed %s: %i ms, %i times, %s is %s', async (...row) => {
    const [, lastingMs, failures, on_outage, state] = row;
    const endpoint = await addEndpoint({ on_outage });
    const last_failed_at = new Date(since.getTime() + lastingMs);
    await addFailing(endpoint, { failures, last_failed_at, told_stage: 1 });
    await lookAfterEndpoints(makeParts());
    const state_reason = state === 'disabled' ? 'failing' : null;
    expect(await db('endpoints').where({ id: endpoint.id }).first()).toMatchObject({
      state,
      state_reason,
    });
    expect((await toldOf(endpoint)).map(({ type, data }) => [type, data['reason']])).toEqual(
      state === 'disabled' ? [['endpoint.disabled', 'failing']] : [],
    );
  });

  test('tells of an endpoint that a person or a 410 disabled', async () => {
    const endpoint = await addEndpoint();
    await recordDisabled(db, endpoint, 'operator');
    await lookAfterEndpoints(makeParts());
    expect(await toldOf(endpoint)).toMatchObject([
      { type: 'endpoint.disabled', data: { reason: 'operator', since: null, failures: 0 } },
    ]);
  });

  test.each([
    ['wishes for it', true, 1, ['redriven', 'open'], 'pending'],
    ['does not wish for it', false, 1, ['open', 'open'], 'dead'],
    ['was not failing but for one event', true, 0, ['open', 'open'], 'dead'],
  ] as const)('what died since an endpoint was failing is redriven when it %s', async (...row) => {
    const [, redrives_on_recovery, stage, letters, state] = row;
    const endpoint = await addEndpoint({ redrives_on_recovery });
    const [dead, before] = [await addDelivery(endpoint), await addDelivery(endpoint)];
    for (const id of [dead, before]) await recordDeadDelivery(db, { id, cycle: 1 }, 'timeout');
    await db('failed_cycles')
      .where({ id: before })
      .update({ died_at: new Date(since.getTime() - 1) });
    await addFailing(endpoint, { recovered_at: new Date(), stage, told_stage: stage });
    const parts = makeParts();
    await lookAfterEndpoints(parts);
    const stateOf = async (id: string) => (await db('failed_cycles').where({ id }).first())?.state;
    expect([await stateOf(dead), await stateOf(before)]).toEqual(letters);
    expect(await db('deliveries').where({ id: dead }).first()).toMatchObject({ state });
    const isRedriven = state === 'pending';
    expect(await db('audit_log').where({ subject: dead })).toMatchObject(
      isRedriven ? [{ actor: 'recovery', action: 'dead_letter.redrive' }] : [],
    );
    expect(parts.wakes() > 0).toBe(isRedriven);
  });

  test('lets go what an outage held back, and tells of the recovery when nothing waits any more', async () => {
    const endpoint = await addEndpoint({ on_outage: 'park' });
    const id = await addDelivery(endpoint, { state: 'parked', last_reason: 'outage' });
    await addFailing(endpoint, { recovered_at: new Date(), drained_to: '', told_stage: 1 });
    const parts = makeParts();
    await lookAfterEndpoints(parts);
    expect(await db('deliveries').where({ id }).first()).toMatchObject({ state: 'pending' });
    expect(parts.wakes()).toBe(1);
    expect(await toldOf(endpoint)).toHaveLength(0);
    const a_while_ago = new Date(Date.now() - 20_000);
    await db('failing_endpoints')
      .where({ endpoint_id: endpoint.id })
      .update({ drain_at: a_while_ago });
    await lookAfterEndpoints(parts);
    expect(await toldOf(endpoint)).toMatchObject([{ type: 'endpoint.recovered' }]);
  });

  test('a paused endpoint is not probed, and one that is deleted is forgotten', async () => {
    const outage = { outage_since: since, probe_at: since, told_stage: 1 };
    const paused = await addEndpoint({ on_outage: 'park', state: 'paused' });
    const id = await addDelivery(paused, { state: 'parked', last_reason: 'outage' });
    await addFailing(paused, outage);
    const deleted = await addEndpoint({ deleted_at: new Date() });
    await addFailing(deleted, outage);
    await lookAfterEndpoints(makeParts());
    expect(await db('deliveries').where({ id }).first()).toMatchObject({ state: 'parked' });
    expect(await rowOf(deleted)).toBeUndefined();
  });
});
