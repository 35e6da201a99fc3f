import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ApplicationFailure } from '@temporalio/activity';
import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAttempt } from '../../activities/attempt.ts';
import { makeHttpClient } from '../../activities/http.ts';
import { makeTokens } from '../../activities/oauth-tokens.ts';
import type { Event } from '../../src/domain/event.ts';
import { makeAckTokens } from '../../src/runtime/ack-token.ts';
import { makePublish } from '../../src/runtime/publish.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { makeEgress } from '../../src/runtime/egress.ts';
import { sealAuth } from '../../src/runtime/endpoint-auth.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { makeSealer } from '../../src/runtime/sealing.ts';
import { recordAttempts } from '../../src/store/attempts.ts';
import { recordEndpoint } from '../../src/store/endpoints.ts';
import { setParked, setParkedPending } from '../../src/store/parked-deliveries.ts';
import { setDue } from '../../src/store/steering.ts';
import { ensureTenant } from '../../src/store/tenants.ts';
import { startConsumer } from '../support/consumer.ts';
import type { Consumer } from '../support/consumer.ts';
import { freshDatabase } from '../support/database.ts';
import { turnParts } from '../support/turns.ts';

let db: Knex;
let consumer: Consumer;
const http = makeHttpClient(makeEgress(['127.0.0.0/8']));
const tokens = makeTokens(http);
const sealer = makeSealer(randomBytes(32));
const ackTokens = makeAckTokens(randomBytes(32), 'https://durahook.example');
beforeAll(async () => {
  db = await freshDatabase();
  consumer = await startConsumer();
});
afterAll(async () => {
  await http.close();
  await consumer.close();
  await db.destroy();
});

/** The schedule of a process that is told nothing. */
const { DELIVERY_SCHEDULE: schedule } = readConfig({
  DATABASE_URL: 'postgres://localhost/x',
  TEMPORAL_ADDRESS: 'localhost:7233',
  MASTER_KEY: randomBytes(32).toString('base64'),
});

async function planDelivery(path: string): Promise<string> {
  const { id: tenant_id } = await ensureTenant(db, path, makeId('ten'));
  const secretId = makeId('sec');
  await recordEndpoint(
    db,
    {
      id: makeId('ep'),
      tenant_id,
      url: `${consumer.url}${path}`,
      description: null,
      event_types: ['*'],
    },
    { id: secretId, sealed: sealer.seal(secretId, 'whsec_c2VjcmV0') },
  );
  const starter = { start: async () => true, close: async () => undefined };
  const publish = makePublish({
    db,
    recorder: makeRecorder(db),
    starter,
    triggers: { plan: () => [] },
  });
  const type = 'session.archived';
  const { eventId } = await publish({ tenantId: tenant_id, type, data: { session_id: 's' } });
  const row = await db('deliveries').where({ event_id: eventId }).first();
  return row?.id ?? '';
}

async function attempt(deliveryId: string, number: number): Promise<unknown> {
  if (number > 1) {
    await db('deliveries')
      .where({ id: deliveryId, attempt_count: number - 1 })
      .whereNotNull('next_attempt_at')
      .update({ next_attempt_at: new Date() }); // Temporal asks when it is due.
  }
  return attemptNow(deliveryId, number);
}

async function attemptNow(deliveryId: string, number: number): Promise<unknown> {
  const record = async (item: Parameters<typeof recordAttempts>[1][number]) => {
    const [end = { isParked: false }] = await recordAttempts(db, [item]);
    return end;
  };
  const settings = { timeoutMs: 2000, userAgent: 'Durahook/test' };
  const parts = { db, http, tokens, sealer, ackTokens, record, ...settings, ...turnParts(db) };
  return makeAttempt(parts, { deliveryId, cycle: 1, schedule }, number).catch(
    (error: unknown) => error,
  );
}

test('each failed attempt carries its exact wait: 30 s, 2 min, 10 min, 1 h, and the fifth none', async () => {
  const deliveryId = await planDelivery('/waits');
  consumer.always('/waits', 500);
  const waits: unknown[] = [];
  for (const number of [1, 2, 3, 4, 5]) {
    const failure = await attempt(deliveryId, number);
    if (!(failure instanceof ApplicationFailure)) throw new Error(`Attempt ${number} did not fail`);
    waits.push(failure.nextRetryDelay);
  }
  expect(waits).toEqual([30_000, 120_000, 600_000, 3_600_000, undefined]);
});

test('Retry-After lengthens a wait up to an hour and never shortens it', async () => {
  const deliveryId = await planDelivery('/busy');
  const busy = (seconds: string) => (response: ServerResponse) => {
    response.writeHead(503, { 'retry-after': seconds }).end();
  };
  consumer.plan('/busy', busy('60'), busy('5'), busy('999999999999'));
  expect(await attempt(deliveryId, 1)).toMatchObject({ nextRetryDelay: 60_000 });
  expect(await attempt(deliveryId, 2)).toMatchObject({ nextRetryDelay: 120_000 });
  expect(await attempt(deliveryId, 3)).toMatchObject({ nextRetryDelay: 3_600_000 });
});

test('an attempt without a token is recorded as failed, with what the token endpoint did', async () => {
  const deliveryId = await planDelivery('/no-token');
  consumer.always('/token', 503);
  const { id = '' } =
    (await db('endpoints').where('url', `${consumer.url}/no-token`).first()) ?? {};
  const token_url = `${consumer.url}/token`;
  const auth = { kind: 'oauth2', token_url, client_id: 'c', scope: null } as const;
  const auth_sealed = sealAuth(sealer, id, { client_secret: 's' });
  await db('endpoints').where({ id }).update({ auth, auth_sealed });
  expect(await attempt(deliveryId, 1)).toMatchObject({
    type: 'AttemptFailed',
    message: 'auth',
    nextRetryDelay: 30_000,
  });
  const row = await db('attempts').where({ delivery_id: deliveryId }).first();
  expect(row).toMatchObject({ number: 1, reason: 'auth', status: null });
  expect(row?.response_body.toString()).toBe('The token endpoint answered 503');
  expect(consumer.at('/no-token')).toEqual([]);
});

test('an attempt that is recorded is not posted again: its outcome stands', async () => {
  const deliveryId = await planDelivery('/once');
  consumer.plan('/once', 500, 200);
  await attempt(deliveryId, 1);
  expect(await attempt(deliveryId, 1)).toMatchObject({
    type: 'AttemptFailed',
    nextRetryDelay: 30_000,
  });
  expect(consumer.at('/once')).toHaveLength(1);
});

test('a poke that came while an attempt was under way is no reason to make the next one early', async () => {
  const deliveryId = await planDelivery('/early');
  consumer.plan('/early', 500, 200);
  await attemptNow(deliveryId, 1);
  expect(await attemptNow(deliveryId, 2)).toEqual({
    status: null,
    durationMs: 0,
    again: { number: 2, waitMs: expect.closeTo(30_000, -4) as unknown },
  });
  expect(consumer.at('/early')).toHaveLength(1);
  const row = await db('deliveries').where({ id: deliveryId }).first();
  await setDue(db, row ? [{ ...row, started_at: new Date() }] : []); // A person wants it now.
  expect(await attemptNow(deliveryId, 2)).toMatchObject({ status: 200 });
});

test('while the endpoint is paused nothing is sent and no attempt is used up', async () => {
  const deliveryId = await planDelivery('/paused');
  consumer.plan('/paused', 500);
  await attempt(deliveryId, 1);
  await db('endpoints').where('url', `${consumer.url}/paused`).update({ state: 'paused' });
  const parked = { status: null, durationMs: 0, isParked: true };
  expect(await attempt(deliveryId, 2)).toEqual(parked);
  expect(await attempt(deliveryId, 2)).toEqual(parked); // A worker that died before it could tell.
  expect(await db('deliveries').where({ id: deliveryId }).first()).toMatchObject({
    state: 'parked',
    last_reason: 'endpoint_paused',
    attempt_count: 1,
    next_attempt_at: null,
    started_at: expect.any(Date) as unknown,
  });
  expect(consumer.at('/paused')).toHaveLength(1);
});

test('a delivery that was parked is not sent by its old cycle once the endpoint is resumed', async () => {
  const deliveryId = await planDelivery('/resumed');
  const { id = '' } = (await db('endpoints').where('url', `${consumer.url}/resumed`).first()) ?? {};
  await db('endpoints').where({ id }).update({ state: 'paused' });
  await attempt(deliveryId, 1);
  await db('endpoints').where({ id }).update({ state: 'enabled' });
  expect(await attempt(deliveryId, 1)).toMatchObject({ isParked: true });
  expect(await setParkedPending(db, id)).toBe(1);
  expect(await attempt(deliveryId, 1)).toEqual({ status: null, durationMs: 0 });
  expect(consumer.at('/resumed')).toEqual([]);
});

test('a resume waits for a delivery that is being parked, and then finds it', async () => {
  const deliveryId = await planDelivery('/raced');
  const { id: endpointId = '' } =
    (await db('endpoints').where('url', `${consumer.url}/raced`).first()) ?? {};
  await db('endpoints').where({ id: endpointId }).update({ state: 'paused' });
  await db.transaction(async (tx) => {
    expect(await setParked(tx, { id: deliveryId, cycle: 1, endpointId })).toBe(true);
    const resume = db('endpoints').where({ id: endpointId }).forUpdate().noWait().first();
    await expect(resume).rejects.toThrow('could not obtain lock');
  });
  await db('endpoints').where({ id: endpointId }).update({ state: 'enabled' });
  expect(await setParkedPending(db, endpointId)).toBe(1);
  expect(await setParked(db, { id: deliveryId, cycle: 2, endpointId })).toBe(false);
});

test('what is published to an endpoint that was resumed in that moment is not held back', async () => {
  await planDelivery('/born');
  const endpoint = await db('endpoints').where('url', `${consumer.url}/born`).first();
  if (!endpoint) throw new Error('The endpoint was not written');
  const event = outboundEvent(endpoint.tenant_id);
  const paused = { ...endpoint, state: 'paused' as const }; // As it was read before the resume.
  const seen = [{ endpoint: paused, orderKey: null, failure: null }];
  const { deliveries } = await makeRecorder(db).recordOutbound(event, seen, []);
  expect(deliveries).toMatchObject([{ state: 'pending', last_reason: null }]);
  expect(await db('deliveries').where({ event_id: event.id })).toMatchObject([
    { state: 'pending' },
  ]);
});

test('what is published while an endpoint is being changed does not wait for that', async () => {
  await planDelivery('/busy');
  const endpoint = await db('endpoints').where('url', `${consumer.url}/busy`).first();
  if (!endpoint) throw new Error('The endpoint was not written');
  const paused = { ...endpoint, state: 'paused' as const };
  const seen = [{ endpoint: paused, orderKey: null, failure: null }];
  await db('endpoints').where({ id: endpoint.id }).update({ state: 'paused' });
  const publish = async () => {
    const event = outboundEvent(endpoint.tenant_id);
    return (await makeRecorder(db).recordOutbound(event, seen, [])).deliveries;
  };
  expect(await publish()).toEqual([]); // Held back.
  await db.transaction(async (tx) => {
    await tx('endpoints').where({ id: endpoint.id }).forUpdate();
    expect(await publish()).toMatchObject([{ state: 'pending' }]); // Or it waits for this transaction.
  });
});

test('what comes in is committed by one statement', async () => {
  const statements: string[] = [];
  const note = ({ sql }: { sql: string }): unknown => statements.push(sql);
  db.on('query', note);
  await makeRecorder(db).recordInbound({ ...outboundEvent('ten_1'), direction: 'inbound' }, []);
  db.off('query', note);
  expect(statements).toHaveLength(1);
});

test('410 disables the endpoint and is not retried', async () => {
  const deliveryId = await planDelivery('/gone');
  consumer.always('/gone', 410);
  expect(await attempt(deliveryId, 1)).toMatchObject({ type: 'EndpointGone', nonRetryable: true });
  expect(await db('endpoints').where('url', `${consumer.url}/gone`).first()).toMatchObject({
    state: 'disabled',
    state_reason: 'gone',
  });
});

function outboundEvent(tenantId: string): Event {
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
